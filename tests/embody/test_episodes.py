import pytest
from toy_loop import ToyController, ToyEnv

import embody
from embody import perturb
from embody.episodes import Episodes
from embody.errors import EmbodyError, UnknownNameError
from embody.interruption import Interrupted
from embody.recording import Recording

ENV = "toy_loop:Toy-v0"
TOY = "toy_loop:make_toy"


def test_one_recording_for_each_seed_in_order(tmp_path):
    recordings = embody.rollouts(ENV, TOY, [3, 1], out=tmp_path)
    assert [recording.meta["seed"] for recording in recordings] == [3, 1]
    for recording in recordings:
        assert recording.meta["end"] == "truncated"
        assert recording.seconds == 1.0
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "toy_loop-Toy-v0_toy_loop-make_toy_seed1.npz",
        "toy_loop-Toy-v0_toy_loop-make_toy_seed3.npz",
    ]


def test_seconds_extend_the_time_limit():
    (recording,) = embody.rollouts(ENV, TOY, [0], seconds=3.0)
    assert recording.seconds == 3.0
    assert recording.meta["end"] == "seconds"


def test_options_reach_env_and_controller():
    (recording,) = embody.rollouts(
        ENV, TOY, [0], env_options={"noise": 0.5}, controller_options={"gain": 2.0}
    )
    assert recording.meta["env"] == {"id": "Toy-v0", "kwargs": {"noise": 0.5}}
    assert recording.meta["controller"]["gain"] == 2.0
    with pytest.raises(UnknownNameError, match="did you mean noise"):
        embody.rollouts(ENV, TOY, [0], env_options={"nois": 0.5})
    with pytest.raises(UnknownNameError, match="did you mean gain"):
        embody.rollouts(ENV, TOY, [0], controller_options={"gian": 0.5})
    with pytest.raises(EmbodyError, match="env_options"):
        embody.rollout(ToyEnv(), ToyController(), 1.0, env_options={"noise": 0.5})


def test_other_settings_go_to_other_files():
    names = {
        Episodes(ENV, TOY, perturbations=perturbations, env_options=options).file_name(0)
        for perturbations in ((), (perturb.silence("AVAL"),), (perturb.silence("AVAL", stop_s=1),))
        for options in ({}, {"noise": 0.5})
    }
    assert len(names) == 6


def test_wrong_numbers_are_refused():
    with pytest.raises(EmbodyError, match="seed of its own"):
        embody.rollouts(ENV, TOY, [1, 1])
    with pytest.raises(EmbodyError, match="workers"):
        embody.rollouts(ENV, TOY, [1, 2], workers=0)


def test_bytes_do_not_depend_on_the_number_of_workers(tmp_path):
    perturbations = [perturb.silence("AVAL", start_s=0.5)]
    for workers in (1, 2):
        out = tmp_path / str(workers)
        recordings = embody.rollouts(
            ENV, TOY, [0, 1, 2], perturbations=perturbations, out=out, workers=workers,
            seconds=0.9,
        )  # fmt: skip
        assert [recording.meta["seed"] for recording in recordings] == [0, 1, 2]
    for path in (tmp_path / "1").iterdir():
        assert path.read_bytes() == (tmp_path / "2" / path.name).read_bytes()


def test_an_interrupted_series_keeps_what_it_had(tmp_path, monkeypatch):
    run = Episodes.run

    def run_interrupted(self, seed, out=None, progress=False):
        def stop(time_s, sample):
            if seed == 1 and time_s == 0.5:
                raise KeyboardInterrupt

        return run(self, seed, out, progress, stop)

    monkeypatch.setattr(Episodes, "run", run_interrupted)
    with pytest.raises(Interrupted) as caught:
        embody.rollouts(ENV, TOY, [0, 1, 2], out=tmp_path)
    assert [r.meta["interrupted"] for r in caught.value.recordings] == [False, True]
    kept = [Recording.load(path) for path in sorted(tmp_path.iterdir())]
    assert [recording.seconds for recording in kept] == [1.0, 0.5]
