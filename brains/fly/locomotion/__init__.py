"""How the fly moves its legs, proboscis and antennae: rhythms, programmes and reflexes."""
