"""A few threads that share one piece of work in fixed parts, so that the same number of them gives the same bits."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from engine.specs import IntegerSpec

MOST_THREADS = 8

A = TypeVar("A")
B = TypeVar("B")


class ThreadTeam:
    """The calling thread and ``size`` - 1 others, which live from the first shared work until ``close``."""

    def __init__(self, size: int = 1) -> None:
        self.size = size
        self._pool = ThreadPoolExecutor(size - 1, "gradient") if size > 1 else None

    def __enter__(self) -> ThreadTeam:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the other threads."""
        if self._pool is not None:
            self._pool.shutdown()

    def map(self, work: Callable[[int, A], B], parts: Sequence[A]) -> list[B]:
        """``work(i, part)`` for each of at most ``size`` parts, all at once; the results in order."""
        if self._pool is None or len(parts) == 1:
            return [work(index, part) for index, part in enumerate(parts)]
        # np.errstate of the caller is part of its context, which a thread does not share by itself.
        others = [self._pool.submit(copy_context().run, work, index, part) for index, part in enumerate(parts) if index]
        return [work(0, parts[0]), *(other.result() for other in others)]


THREADS = IntegerSpec(key="threads", label="Threads", help="", default=1, low=1, high=1024)


def checked_threads(threads: int | None) -> int:
    """``threads``, or as many as are usable where it is None; raises SettingError where it is no number of threads."""
    return usable_threads() if threads is None else THREADS.check(threads)


def usable_threads() -> int:
    """One for each processor core where NumPy's own threads are switched off, else 1: the two would fight for cores.

    They are off where OPENBLAS_NUM_THREADS or OMP_NUM_THREADS was 1 before NumPy was imported.
    """
    numpy_threads = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS")
    if numpy_threads != "1":
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_THREADS)
