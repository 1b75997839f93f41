"""Colours of the fly and of the plain floor."""

COLOURS: dict[str, tuple[float, float, float, float]] = {
    "thorax": (0.72, 0.48, 0.20, 1.0),
    "scutellum": (0.66, 0.42, 0.17, 1.0),
    "stripe": (0.42, 0.26, 0.11, 1.0),
    "abdomen": (0.83, 0.62, 0.30, 1.0),
    "band": (0.20, 0.12, 0.07, 1.0),
    "head": (0.74, 0.51, 0.23, 1.0),
    "eye": (0.62, 0.07, 0.06, 1.0),
    "leg": (0.76, 0.55, 0.27, 1.0),
    "tarsus": (0.52, 0.35, 0.16, 1.0),
    "wing": (0.80, 0.85, 0.92, 0.32),
    "vein": (0.35, 0.28, 0.20, 0.7),
    "haltere": (0.90, 0.80, 0.55, 1.0),
    "floor": (0.86, 0.86, 0.84, 1.0),
    "ball": (0.93, 0.93, 0.90, 1.0),
    "ball_mark": (0.25, 0.25, 0.28, 1.0),
}
"""Name of a part -> red, green, blue, opacity."""
