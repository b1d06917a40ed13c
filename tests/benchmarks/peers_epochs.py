"""How fast torch, jax and scikit-learn train softmax regression here: an epoch of SGD, and the time to a target cost.

Run from the repository's root as ``PYTHONPATH=. python tests/benchmarks/peers_epochs.py``; ``--only`` picks parts. It
prints tables and takes about five minutes; nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np
import peers_jax
import peers_sklearn
import peers_torch
from numpy.typing import NDArray
from shapes import Data, digits, iris, optimum, shape_a, shape_d
from timing import alternate, cores, fastest, load, machine, median, minimum, spread

SHAPES = {"A": shape_a, "D": shape_d, "digits": digits, "iris": iris}
BATCH_SIZES = {"A": (32, 128, 512, 4_096, None), "D": (4_096, None)}
SHUFFLED = {"A"}
LEARNING_RATE = 0.1
L2 = 1e-4
NEAR = 1e-3
ROUNDS = 4
SMALL, LARGE = 30_000, 30_000_000  # below, a second thread only delays; above, it always helps


class Epoch(Protocol):
    """An epoch of SGD to be called again and again, and where it has come to: theta = (W, b), shape (C, D+1)."""

    def __call__(self) -> None: ...

    def theta(self) -> NDArray[np.float64]: ...


EPOCHS: dict[str, Callable[..., Epoch]] = {
    "torch, rows": partial(peers_torch.sgd_epoch, cost=peers_torch.in_rows),
    "torch, columns": partial(peers_torch.sgd_epoch, cost=peers_torch.in_columns),
    "torch, written out": peers_torch.written_out_epoch,
    "jax": peers_jax.sgd_epoch,
}
DESCENTS: dict[str, Callable[..., Callable[[], int]]] = {
    "torch, rows": partial(peers_torch.lbfgs_to_target, cost=peers_torch.in_rows),
    "torch, columns": partial(peers_torch.lbfgs_to_target, cost=peers_torch.in_columns),
    "jax": peers_jax.lbfgs_to_target,
}


def thread_counts() -> list[int]:
    """One thread, and one for each core."""
    return sorted({1, cores()})


def useful_thread_counts(work: int) -> list[int]:
    """Those of them worth timing where a step takes in so many numbers of X."""
    if work < SMALL:
        return [1]
    return [cores()] if work > LARGE else thread_counts()


def agreement() -> str:
    """How far apart the peers' weights are after two epochs over the digits in one random order."""
    data = digits()
    order = np.random.default_rng(0).permutation(len(data.X))
    shuffled = Data("shuffled digits", data.X[order], data.y[order], data.n_classes)
    epochs = [
        epoch
        for make in EPOCHS.values()
        for epoch in (
            make(data, 32, threads=1, order=order, learning_rate=LEARNING_RATE, l2=L2),
            make(shuffled, 32, threads=cores(), learning_rate=LEARNING_RATE, l2=L2),
        )
    ]
    for epoch in epochs:
        epoch()
        epoch()
    thetas = np.stack([epoch.theta() for epoch in epochs])
    return f"largest weight {np.abs(thetas).max():.3f}, largest difference {np.ptp(thetas, axis=0).max():.1e}"


def epoch_times(data: Data, batch_size: int, shuffle: bool, rounds: int) -> dict[tuple[str, int], list[float]]:
    """Seconds an epoch, by contender and number of threads."""
    contenders = {
        (name, threads): make(data, batch_size, threads=threads, shuffle=shuffle, learning_rate=LEARNING_RATE, l2=L2)
        for name, make in EPOCHS.items()
        for threads in useful_thread_counts(batch_size * data.X.shape[1])
    }
    return alternate(contenders, rounds)


def print_epochs(data: Data, rounds: int) -> None:
    print(f"\n{data}: ms an epoch, least (median), threads of the faster")
    print(f"{'batch':>8} {'order':>9}" + "".join(f"{name:>25}" for name in EPOCHS))
    for batch_size in BATCH_SIZES[data.name]:
        for shuffle in (False, True) if data.name in SHUFFLED and batch_size else (False,):
            seconds = epoch_times(data, batch_size or len(data.X), shuffle, rounds)
            cells = [best_cell({key[1]: times for key, times in seconds.items() if key[0] == name}) for name in EPOCHS]
            print(f"{batch_size or 'full':>8} {'shuffled' if shuffle else 'same':>9}" + "".join(cells), flush=True)


def best_cell(by_threads: dict[int, list[float]]) -> str:
    threads = fastest(by_threads)
    times = by_threads[threads]
    return f"{1e3 * minimum(times):>12.1f} ({1e3 * median(times):.1f}), {threads}".rjust(25)


def print_descents(data: Data, rounds: int) -> None:
    least, _ = optimum(data, L2)
    target = least * (1 + NEAR)
    print(f"\n{data}: from zeros to J <= {target:.6f} = J* (1 + {NEAR}), J* = {least:.6f}, l2 = {L2}")
    counts: dict[str, int] = {}

    def counted(name: str, run: Callable[[], int]) -> None:
        counts[name] = run()

    contenders = {name: partial(counted, name, run) for name, run in descents(data, target).items()}
    is_large = data.X.size > LARGE
    seconds = alternate(contenders, min(rounds, 2) if data.name == "A" else rounds, warm_up=not is_large)
    for name, times in seconds.items():
        low, high = spread(times)
        figures = f"{1e3 * low:>9.1f} ms (median {1e3 * median(times):.1f}, to {1e3 * high:.1f})"
        print(f"  {name:<54} {figures}, {counts[name]} {'iterations' if 'fit' in name else 'evaluations'}", flush=True)


def descents(data: Data, target: float) -> dict[str, Callable[[], int]]:
    """The contenders by name."""
    runs = {}
    for name, make in DESCENTS.items():
        for threads in useful_thread_counts(data.X.size):
            start = time.perf_counter()
            run = make(data, target, L2, threads=threads)
            compiling = f", {time.perf_counter() - start:.1f} s of compiling left out" if name == "jax" else ""
            runs[f"{name}, threads {threads}{compiling}"] = run
    iterations = peers_sklearn.iterations_to_target(data, target, L2)
    fit = peers_sklearn.lbfgs_of(data, L2, iterations)
    runs[f"scikit-learn, fit of max_iter={iterations}, 1 BLAS thread"] = lambda: int(fit().n_iter_[0])
    return runs


def main() -> None:
    """Print the parts that are asked for."""
    parts = [f"epochs-{name}" for name in BATCH_SIZES] + [f"target-{name}" for name in SHAPES]
    parser = argparse.ArgumentParser(description="Training speed of torch, jax and scikit-learn on this machine.")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="PART", help=", ".join(parts))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="timed rounds (default: %(default)s)")
    options = parser.parse_args()
    start = time.perf_counter()
    print(f"{machine()}\n{load()} at the start")
    print(f"agreement of the peers on digits: {agreement()}", flush=True)
    for name, make in SHAPES.items():
        wanted = [part for part in parts if part in options.only and part.endswith(f"-{name}")]
        if not wanted:
            continue
        data = make()
        for part in wanted:
            (print_epochs if part.startswith("epochs") else print_descents)(data, options.rounds)
    print(f"\n{time.perf_counter() - start:.0f} s in all; {load()}")


if __name__ == "__main__":
    main()
