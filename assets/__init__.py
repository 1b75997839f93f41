"""Data shipped with the package: connectome tables and parameter sets, each with its provenance."""
