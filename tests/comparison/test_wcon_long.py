"""WCON that is read piece by piece is what it is when it is read whole."""

import json
import tracemalloc
import zipfile

import numpy as np
import pytest
from worm_like import wave_worm

from embody.comparison import read, write_wcon
from embody.comparison.readers import wcon_text
from embody.comparison.readers.number_lists import NumberLists
from embody.errors import EmbodyError

pytest.importorskip("ijson")
UNITS = {"t": "s", "x": "mm", "y": "mm"}


@pytest.fixture
def piecewise(monkeypatch):
    def switch(piece: int = 64):
        monkeypatch.setattr(wcon_text, "READ_WHOLE_BYTES", 0)
        monkeypatch.setattr(wcon_text, "_PIECE_BYTES", piece)

    return switch


def line(frames, **more):
    return {"id": "1", "t": [0.1 * k for k in range(frames)], **more}


def spine(frames, points=5, seed=0):
    random = np.random.default_rng(seed)
    x = np.linspace(1.0, 0.0, points) + random.normal(0, 0.01, (frames, points))
    return {"x": x.tolist(), "y": random.normal(0, 0.05, (frames, points)).tolist()}


def shorter(entry, *missing):
    for axis in "xy":
        for frame, row in missing:
            entry[axis][frame] = row
    return entry


CONTENTS = {
    "spine": line(12, **spine(12), head="L", ventral="CW"),
    "sides of each frame": line(12, **spine(12), head=["L"] * 12, ventral=["CCW"] * 12),
    "right to left": line(12, **spine(12), head="R"),
    "points": line(9, x=[0.01 * k for k in range(9)], y=[0.0] * 9),
    "one frame among others": [line(4, **spine(4)), {**line(1, **spine(1)), "t": [9.0]}],
    "whole numbers for times": line(4, x=[1, 2, 3, 4], y=[1, 2, 3, 4.5]),
    "two animals": [line(4, **spine(4)), line(4, **spine(4, seed=1)) | {"id": 2}],
    "missing": line(12, **shorter(spine(12), (3, [None] * 5), (5, None), (6, []), (7, [None]))),
    "origins": line(12, **spine(12), ox=[0.1 * k for k in range(12)], oy=2),
    "chunks": [
        line(6, **spine(6)),
        line(6, **spine(6, seed=1)) | {"t": [1.0 + 0.1 * k for k in range(6)]},
    ],
    "whole numbers": line(6, x=[[0, 1, 0]] * 6, y=[[0, 0, 0]] * 6),
    "entries of their own": line(12, **spine(12))
    | {"@lab": [[1, "b"], [[2]], {"c": [3], "d": "NaN,"}]},
}  # fmt: skip


def text_of(data):
    return json.dumps({"units": UNITS, "metadata": {"id": "s", "lab": [[1], ["x"]]}, "data": data})


def same(one, other):
    assert len(one) == len(other) > 0
    for a, b in zip(one, other, strict=True):
        assert a.hash() == b.hash()


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("piece", [7, 1 << 20])
def test_both_ways_find_the_same(tmp_path, piecewise, name, piece):
    path = tmp_path / "a.wcon"
    path.write_text(text_of(CONTENTS[name]), "utf-8")
    whole = read(path, frame_rate_hz=10.0)
    piecewise(piece)
    same(whole, read(path, frame_rate_hz=10.0))


@pytest.mark.parametrize("piece", [1, 2, 5, 64])
def test_nan_is_read_wherever_a_piece_ends(tmp_path, piecewise, piece):
    text = text_of(line(12, **shorter(spine(12), (3, [None] * 5), (11, [None] * 5))))
    path = tmp_path / "a.wcon"
    path.write_text(text.replace("null", "NaN"), "utf-8")
    whole = read(path)
    assert np.isnan(whole[0]["keypoints"][3]).all()
    piecewise(piece)
    same(whole, read(path))


