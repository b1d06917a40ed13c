"""The engine beside torch, jax and scikit-learn: epochs, time to the optimum, memory, and how the cost grows.

Run from the repository's root as ``PYTHONPATH=. python tests/benchmarks/engine_speed.py``, with the extra ``bench``
installed; ``--only`` picks parts. All contenders of a line run in turn, and ratios are of least times. It takes about
ten minutes; nothing here passes or fails.
"""

from __future__ import annotations

import gui  # first: it chooses the BLAS settings that the application runs with  # isort: skip

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import ours
import peers_sklearn
import peers_torch
from peers_epochs import EPOCHS, L2, LEARNING_RATE, NEAR, Epoch, descents, thread_counts
from shapes import Data, cost_and_gradient, digits, iris, optimum, shape_a, shape_d
from timing import alternate, machine, median, minimum, peak_memory_beyond, spread

assert gui  # imported for what it does

BATCH_SIZES = {"A": (32, 128, 512, 4_096, None), "D": (4_096, None)}
SHAPES = {"A": shape_a, "D": shape_d, "digits": digits, "iris": iris}
TOLERANCE = 1e-4
ROUNDS = 5


def best(seconds: dict[tuple[str, int], list[float]], *names: str) -> list[float]:
    """The times of the fastest contender among those names, whatever its threads."""
    return min((times for (name, _), times in seconds.items() if name in names), key=min)


def print_epochs(data: Data, rounds: int) -> None:
    print(f"\n{data}: ms an epoch of SGD, least (median, greatest)")
    print(f"{'batch':>8} {'order':>9} {'ours':>26} {'torch, autograd':>26} {'torch, by hand':>26} {'jax':>26}  ratios")
    for batch_size in BATCH_SIZES[data.name]:
        for shuffle in (False, True) if data.name == "A" and batch_size else (False,):
            seconds = epochs_of(data, batch_size or len(data.X), shuffle, rounds)
            columns = [
                best(seconds, "ours"),
                best(seconds, "torch, rows", "torch, columns"),
                best(seconds, "torch, written out"),
                best(seconds, "jax"),
            ]
            ratios = ", ".join(f"{minimum(times) / minimum(columns[0]):.2f}" for times in columns[1:])
            cells = " ".join(f"{cell(times):>26}" for times in columns)
            print(f"{batch_size or 'full':>8} {'shuffled' if shuffle else 'same':>9} {cells}  {ratios}", flush=True)


def cell(times: list[float]) -> str:
    low, high = spread(times)
    return f"{1e3 * low:.1f} ({1e3 * median(times):.1f}, {1e3 * high:.1f})"


def epochs_of(data: Data, batch_size: int, shuffle: bool, rounds: int) -> dict[tuple[str, int], list[float]]:
    """Seconds an epoch, by contender and number of threads."""
    makers: dict[str, Callable[..., Epoch]] = {"ours": ours.Epoch, **EPOCHS}
    contenders = {
        (name, threads): make(data, batch_size, threads=threads, shuffle=shuffle, learning_rate=LEARNING_RATE, l2=0.0)
        for name, make in makers.items()
        for threads in thread_counts()
    }
    return alternate(contenders, rounds)


def print_targets(data: Data, rounds: int) -> None:
    """Peers stop as soon as they are near the optimum, told by one who knows it; ours by its own criterion."""
    least, _ = optimum(data, L2)
    target = least * (1 + NEAR)
    print(f"\n{data}: from zeros to J within {NEAR:g} of J* = {least:.6f}, l2 = {L2}")
    threads = thread_counts()[-1]
    run = ours.minimum_of(data, L2, TOLERANCE, threads)
    found = run()
    theta = found.theta.astype(np.float64)
    split = data.n_classes * data.X.shape[1]
    reached, _ = cost_and_gradient(
        data, np.column_stack([theta[:split].reshape(data.n_classes, -1), theta[split:]]), L2
    )
    contenders: dict[str, Callable[[], object]] = {f"ours, {threads} threads": run, **descents(data, target)}
    large = data.X.size > 10**7
    seconds = alternate(contenders, min(rounds, 3) if large else rounds, warm_up=not large)
    our_times = next(iter(seconds.values()))
    print(f"  ours ends at J* (1 + {reached / least - 1:.1e}) after {found.evaluations:.1f} evaluations of all rows")
    for name, times in seconds.items():
        print(f"  {name:<56} {cell(times):>32} ms, {minimum(times) / minimum(our_times):.1f} x", flush=True)


