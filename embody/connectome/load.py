"""Connectomes that come with the package."""

import functools
from dataclasses import replace
from importlib import resources

import numpy as np

from embody.connectome.connectome import Connectome
from embody.connectome.edges import Edges
from embody.connectome.storage import parts_from_tables
from embody.connectome.tables import number_column, read_rows, text_column
from embody.errors import require_known

PACKAGED = ("worm",)


@functools.cache
def load_connectome(name: str = "worm", patch: bool = True) -> Connectome:
    """Return a connectome that comes with the package.

    "worm" is the adult hermaphrodite of *C. elegans*: 302 neurons, 95 body-wall muscles. Where
    each table comes from is told by the JSON file beside it, in `embody.assets.worm`.

    Parameters
    ----------
    name
        "worm".
    patch
        Add the four pairs of gap junctions (BDU-PLM, ALM-BDU) that the adjacency sheet of July
        2020 lacks, with the counts of Emmons 2024. False gives the sheet exactly.

    Raises
    ------
    UnknownNameError
        If no connectome has that name.

    References
    ----------
    Cook et al. (2019), Whole-animal connectomes of both Caenorhabditis elegans sexes, Nature.
    Emmons (2024), PLoS Biology 22:e3002939.
    """
    require_known("connectome", [name], PACKAGED)
    folder = resources.files("embody.assets.worm") / "connectome"
    sheet = Connectome(
        name=name,
        **parts_from_tables(
            folder / "chemical.csv",
            folder / "gap_junctions.csv",
            folder / "neuromuscular.csv",
            folder / "neurons.csv",
            folder / "muscles.csv",
        ),
    )
    if not patch:
        return sheet
    rows = read_rows(folder / "gap_junction_patch.csv", "patch", ("pre", "post", "sections"))
    added = Edges(
        pre=sheet.index(text_column(rows, "pre")),
        post=sheet.index(text_column(rows, "post")),
        sections=number_column(rows, "sections", "patch"),
    )
    columns = sheet.electrical.columns()
    patched = Edges(
        **{key: np.concatenate([old, added.columns()[key]]) for key, old in columns.items()}
    )
    return replace(sheet, electrical=patched)
