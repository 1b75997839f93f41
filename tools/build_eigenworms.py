"""Rebuild assets/worm/eigenworms.csv: `python tools/build_eigenworms.py master_eigen_worms_N2.mat`.

The argument is the file of that name in open_worm_analysis_toolbox/features of the repository
github.com/openworm/open-worm-analysis-toolbox (MIT). Needs h5py.
"""

import argparse
import datetime
import hashlib
import io
import json
from pathlib import Path

import h5py
import numpy as np

from embody.atomic_file import write_text

TARGET = Path(__file__).resolve().parent.parent / "assets" / "worm" / "eigenworms.csv"
SOURCE_SHA256 = "14aefe9dbf4e45b99fc11248d8a44f943f74159b2f7db3cafe322a49110ca030"


def main() -> None:
    """Write the table and its sidecar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="master_eigen_worms_N2.mat")
    source = parser.parse_args().file
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"{source} has sha256 {found}, expected {SOURCE_SHA256}")
    with h5py.File(source) as file:
        modes = np.asarray(file["eigenWorms"])
    header = ",".join(f"ew{number}" for number in range(1, modes.shape[1] + 1))
    text = io.StringIO()
    np.savetxt(text, modes, delimiter=",", header=header, comments="")
    write_text(TARGET, text.getvalue())
    write_text(TARGET.with_suffix(".json"), json.dumps(sidecar(text.getvalue()), indent=2) + "\n")


def sidecar(table: str) -> dict[str, object]:
    """Return the provenance of the table."""
    return {
        "table": TARGET.name,
        "title": "Eigenworms: the main modes of posture of wild-type (N2) adults crawling on agar",
        "source": "master eigenworms of the Schafer laboratory's Worm Analysis Toolbox, "
        "as distributed with the Open Worm Analysis Toolbox "
        "(open_worm_analysis_toolbox/features/master_eigen_worms_N2.mat); "
        "method: Stephens et al. 2008; data: Yemini et al. 2013",
        "doi": ["10.1371/journal.pcbi.1000028", "10.1038/nmeth.2560"],
        "packages": ["GitHub openworm/open-worm-analysis-toolbox f4f28a9629de (MIT)"],
        "licence": "MIT, (c) Medical Research Council 2012, (c) OpenWorm Foundation",
        "columns": {
            f"ew{number}": f"mode {number}: 48 tangent angles, head to tail, mean 0, norm 1 [rad]"
            for number in range(1, 8)
        },
        "source_sha256": SOURCE_SHA256,
        "sha256": hashlib.sha256(table.encode()).hexdigest(),
        "script": "tools/build_eigenworms.py",
        "date": datetime.date.today().isoformat(),
    }


if __name__ == "__main__":
    main()
