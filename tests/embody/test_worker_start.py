"""Workers inherit an environment and a deaf ear for Ctrl-C; the main process keeps its own."""

import multiprocessing
import os
import signal

from embody.worker_start import ONE_THREAD, inherited_by_workers


def seen_by_a_worker():
    threads = {name: os.environ.get(name) for name in ONE_THREAD}
    return threads, signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_the_main_process_gets_everything_back(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    handler = signal.getsignal(signal.SIGINT)
    with inherited_by_workers():
        assert os.environ["OMP_NUM_THREADS"] == "1"
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ
    assert signal.getsignal(signal.SIGINT) is handler


def test_workers_inherit_both():
    with inherited_by_workers():
        pool = multiprocessing.get_context("spawn").Pool(1)
    with pool:
        threads, deaf = pool.apply(seen_by_a_worker)
    assert threads == ONE_THREAD
    assert deaf
