"""How worker processes are started: one thread each, and undisturbed by Ctrl-C."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator, Mapping

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""Keeps linear algebra in worker processes from starting threads that fight for the cores."""


@contextlib.contextmanager
def inherited_by_workers(environment: Mapping[str, str] = ONE_THREAD) -> Iterator[None]:
    """Give processes started in this block an environment, and let them ignore Ctrl-C.

    What Ctrl-C means is for the main process to decide. A worker that it reaches before its
    initializer has run dies, and the pool would wait for it for ever.
    """
    with _environment(environment), _interruption_ignored():
        yield


@contextlib.contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _interruption_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
