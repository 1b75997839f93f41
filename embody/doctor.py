"""What works on this machine, what is missing, and the command that mends it."""

import importlib.metadata
import platform as machine
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Literal

from embody.provenance import installed_version

DISTRIBUTION = "embody-sim"
PROBE_TIMEOUT_S = 60
LONGEST_DETAIL = 100

RENDERING = {
    "egl": "sudo apt-get install libegl1 libgl1  (and set MUJOCO_GL=egl)",
    "glfw": "needs a display; on Linux also: sudo apt-get install libglfw3",
    "osmesa": "sudo apt-get install libosmesa6  (and set MUJOCO_GL=osmesa)",
    "cgl": "update macOS, which brings it",
}
"""Platforms of OpenGL, and what each needs."""

Status = Literal["ok", "missing", "broken"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name
        What.
    status
        "ok", "missing" or "broken".
    detail
        Version, or what went wrong.
    remedy
        The command that mends it; empty if nothing needs mending.
    required
        Whether embody cannot do without.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ""
    required: bool = False


def examine() -> list[Check]:
    """Look at everything; starts short-lived processes to try the renderers."""
    return [
        _python(),
        *_requirements(),
        _envs(),
        *_rendering(),
        _video_encoder(),
        *_extras(),
    ]


def healthy(checks: list[Check]) -> bool:
    """Whether all that embody cannot do without is in order."""
    return all(check.status == "ok" for check in checks if check.required)


def _python() -> Check:
    return Check("python", "ok", f"{machine.python_version()} at {sys.executable}", required=True)


def _requirements() -> list[Check]:
    checks = []
    for name, extra in _declared():
        if extra is None:
            version = installed_version(name)
            status: Status = "missing" if version is None else "ok"
            remedy = "" if version else f"pip install {name}"
            checks.append(Check(name, status, version or "not installed", remedy, required=True))
    return checks


def _extras() -> list[Check]:
    by_extra: dict[str, list[str]] = {}
    for name, extra in _declared():
        if extra is not None and name != DISTRIBUTION:
            by_extra.setdefault(extra, []).append(name)
    checks = []
    for extra, names in by_extra.items():
        found = {name: installed_version(name) for name in names}
        lacking = [name for name, version in found.items() if version is None]
        have = ", ".join(f"{name} {version}" for name, version in found.items() if version)
        if lacking:
            detail = "; ".join(filter(None, (have, f"without {', '.join(lacking)}")))
            remedy = f'pip install "{DISTRIBUTION}[{extra}]"'
            checks.append(Check(f"extra {extra}", "missing", detail, remedy))
        else:
            checks.append(Check(f"extra {extra}", "ok", have))
    return checks


def _declared() -> list[tuple[str, str | None]]:
    """Return name and extra of every dependency the installed distribution declares."""
    declared = []
    for requirement in importlib.metadata.requires(DISTRIBUTION) or []:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        extra = re.search(r"""extra\s*==\s*['"]([^'"]+)""", requirement)
        if name:
            declared.append((name.group(), extra.group(1) if extra else None))
    return declared


def _envs() -> Check:
    code = (
        "import gymnasium, embody;"
        "env = gymnasium.make('Worm-Crawl-v0'); env.reset(seed=0);"
        "env.step(env.action_space.sample())"
    )
    error = _try(code)
    if error is None:
        return Check("worm body", "ok", "steps", required=True)
    return Check("worm body", "broken", error, f"pip install --upgrade {DISTRIBUTION}", True)


def _rendering() -> list[Check]:
    from embody.video import opengl

    errors = {platform: opengl.why_not(platform) for platform in opengl.platforms()}
    nothing_draws = all(errors.values())
    checks = []
    for platform, error in errors.items():
        name = f"rendering {platform}"
        if error is None:
            checks.append(Check(name, "ok", "draws"))
        else:
            remedy = RENDERING[platform] if nothing_draws else ""
            checks.append(Check(name, "missing", _shortened(error), remedy))
    if nothing_draws:
        checks.append(Check("rendering software", "ok", "videos are drawn without OpenGL"))
    return checks


def _video_encoder() -> Check:
    try:
        import imageio_ffmpeg

        executable = imageio_ffmpeg.get_ffmpeg_exe()
        return Check("ffmpeg", "ok", f"{imageio_ffmpeg.get_ffmpeg_version()} at {executable}")
    except (ImportError, RuntimeError) as error:
        return Check("ffmpeg", "missing", _last_line(str(error)), "pip install imageio-ffmpeg")


def _try(code: str) -> str | None:
    """Run code in a process of its own; return what went wrong, or None."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=PROBE_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {PROBE_TIMEOUT_S} s"
    if done.returncode == 0:
        return None
    return _last_error(done.stderr) or f"the process ended with status {done.returncode}"


def _last_error(stderr: str) -> str:
    errors = [
        line for line in stderr.splitlines() if re.match(r"^[A-Za-z_.]*(Error|Exception)", line)
    ]
    return _shortened(errors[0] if errors else _last_line(stderr))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_DETAIL else f"{text[:LONGEST_DETAIL]}..."


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""
