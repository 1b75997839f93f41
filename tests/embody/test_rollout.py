import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from toy_loop import PERIOD_S, Still, ToyController, ToyEnv

import embody
from embody import perturb
from embody.divergence import DivergenceError
from embody.errors import EmbodyError, UnknownNameError
from embody.interruption import Interrupted
from embody.recording import Recording


def test_the_loop_is_env_and_controller_in_lockstep():
    recording = embody.rollout(ToyEnv(), ToyController(), seconds=1.0, seed=4, every=1)
    env, controller = ToyEnv(), ToyController()
    observation, _ = env.reset(seed=4)
    controller.reset(seed=4)
    places = [env.place]
    for _ in range(200):
        observation, *_ = env.step(controller.act(observation))
        places.append(env.place)
    np.testing.assert_array_equal(recording["place"][:, 0], np.float32(places))


def test_samples_are_evenly_spaced_from_the_reset_on():
    recording = embody.rollout(ToyEnv(), ToyController(), seconds=2.0)
    np.testing.assert_array_equal(recording.time, np.round(np.arange(41) * 0.05, 2))
    assert recording["voltage"].shape == (41, 2)
    assert recording.signal("voltage").unit == "mV"
    assert recording.signal("place").unit == "mm"
    assert recording.meta["end"] == "seconds"
    assert recording.meta["steps"] == 400
    assert recording.wall_s > 0


def test_rewards_between_samples_are_summed():
    every_step = embody.rollout(ToyEnv(), ToyController(), seconds=2.0, every=1)
    sampled = embody.rollout(ToyEnv(), ToyController(), seconds=2.0)
    assert sampled["reward"].sum() == pytest.approx(every_step["reward"].sum(), rel=1e-5)
    assert sampled.meta["total_reward"] == pytest.approx(every_step["reward"].sum(), rel=1e-5)


def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        embody.rollout(ToyEnv(), ToyController(), 1.0, seed, path=tmp_path / f"{name}.npz")
    a, b, c = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert a == b
    assert a != c


def test_it_stops_when_the_episode_ends():
    recording = embody.rollout(ToyEnv(end_at=1.5), ToyController(gain=5.0), seconds=60.0)
    assert recording.meta["end"] == "terminated"
    assert recording.seconds < 60.0
    limited = gymnasium.wrappers.TimeLimit(ToyEnv(), 100)
    limited.unwrapped.spec = gymnasium.envs.registration.EnvSpec("Toy-v0", max_episode_steps=100)
    assert embody.rollout(limited, ToyController()).meta["end"] == "truncated"


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), float("inf")])
def test_seconds_must_be_positive(seconds):
    with pytest.raises(EmbodyError, match="positive"):
        embody.rollout(ToyEnv(), ToyController(), seconds=seconds)


@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_seeds_are_whole_numbers(seed):
    with pytest.raises(EmbodyError, match="whole number"):
        embody.rollout(ToyEnv(), ToyController(), seconds=1.0, seed=seed)


def test_wrong_arguments_are_explained(tmp_path):
    with pytest.raises(EmbodyError, match="say how many seconds"):
        embody.rollout(ToyEnv(), ToyController())
    with pytest.raises(EmbodyError, match="record period"):
        embody.rollout(ToyEnv(), ToyController(), 1.0, record_period_s=0.012)
    with pytest.raises(EmbodyError, match="every"):
        embody.rollout(ToyEnv(), ToyController(), 1.0, every=0)
    with pytest.raises(EmbodyError, match=r"\.npz"):
        embody.rollout(ToyEnv(), ToyController(), 1.0, path=tmp_path / "toy.mp4")
    with pytest.raises(UnknownNameError, match="Worm-Crawl-v0"):
        embody.rollout("Worm-Craw-v0", "random")
    slow = ToyController()
    slow.period_s = 0.01
    with pytest.raises(EmbodyError, match=r"acts every 0\.01 s"):
        embody.rollout(ToyEnv(), slow, 1.0)
    assert list(tmp_path.iterdir()) == []


def test_the_hook_sees_every_sample():
    seen = []
    embody.rollout(
        ToyEnv(),
        ToyController(),
        seconds=0.5,
        on_frame=lambda time_s, sample: seen.append((time_s, sample["voltage"].shape)),
    )
    assert len(seen) == 11
    assert seen[-1] == (pytest.approx(0.5), (2,))


def test_neurons_are_perturbed_by_the_controller():
    silenced = perturb.silence("AVAR", start_s=0.5)
    recording = embody.rollout(ToyEnv(), ToyController(), 1.0, perturbations=[silenced], every=1)
    voltage = recording.trace("voltage", "AVAR")
    assert np.abs(voltage[50:100]).min() > 0
    assert np.all(voltage[101:] == 0)
    assert recording.meta["perturbations"] == [silenced.to_dict()]
    with pytest.raises(EmbodyError, match="'still' has no neurons"):
        embody.rollout(ToyEnv(), Still(), 1.0, perturbations=[silenced])


