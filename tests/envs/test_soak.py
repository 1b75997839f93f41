"""The soak tool, on a short run: it repeats itself, and finds nothing wrong."""

import json
import subprocess
import sys


def soak(repository, *options):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(repository / "tools" / "soak.py"), "--quiet", *options],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_long_enough_run_stays_finite_and_does_not_grow(repository):
    report = soak(repository, "Worm-Crawl-v0", "--steps", "30000")
    assert report["finite"]
    assert report["episodes"] == 3
    assert report["memory_growth_mib"] < 5.0
