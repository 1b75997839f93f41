"""The benchmarks: what is timed, which are chosen, what a run of them leaves."""

import json
from dataclasses import asdict

import pytest

from embody import benchmark, registry
from embody.benchmark import Point, Remark, Row, side_by_side, timed
from embody.command_line import bench, bench_devices
from embody.command_line.bench_scaling_plot import PANELS
from embody.command_line.main import main
from embody.errors import UnknownNameError

KEYS = {"name", "value", "unit", "peer", "ratio"}
SLOW = ("worm-fit", "worm-memory", "worm-env", "worm-jax", "worm-body", "worm-compiled-parts")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only when something is called."""

    class Clock:
        now = 0.0

        def perf_counter(self):
            return self.now

        def taking(self, *durations):
            """Return a call that takes these times, the last one for ever."""
            left = list(durations)

            def call():
                self.now += left.pop(0) if len(left) > 1 else left[0]

            return call

    clock = Clock()
    monkeypatch.setattr(benchmark, "time", clock)
    return clock


@pytest.fixture
def toy(monkeypatch):
    """Register a benchmark that yields what it is given."""

    def give(*found):
        entry = registry.Entry("toy", "toy_loop:measure", "a toy")
        monkeypatch.setattr(registry.Entry, "load", lambda self: lambda seconds: iter(found))
        monkeypatch.setitem(registry._ENTRIES["benchmark"], "toy", entry)

    return give


def json_of(capsys, *arguments):
    assert main(["bench", *arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return json.loads(captured.out)


def test_the_first_call_is_warm_up_and_counts_for_nothing_else(clock):
    timing = timed(clock.taking(7.0, 0.5), seconds=3.0)
    assert timing.warm_up_s == 7.0
    assert timing.median_s == timing.low_s == timing.high_s == pytest.approx(0.5)
    assert timing.repetitions == 6


def test_short_calls_are_timed_in_batches_and_long_ones_at_least_three_times(clock):
    short = timed(clock.taking(1e-4), seconds=1.0)
    assert short.median_s == pytest.approx(1e-4)
    assert short.repetitions == pytest.approx(1.0 / benchmark.SHORTEST_BATCH_S, abs=1)
    assert timed(clock.taking(100.0), seconds=1.0).repetitions == 3


def test_median_and_quartiles_are_those_of_the_repetitions(clock):
    timing = timed(clock.taking(1.0, 5.0, 1.0, 2.0, 3.0, 4.0), seconds=14.0)
    assert (timing.low_s, timing.median_s, timing.high_s) == (2.0, 3.0, 4.0)
    row = timing.rate("toy", 12.0, "x")
    assert (row.low, row.value, row.high) == (3.0, 4.0, 6.0)
    row = timing.duration("toy", "ms", 1000.0)
    assert (row.low, row.value, row.high) == (2000.0, 3000.0, 4000.0)


def test_peers_take_turns_so_that_a_slow_moment_strikes_all(clock):
    order = []

    def call(name, seconds):
        def advance():
            order.append(name)
            clock.now += seconds

        return advance

    timings = side_by_side({"a": call("a", 1.0), "b": call("b", 2.0)}, seconds=30.0)
    assert order[2:] == ["a", "b"] * (len(order) // 2 - 1)
    assert timings["b"].median_s == 2.0 * timings["a"].median_s
    row = timings["a"].rate("toy", 1.0, "x").beside("b", 0.5)
    assert row.ratio == 2.0


def test_a_name_is_a_benchmark_its_start_one_of_its_rows_or_a_group():
    assert bench.chosen([]) == list(registry.entries("benchmark"))
    names = {
        name: [entry.name for entry in bench.chosen([name])]
        for name in ("fly", "worm-mujoco-realtime", "worm-jax-realtime", "worm-batch", "worm-env")
    }
    assert names == {
        "fly": ["fly-mujoco"],
        "worm-mujoco-realtime": ["worm-mujoco"],
        "worm-jax-realtime": ["worm-jax"],
        "worm-batch": ["worm-mujoco", "worm-jax"],
        "worm-env": ["worm-env"],
    }
    assert len(bench.chosen(["worm"])) > 5
    for unknown in ("wor", "horse"):
        with pytest.raises(UnknownNameError, match="worm-mujoco"):
            bench.chosen([unknown])


def test_rows_as_json_and_as_a_table(capsys, toy):
    row = Row("toy-call", 2.5, "x", low=2.0, high=3.0, warm_up_s=1.25).beside("a peer", 0.5)
    toy(row, Remark("no peer"), Remark("no peer"), Row("toy-lost", float("nan"), "x"))
    content = json_of(capsys, "toy")
    assert content["rows"][0] == asdict(row)
    assert set(content["rows"][0]) >= KEYS
    assert content["rows"][0]["ratio"] == 5.0
    assert content["rows"][1]["value"] is None
    assert content["remarks"] == ["no peer"]
    assert content["machine"]["cores"] >= 1
    assert {"processor", "gpus", "versions", "date"} <= set(content["machine"])
    assert main(["bench", "toy"]) == 0
    printed = capsys.readouterr().out
    for text in ("toy-call", "2 to 3", "a peer", "1.25 s", "note: no peer"):
        assert text in printed


def test_a_folder_receives_the_rows_and_the_plot(capsys, toy, empty_folder):
    rows = [
        Row(f"toy-{panel}-{size}", 10.0 * size, "x", point=Point(panel, "a line", size))
        for panel in PANELS
        for size in (1, 10, 100)
    ]
    toy(*rows)
    content = json_of(capsys, "toy", "--out", "out")
    assert json.loads((empty_folder / "out/bench.json").read_text())["rows"] == content["rows"]
    assert (empty_folder / "out/scaling.png").read_bytes().startswith(b"\x89PNG")
    toy(Row("toy-alone", 1.0, "x"))
    json_of(capsys, "toy", "--out", "plain")
    assert [path.name for path in (empty_folder / "plain").iterdir()] == ["bench.json"]


def test_a_file_in_the_place_of_the_folder_is_noticed_before_anything_is_measured(
    capsys, toy, empty_folder
):
    def never():
        raise AssertionError("measured")
        yield

    toy()
    (empty_folder / "taken").write_text("")
    assert main(["bench", "toy", "--out", "taken"]) == 2
    assert "is a file, not a folder" in capsys.readouterr().err


def test_what_third_parties_register_is_measured(capsys, monkeypatch):
    entry = registry.Entry("toy", "toy_loop:measure", "a toy")
    monkeypatch.setitem(registry._ENTRIES["benchmark"], "toy", entry)
    (row,) = json_of(capsys, "toy", "--seconds", "0.1")["rows"]
    assert row["name"] == "toy-call"
    assert row["value"] > 0


@pytest.fixture
def small(monkeypatch):
    """Make every benchmark as small as it can be."""
    jax = pytest.importorskip("jax")
    from embody.command_line import (
        bench_body,
        bench_brain,
        bench_compiled_parts,
        bench_fit,
        bench_memory,
        bench_neurons,
        bench_worm,
        bench_worm_env,
        bench_worm_jax,
        bench_worm_mujoco,
    )

    monkeypatch.setattr(bench_worm, "CONTROLLER", "open-loop")
    for module in (bench_worm_mujoco, bench_worm_jax, bench_body, bench_brain):
        monkeypatch.setattr(module, "SIZES", (2, 3))
    for name, value in (("SHORTEST_S", 0.1), ("LONGEST_S", 0.1)):
        monkeypatch.setattr(bench_worm_jax, name, value)
    monkeypatch.setattr(bench_worm_mujoco, "SYNC_WORMS", 2)
    monkeypatch.setattr(bench_worm_jax, "SYNC_WORMS", 2)
    monkeypatch.setattr(bench_worm_env, "SIZES", (2,))
    monkeypatch.setattr(bench_worm_env, "PEER_SIZE", 2)
    monkeypatch.setattr(bench_compiled_parts, "SIZE", 2)
    monkeypatch.setattr(bench_neurons, "SIZES", (302, 600))
    monkeypatch.setattr(bench_fit, "CANDIDATES", 4)
    monkeypatch.setattr(bench_fit, "STARTS", 2)
    monkeypatch.setattr(bench_fit, "SIMULATED_S", 0.5)
    monkeypatch.setattr(bench_memory, "SIZES", (1, 2048))
    monkeypatch.setattr(bench_memory, "SMALLER_SIZES", (1, 64))
    monkeypatch.setattr(bench_memory, "KINDS", {"mujoco": "on MuJoCo"})
    processor = bench_devices.Device(jax.devices("cpu")[0], "", "")
    monkeypatch.setattr(bench_devices, "jax_devices", lambda: [processor])


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, marks=pytest.mark.slow if entry.name in SLOW else ())
        for entry in registry.entries("benchmark")
    ],
    ids=lambda entry: entry.name,
)
def test_rows_begin_with_the_name_of_their_benchmark_and_say_what_they_are(entry, small):
    found = [*entry.load()(seconds=0.05)]
    rows = [row for row in found if isinstance(row, Row)]
    assert len(rows) >= 2
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert row.name.startswith(f"{entry.name}-") or row.name == entry.name
        assert row.value > 0
        assert (row.ratio is None) == (row.peer == "")
        if row.low is not None:
            assert row.low <= row.value <= row.high
        if row.point is not None:
            assert row.point.plot in PANELS
    if entry.name in ("worm-mujoco", "worm-jax"):
        by_size = [row.value for row in rows if row.point and row.name.count("-") == 3]
        headline = next(row for row in rows if row.name == f"{entry.name}-realtime")
        assert headline.value == max(by_size)
