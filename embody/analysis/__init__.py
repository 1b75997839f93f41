"""What a recording says about behaviour."""