def test_units_may_come_last_and_the_file_zipped(tmp_path, piecewise):
    content = {"data": [CONTENTS["spine"]], "units": UNITS}
    with zipfile.ZipFile(tmp_path / "a.wcon.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wcon", json.dumps(content))
    whole = read(tmp_path / "a.wcon.zip")
    piecewise()
    same(whole, read(tmp_path / "a.wcon.zip"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (text_of(CONTENTS["spine"])[:400], "damaged or not WCON"),
        (text_of(CONTENTS["spine"]) + "x", "damaged or not WCON"),
        ("[" * 100000, "nested more than"),
        ('{"units": ' * 1000, "nested more than"),
        ("[1, 2]", "must be one JSON object"),
        (text_of([]), "is empty"),
        (text_of(line(2, x=[1, 2], y=[1, 2])).replace("1, 2", "Infinity, 2"), "damaged"),
        (text_of(line(2, x=[1, 2], y=[1, 2])).replace("1, 2", "1e999, 2"), "infinite|damaged|big"),
        (text_of(line(2, x=["1", 2], y=[1, 2])), "must be numbers"),
        (text_of(line(2, x=[[1, "a"], [1, 2]], y=[[1, 2], [1, 2]])), "must be numbers"),
        (text_of(line(2, x=[[[1], [2]], [[1], [2]]], y=[1, 2])), "must be numbers"),
        (text_of(line(2, x=[True, 2], y=[1, 2])), "must be numbers"),
        (text_of(line(2, x=[1], y=[1, 2])), "1 entries for 2"),
        (text_of(line(2, x=[[1, 2], [1, 2, 3]], y=[1, 2])), "rows of 3 and of 2"),
        (
            text_of(line(2, x=[1, 2], y=[1, 2])).replace("[1, 2]", f"[{10**400}, 2]"),
            "numbers|damaged",
        ),
    ],
)
@pytest.mark.parametrize("in_pieces", [False, True])
def test_bad_text_is_one_sentence_both_ways(tmp_path, piecewise, text, message, in_pieces):
    (tmp_path / "a.wcon").write_text(text, "utf-8")
    if in_pieces:
        piecewise()
    elif "nested" in message:
        message = "damaged"
    with pytest.raises(EmbodyError, match=message) as told:
        read(tmp_path / "a.wcon")
    assert "\n" not in str(told.value)


def test_more_numbers_than_memory_should_hold_are_refused(tmp_path, piecewise, monkeypatch):
    piecewise(1 << 12)
    monkeypatch.setattr(wcon_text, "MOST_NUMBERS", 1000)
    for data in ([[]] * 2000, [line(300, **spine(300))]):
        (tmp_path / "a.wcon").write_text(text_of(data), "utf-8")
        with pytest.raises(EmbodyError, match="more than 1000 numbers"):
            read(tmp_path / "a.wcon")
    monkeypatch.setattr(wcon_text, "_MOST_OTHERS", 100)
    for data in ([{}] * 200, [0] * 200, ["x"] * 200):
        (tmp_path / "a.wcon").write_text(text_of(data), "utf-8")
        with pytest.raises(EmbodyError, match="more than"):
            read(tmp_path / "a.wcon")


def test_memory_is_that_of_the_numbers(tmp_path, piecewise):
    record = wave_worm(3000)
    path = write_wcon(tmp_path / "long.wcon", record)
    wcon_text.parse(path)
    peaks = []
    for switch in (lambda: None, lambda: piecewise(1 << 12)):
        switch()
        tracemalloc.start()
        content = wcon_text.parse(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(content["data"][0]["x"]) == 3000
    assert peaks[1] < 0.25 * peaks[0]
    assert peaks[1] < 1.5 * record["keypoints"].nbytes


def test_rows_keep_their_place():
    lists = NumberLists.of([1.0, [2.0, 3.0], None])
    assert len(lists) == 3
    with pytest.raises(ValueError, match="rows of 2 and of 1"):
        lists.table()
    assert NumberLists.of([[1, 2], [], None]).table()[1:].tolist() != [[1, 2]]
    assert lists.plain() == [[1.0], [2.0, 3.0], [pytest.approx(float("nan"), nan_ok=True)]]
