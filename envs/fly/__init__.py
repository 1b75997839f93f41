"""Tasks of the fly, and controllers for them."""
