"""Workers inherit an environment and a deaf ear for Ctrl-C, and end with the main process."""

import multiprocessing
import os
import signal
import subprocess
import sys

import pytest

from embody.worker_start import ONE_THREAD, inherited_by_workers

PARENT = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from embody.worker_start import end_with_parent
if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), end_with_parent)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(600)
"""


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


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that kills")
def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    (tmp_path / "parent.py").write_text(PARENT)
    command = [sys.executable, str(tmp_path / "parent.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert int(parent.stdout.readline()) != parent.pid
        parent.kill()
        parent.communicate(timeout=60)  # the worker holds the pipe open until it ends
