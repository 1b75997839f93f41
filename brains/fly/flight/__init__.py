"""How a fly stays up: reflexes of halteres, and what steers them."""
