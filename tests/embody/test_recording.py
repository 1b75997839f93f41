import numpy as np
import pytest

from embody import recording_file
from embody.errors import EmbodyError, UnknownNameError
from embody.layout import Channel
from embody.recording import TIME, Recording, Signal
from embody.recording_writer import SAMPLES_PER_CHUNK, RecordingWriter

VOLTAGE = Signal("voltage", ("time", "neuron"), ("AVAL", "AVAR"), "mV", "membrane potential")
META = {"env": {"id": "Toy-v0", "kwargs": {}}, "seed": 3, "interrupted": False}


@pytest.fixture
def recording():
    time = np.arange(7) * 0.05
    voltage = np.linspace(-60, 20, 14, dtype=np.float32).reshape(7, 2)
    return Recording({"time": time, "voltage": voltage}, (TIME, VOLTAGE), META)


def test_arrays_by_name_and_label(recording):
    assert recording.seconds == pytest.approx(0.3)
    assert len(recording) == 7
    np.testing.assert_array_equal(recording.trace("voltage", "AVAR"), recording["voltage"][:, 1])
    with pytest.raises(UnknownNameError, match="valid names: time, voltage"):
        recording["posture"]
    with pytest.raises(UnknownNameError, match="AVAL, AVAR"):
        recording.trace("voltage", "AVB")


def test_a_window_keeps_times_and_meta(recording):
    window = recording.window(0.1, 0.2)
    np.testing.assert_allclose(window.time, [0.1, 0.15])
    assert window.meta == META


def test_file_round_trip(recording, tmp_path):
    path = recording.save(tmp_path / "runs" / "toy.npz")
    loaded = Recording.load(path)
    assert loaded.signals == recording.signals
    assert loaded.meta == META
    for name, array in recording.arrays.items():
        np.testing.assert_array_equal(loaded[name], array)
        assert loaded[name].dtype == array.dtype
    with np.load(path, allow_pickle=False) as plain:
        np.testing.assert_array_equal(plain["voltage"], recording["voltage"])


def test_the_same_content_gives_the_same_bytes(recording, tmp_path):
    first = recording.save(tmp_path / "first.npz").read_bytes()
    assert recording.save(tmp_path / "second.npz").read_bytes() == first
    timed = Recording(recording.arrays, recording.signals, META, wall_s=1.5)
    assert timed.save(tmp_path / "third.npz").read_bytes() == first


@pytest.mark.parametrize("keep", [0, 1, 100, 500, -1])
def test_a_truncated_file_is_one_clear_sentence(recording, tmp_path, keep):
    path = recording.save(tmp_path / "toy.npz")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(EmbodyError, match=r"toy\.npz is damaged or not a recording"):
        Recording.load(path)


def test_flipped_bytes_never_pass_silently(recording, tmp_path):
    path = recording.save(tmp_path / "toy.npz")
    content = path.read_bytes()
    for position in range(0, len(content), 41):
        damaged = bytearray(content)
        damaged[position] ^= 0x55
        path.write_bytes(damaged)
        try:
            loaded = Recording.load(path)
        except EmbodyError:
            continue
        np.testing.assert_array_equal(loaded["voltage"], recording["voltage"])
        assert loaded.meta == META


def test_wrong_kinds_of_file(tmp_path):
    with pytest.raises(EmbodyError, match="there is no recording"):
        Recording.load(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(EmbodyError, match="no header"):
        Recording.load(tmp_path / "other.npz")
    np.savez(tmp_path / "pickled.npz", header=np.array([{}], dtype=object))
    with pytest.raises(EmbodyError, match="not a recording"):
        Recording.load(tmp_path / "pickled.npz")
    with pytest.raises(EmbodyError, match="not an unfinished recording"):
        Recording.load(tmp_path)


def test_a_bad_name_is_refused_before_anything_is_written(recording, tmp_path):
    with pytest.raises(EmbodyError, match=r"ends in \.npz"):
        recording.save(tmp_path / "toy.mp4")
    assert list(tmp_path.iterdir()) == []


def test_shapes_and_labels_must_agree(recording):
    with pytest.raises(EmbodyError, match="one signal for each array"):
        Recording({"time": np.zeros(2)}, (TIME, VOLTAGE), {})
    with pytest.raises(EmbodyError, match="3 entries and 2 labels"):
        Recording({"time": np.zeros(2), "voltage": np.zeros((2, 3))}, (TIME, VOLTAGE), {})
    with pytest.raises(EmbodyError, match="not 2 samples"):
        Recording({"time": np.zeros(2), "voltage": np.zeros((3, 2))}, (TIME, VOLTAGE), {})


def test_a_channel_becomes_a_signal():
    channel = Channel("joint_angle", ("joint01", "joint02"), "rad", -1.0, 1.0, "dorsal positive")
    assert Signal.of_channel(channel) == Signal(
        "joint_angle", ("time", "joint_angle"), ("joint01", "joint02"), "rad", "dorsal positive"
    )


def write_samples(writer, count):
    for index in range(count):
        writer.append({"time": index * 0.05, "voltage": (index, -index)})


@pytest.mark.parametrize("count", [0, 1, SAMPLES_PER_CHUNK, SAMPLES_PER_CHUNK + 3])
def test_the_writer_keeps_every_sample(tmp_path, count):
    path = tmp_path / "toy.npz"
    writer = RecordingWriter((TIME, VOLTAGE), {"time": (), "voltage": (2,)}, META, path)
    write_samples(writer, count)
    recording = writer.finish(end="seconds")
    np.testing.assert_array_equal(recording["voltage"][:, 1], -np.arange(count))
    assert Recording.load(path).meta == {**META, "end": "seconds"}
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_run_leaves_a_readable_folder(tmp_path):
    path = tmp_path / "toy.npz"
    writer = RecordingWriter((TIME, VOLTAGE), {"time": (), "voltage": (2,)}, META, path)
    write_samples(writer, SAMPLES_PER_CHUNK + 3)
    assert not path.exists()
    partial = tmp_path / f"toy.npz{recording_file.PARTIAL_SUFFIX}"
    with (partial / "voltage.bin").open("ab") as file:
        file.write(b"half a sample")
    left = Recording.load(partial)
    assert len(left) == SAMPLES_PER_CHUNK
    assert left.meta["interrupted"] is True
    assert left.signals == (TIME, VOLTAGE)
