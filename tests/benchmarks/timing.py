"""Time contenders in turn, so that a machine that slows down slows all of them; measure peak memory; name the machine.

Ratios of minima within one run are what can be compared: absolute times drift between hours, minima hardly.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from threadpoolctl import threadpool_info

PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "jax")
THREAD_SETTINGS = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NPROC",
    "XLA_FLAGS",
)


Name = TypeVar("Name", bound=Hashable)


def alternate(
    functions: Mapping[Name, Callable[[], object]], rounds: int, min_seconds: float = 0.15, warm_up: bool = True
) -> dict[Name, list[float]]:
    """Seconds per call of each function, one figure a round, run in turn: A B C A B C ...

    In its turn a function is repeated until ``min_seconds`` have passed. ``warm_up`` calls each once, untimed, before.
    """
    if warm_up:
        for function in functions.values():
            function()
    seconds: dict[Name, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        gc.collect()
        for name, function in functions.items():
            seconds[name].append(_seconds_per_call(function, min_seconds))
    return seconds


def _seconds_per_call(function: Callable[[], object], min_seconds: float) -> float:
    calls, start = 0, time.perf_counter()
    while True:
        function()
        calls += 1
        elapsed = time.perf_counter() - start
        if elapsed >= min_seconds:
            return elapsed / calls


def minimum(seconds: Sequence[float]) -> float:
    """The least of the figures: the one least disturbed by whatever else ran."""
    return min(seconds)


def median(seconds: Sequence[float]) -> float:
    """The middle figure."""
    return statistics.median(seconds)


def spread(seconds: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest figure."""
    return min(seconds), max(seconds)


def ratio_of_minima(slower: Sequence[float], faster: Sequence[float]) -> float:
    """How many times longer the first took than the second, least figure against least figure."""
    return min(slower) / min(faster)


def fastest(seconds: Mapping[Name, Sequence[float]]) -> Name:
    """The name of the function with the least figure."""
    return min(seconds, key=lambda name: min(seconds[name]))


@dataclass(frozen=True, slots=True)
class PeakMemory:
    """By how many bytes the peak of resident memory rose above what was resident before, and how that was read."""

    bytes_beyond: int
    source: str

    def __str__(self) -> str:
        return f"{self.bytes_beyond / 2**20:.1f} MiB ({self.source})"


def peak_memory_beyond(function: Callable[[], object]) -> PeakMemory:
    """Peak resident memory of one call of the function, beyond what was resident before, in a process forked for it.

    Fork before torch or jax have computed anything in this process: their threads do not survive it, and the call would
    hang. The first touch of a library's code counts too, so let the function of interest be much larger than
    ``peak_memory_beyond(lambda: None)``.

    Raises ValueError where processes cannot be forked and RuntimeError if the function fails or its process dies.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_report_peak, args=(function, sender))
    process.start()
    sender.close()
    report: PeakMemory | str
    try:
        report = receiver.recv()
    except EOFError:
        report = "its process died"
    finally:
        receiver.close()
        process.join()
    if isinstance(report, str):
        raise RuntimeError(f"no peak memory of {function}: {report}")
    return report


def _report_peak(function: Callable[[], object], sender: Connection) -> None:
    try:
        sender.send(_peak_beyond(function))
    except Exception as error:  # whatever it is, the caller is told
        sender.send(f"{type(error).__name__}: {error}")


def _peak_beyond(function: Callable[[], object]) -> PeakMemory:
    gc.collect()
    _return_free_memory()
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is from now on
        before = _status_bytes("VmRSS")
        function()
        return PeakMemory(_status_bytes("VmHWM") - before, "VmHWM of /proc/self/status")
    except OSError:
        import resource  # is not there on Windows, where nothing is forked either

        unit = 1 if sys.platform == "darwin" else 1024
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        function()
        return PeakMemory((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit, "ru_maxrss")


def _return_free_memory() -> None:
    """Give glibc's free pages back, or the function would be served from pages that count as resident already."""
    if sys.platform == "linux" and platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def _status_bytes(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """Processor, cores, versions, and the settings and BLAS builds that decide how fast they are, in three lines."""
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    settings = ", ".join(f"{name}={os.environ.get(name, 'unset')}" for name in THREAD_SETTINGS)
    builds = ", ".join(_blas_builds()) or "none loaded"
    return (
        f"{_processor()}, {cores()} cores, {platform.system()}, Python {platform.python_version()}\n"
        f"{versions}\n{settings}; BLAS: {builds}"
    )


def load() -> str:
    """How busy the machine was in the last minute, this process included: above its cores, nothing timed is right."""
    return f"load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load average unknown"


def _processor() -> str:
    """The model's name, with what tells apart the many that share one."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    widest = next(
        (name for name in ("amx_tile", "avx512f", "avx2") if name in facts.get("flags", "").split()), "no avx2"
    )
    return f"{facts.get('model name', platform.machine())} (family {facts.get('cpu family')}, {widest})"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _blas_builds() -> list[str]:
    """The BLAS libraries this process has loaded, with the kernels they chose and their threads."""
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return sorted(
        f"{pool['internal_api']} {pool['version']} of {Path(pool['filepath']).parent.name.removesuffix('.libs')}, "
        f"{pool.get('architecture', 'unknown')} kernels, {pool['num_threads']} threads"
        for pool in pools
    )
