"""The compound eyes of the fly: 721 ommatidia each, seen by ray casting or by camera."""
