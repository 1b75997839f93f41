"""Workers inherit an environment and a deaf ear for Ctrl-C; the main process keeps its own."""

import multiprocessing
import os
import signal

from embody.worker_start import ONE_THREAD, inherited_by_workers


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
        assert {name: pool.apply(os.getenv, (name,)) for name in ONE_THREAD} == ONE_THREAD
        assert pool.apply(signal.getsignal, (signal.SIGINT,)) is signal.SIG_IGN
