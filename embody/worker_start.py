"""How worker processes start and end: one thread each, undisturbed by Ctrl-C, with their parent."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from typing import Any

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


def end_with_parent() -> None:
    """Let this worker process end as soon as the process that started it has, however it ended.

    To be called by the initializer of a pool. A worker waits for work on a pipe whose other end it
    holds as well, so it would outlive a parent that was killed, with all the memory that it has.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: Any) -> None:
    parent.join()
    os._exit(1)


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