def print_small(rounds: int) -> None:
    print("\nsteps a second, batch 32, without a window, greatest (median); 1 thread")
    for data in (iris(), digits()):
        for check_every in (1, 100):
            epoch = ours.Epoch(data, 32, threads=1, shuffle=True, check_every=check_every)
            times = alternate({"ours": epoch}, rounds)["ours"]
            steps = -(-len(data.X) // 32)
            rates = f"{steps / min(times):>12,.0f} ({steps / median(times):,.0f})"
            print(f"  {data.name:<8} a check every {check_every:>3} epochs {rates}")


def print_memory(data: Data) -> None:
    """Before anything else is run: torch and jax do not survive the fork."""
    size = data.X.nbytes
    print(f"\n{data}: peak memory beyond X ({size / 2**20:.0f} MiB), in X")
    functions: dict[str, Callable[[], object]] = {
        "ours, SGD, batch 4,096, shuffled": partial(_one_epoch, data),
        "ours, full-batch solver": ours.minimum_of(data, L2, TOLERANCE, 2),
        "scikit-learn, lbfgs, 15 iterations": peers_sklearn.lbfgs_of(data, L2, 15),
    }
    for name, function in functions.items():
        beyond = peak_memory_beyond(function)
        print(f"  {name:<36} {beyond.bytes_beyond / size:.3f} ({beyond})", flush=True)


def _one_epoch(data: Data) -> None:
    ours.Epoch(data, 4_096, threads=2, shuffle=True)()


def print_growth(rounds: int) -> None:
    print("\nms an epoch of SGD, batch 512, least: ours, torch (autograd, the faster of 1 and 2 threads), ratio")
    shapes = [(n, 64, 10) for n in (10_000, 100_000, 1_000_000)]
    shapes += [(20_000, d, 10) for d in (16, 64, 256, 1_024, 4_096)]
    shapes += [(20_000, 64, c) for c in (2, 10, 100, 1_000)]
    rng = np.random.default_rng(0)
    for n_rows, n_features, n_classes in shapes:
        X = rng.standard_normal((n_rows, n_features), np.float32)
        data = Data("random", X, rng.integers(0, n_classes, n_rows), n_classes)
        make = partial(peers_torch.sgd_epoch, cost=peers_torch.in_rows, learning_rate=1e-3)
        contenders = {
            ("ours", t): ours.Epoch(data, 512, threads=t, learning_rate=1e-3, l2=0.0) for t in thread_counts()
        }
        contenders |= {("torch", t): make(data, 512, threads=t) for t in thread_counts()}  # type: ignore[misc]
        seconds = alternate(contenders, rounds)
        times = [1e3 * minimum(best(seconds, name)) for name in ("ours", "torch")]
        shape = f"N {n_rows:>9,}  D {n_features:>5,}  C {n_classes:>5,}"
        print(f"  {shape} {times[0]:>10.2f} {times[1]:>10.2f} {times[1] / times[0]:>8.2f}", flush=True)


def main() -> None:
    """Print the parts that are asked for."""
    parts = ["memory-D", "small", "epochs-A", "epochs-D", "target-A", "target-D", "target-digits", "growth"]
    parser = argparse.ArgumentParser(description="The engine's speed beside torch, jax and scikit-learn.")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="PART", help=", ".join(parts))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="timed rounds (default: %(default)s)")
    options = parser.parse_args()
    start = time.perf_counter()
    print(machine(), flush=True)
    for part in parts:
        if part not in options.only:
            continue
        kind, _, name = part.partition("-")
        match kind:
            case "memory":
                print_memory(SHAPES[name]())
            case "small":
                print_small(options.rounds)
            case "epochs":
                print_epochs(SHAPES[name](), options.rounds)
            case "target":
                print_targets(SHAPES[name](), options.rounds)
            case "growth":
                print_growth(options.rounds)
    print(f"\n{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
