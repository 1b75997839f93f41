"""Measure what the worm does, its controls in the same tables: `python tools/evaluate_worm.py`.

STUDY is one of
  crawling      gait on agar against the literature
  causality     lesions, driven command neurons, damaged wirings, other media, touch
  chemotaxis    finding an odour, against every control
  strategy      how it finds it: klinotaxis, klinokinesis, orthokinesis
  all           everything

Each episode leaves a small JSON file in the folder of --out, so that a run goes on where it
stopped, and only what a new parameter set changes is run again; after a change of the code, use
another folder. The report is STUDY.md, STUDY.json and figures in the same folder (`evaluation.md`,
`evaluation.json` for all). Everything at full length takes some 25 minutes on two cores.
"""

import argparse
import hashlib
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from embody import provenance
from embody.brains.worm.parameters import load_parameters, shipped_parameters
from embody.command_line.exits import status_of_study
from embody.connectome import load_connectome
from embody.envs.worm.controllers import REWIRINGS
from embody.envs.worm.evaluation_cache import TrialCache
from embody.envs.worm.evaluation_chemotaxis import Chemotaxis
from embody.envs.worm.evaluation_crawling import Crawling
from embody.envs.worm.evaluation_drives import Drives
from embody.envs.worm.evaluation_lesions import Lesions
from embody.envs.worm.evaluation_plan import Plan
from embody.envs.worm.evaluation_report import write_report
from embody.envs.worm.evaluation_strategy import Strategies
from embody.envs.worm.evaluation_surroundings import Surroundings
from embody.envs.worm.evaluation_wiring import Wiring
from embody.errors import EmbodyError

STUDIES: dict[str, tuple[Any, ...]] = {
    "crawling": (Crawling(),),
    "causality": (Lesions(), Drives(), Wiring(), Surroundings()),
    "chemotaxis": (Chemotaxis(),),
    "strategy": (Strategies(),),
}
FIT_PREFIX = "connectome-seed-"


def main() -> int:
    """Read the command line, run what is missing, write and print the report."""
    options = _parser().parse_args()

    def study() -> None:
        paths = evaluate(options)
        print(paths[0].read_text(encoding="utf-8"))
        print("\n".join(str(path) for path in paths))

    return status_of_study(study)


def evaluate(options: argparse.Namespace) -> list[Path]:
    """Run the studies of a command line and write their report; return its files."""
    plan = plan_of(options)
    chosen = STUDIES.values() if options.study == "all" else [STUDIES[options.study]]
    studies = [study for several in chosen for study in several]
    cache = TrialCache(options.out / "episodes")
    orders = [order for study in studies for order in study.orders(plan)]
    cache.fill(orders, options.workers, progress=not options.quiet)
    chapters = [study.report(plan, cache) for study in studies]
    name = "evaluation" if options.study == "all" else options.study
    return write_report(options.out, name, chapters, _provenance(plan))


def plan_of(options: argparse.Namespace) -> Plan:
    """Return how much is run."""
    sets = _parameter_sets(options.fits)
    fits = {name: path for name, path in sets.items() if name.startswith(FIT_PREFIX)}
    plan = Plan(
        seeds=options.seeds,
        lesion_seeds=min(options.seeds, options.lesion_seeds),
        steering_seeds=min(options.seeds, options.steering_seeds),
        rewired_seeds=min(options.seeds, options.rewired_seeds),
        draws=options.draws,
        parameters=options.parameters,
        rewirings={k: sets[f"rewired-{k}"] for k in range(REWIRINGS) if f"rewired-{k}" in sets},
        other_fits={f"fit {name.removeprefix(FIT_PREFIX)}": path for name, path in fits.items()},
    )
    return plan if options.share == 1.0 else plan.shortened(options.share)


def _parameter_sets(folder: Path | None) -> dict[str, str]:
    """Return name or path of every parameter set by name: those shipped, and of a folder."""
    sets = {name: name for name in shipped_parameters()}
    if folder is not None:
        patterns = (f"{FIT_PREFIX}*.json", "rewired-*.json")
        found = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
        if not found:
            raise EmbodyError(f"{folder} has no files {' or '.join(patterns)}")
        sets |= {path.stem: str(path) for path in found}
    return sets


def _provenance(plan: Plan) -> dict[str, Any]:
    values = load_parameters(plan.parameters).values()
    return {
        "plan": asdict(plan),
        "parameters_sha256": hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest(),
        "connectome": load_connectome("worm").fingerprint(),
        "versions": provenance.versions(),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("study", nargs="?", default="all", choices=(*STUDIES, "all"), metavar="STUDY")
    add("--seeds", type=int, default=20, help="episodes of crawling and chemotaxis (20)")
    add("--lesion-seeds", type=int, default=5, help="episodes of each lesion (5)")
    add("--steering-seeds", type=int, default=10, help="chemotaxis episodes of each lesion (10)")
    add("--rewired-seeds", type=int, default=20, help="episodes of each rewiring and fit (20)")
    add("--draws", type=int, default=5, help="draws of each shuffle (5)")
    add("--share", type=float, default=1.0, help="length of every episode, of full length (1)")
    add("--parameters", default="connectome", help="parameter set of the animal, name or file")
    add("--fits", type=Path, help=f"folder with more {FIT_PREFIX}*.json and rewired-*.json")
    add("--workers", type=int, default=1, help="processes (1)")
    add("--out", type=Path, default=Path("runs/evaluation"), help="folder to write to")
    add("--quiet", action="store_true", help="no progress bar")
    return parser


if __name__ == "__main__":
    sys.exit(main())