def test_muscles_are_silenced_whatever_the_controller():
    env = ToyEnv(noise=0.0)
    gate = perturb.silence_muscles("left", "right")
    recording = embody.rollout(env, ToyController(), 2.0, perturbations=[gate], every=1)
    unmoved = embody.rollout(ToyEnv(noise=0.0), Still(), 2.0, every=1)
    np.testing.assert_array_equal(recording["place"], unmoved["place"])
    with pytest.raises(UnknownNameError, match="left, right"):
        embody.rollout(env, Still(), 1.0, perturbations=[perturb.silence_muscles("MDL01")], every=1)


def test_a_nan_in_the_brain_is_named_and_can_be_replayed(tmp_path):
    path = tmp_path / "toy.npz"
    with pytest.raises(DivergenceError, match="voltage of AVAR diverged") as caught:
        embody.rollout(ToyEnv(), ToyController(nan_after=437), 60.0, path=path)
    assert caught.value.time_s == pytest.approx(437 * PERIOD_S)
    kept = Recording.load(path)
    assert kept.meta["end"] == "diverged"
    assert np.isfinite(kept["voltage"]).all()
    env, controller, state, observation = embody.replay(
        caught.value.dump, ToyEnv(), ToyController(nan_after=437)
    )
    assert state.step == 437
    assert np.isfinite(state.voltage).all()
    state, action = controller.step(state, observation)
    assert np.isnan(action[1])
    with pytest.raises(EmbodyError, match="does not repeat itself"):
        embody.replay(caught.value.dump, ToyEnv(noise=0.2), ToyController(nan_after=437))
    with pytest.raises(EmbodyError, match="not the dump"):
        embody.replay(path, env, controller)


def test_a_nan_in_the_body_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DivergenceError, match="speed diverged") as caught:
        embody.rollout(ToyEnv(nan_after=10), ToyController(), 1.0)
    assert caught.value.dump.exists()


def test_a_body_that_diverges_leaves_a_dump_of_the_run(tmp_path):
    class Explodes(ToyEnv):
        def step(self, action):
            if self.steps == 30:
                raise DivergenceError("velocity of joint03", 0.15, "take a smaller step")
            return super().step(action)

    with pytest.raises(DivergenceError, match=r"joint03 diverged .* take a smaller step") as caught:
        embody.rollout(Explodes(), ToyController(), 1.0, path=tmp_path / "toy.npz")
    _, _, state, _ = embody.replay(caught.value.dump, Explodes(), ToyController())
    assert state.step == 30
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_an_error_in_the_env_keeps_what_was_recorded(tmp_path):
    class Breaks(ToyEnv):
        def step(self, action):
            if self.steps == 100:
                raise RuntimeError("broken")
            return super().step(action)

    path = tmp_path / "toy.npz"
    with pytest.raises(RuntimeError, match="broken"):
        embody.rollout(Breaks(), ToyController(), 10.0, path=path)
    assert Recording.load(path).meta["steps"] == 100


def test_interruption_keeps_the_recording(tmp_path):
    def press_control_c(time_s, sample):
        if time_s == 0.7:
            os.kill(os.getpid(), signal.SIGINT)

    path = tmp_path / "toy.npz"
    with pytest.raises(Interrupted) as caught:
        embody.rollout(ToyEnv(), ToyController(), 60.0, path=path, on_frame=press_control_c)
    (recording,) = caught.value.recordings
    assert recording.meta["interrupted"] is True
    assert recording.seconds == 0.7
    assert Recording.load(path).meta == recording.meta


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
import embody
from toy_loop import ToyController, ToyEnv
print("ready", flush=True)
embody.rollout(ToyEnv(end_at=1e9), ToyController(), 1e6, path={path!r})
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_process_leaves_what_it_had(tmp_path, number):
    path = tmp_path / "toy.npz"
    script = SCRIPT.format(tests=str(Path(__file__).parent), path=str(path))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    partial = tmp_path / "toy.npz.partial"
    deadline = time.monotonic() + 30
    while not (partial / "voltage.bin").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    process.wait(timeout=30)
    process.stdout.close()
    killed = number == signal.SIGKILL
    recording = Recording.load(partial if killed else path)
    assert recording.meta["interrupted"] is True
    assert len(recording) >= 256
    assert path.exists() != killed
    assert partial.exists() == killed


def test_the_loop_itself_is_cheap():
    env, controller = ToyEnv(), ToyController()
    steps = 4000
    overheads = []
    for _ in range(3):
        embody_s = embody.rollout(env, controller, steps * PERIOD_S).wall_s
        observation, _ = env.reset(seed=0)
        state = controller.init(0)
        started = time.perf_counter()
        for _ in range(steps):
            state, action = controller.step(state, observation)
            observation, *_ = env.step(action)
        overheads.append((embody_s - (time.perf_counter() - started)) / steps)
    assert min(overheads) < 20e-6
