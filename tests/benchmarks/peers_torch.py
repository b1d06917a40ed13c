"""Softmax regression as eager torch trains it: mini-batch SGD epochs, and L-BFGS to a target cost.

Contenders are the fastest of those tried. By autograd: weights (C, D), ``cross_entropy(...).backward()``, an update in
place; torch.nn.Linear with torch.optim.SGD takes 1.6 times as long at batch 32 and as long at 4,096, and SGD's fused
and foreach forms gain nothing on two tensors. Logits in columns (C, N) are less usual than in rows (N, C) and mostly
faster. The epoch with its gradient written out has no autograd to pay for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from shapes import Data
from torch.nn import functional

Cost = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
Batches = Callable[[], Iterator[tuple[torch.Tensor, torch.Tensor]]]


def in_rows(X: torch.Tensor, y: torch.Tensor, weights: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy, from logits (N, C), as most would write it; the bias is (C, 1)."""
    return functional.cross_entropy(functional.linear(X, weights, bias.view(-1)), y)


def in_columns(X: torch.Tensor, y: torch.Tensor, weights: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy, from logits (C, N): to torch, one sample of N pixels; the bias is (C, 1)."""
    return functional.cross_entropy(torch.addmm(bias, weights, X.T)[None], y[None])


class _SgdEpoch:
    """What the epochs share: parameters that start at zero, weights (C, D) and bias (C, 1), and the batches."""

    def __init__(
        self, data: Data, batches: Batches, *, threads: int, learning_rate: float, l2: float, by_autograd: bool
    ) -> None:
        self._batches, self._threads = batches, threads
        self._learning_rate, self._decay = learning_rate, 1 - learning_rate * l2
        self._weights = torch.zeros(data.n_classes, data.X.shape[1], requires_grad=by_autograd)
        self._bias = torch.zeros(data.n_classes, 1, requires_grad=by_autograd)

    def theta(self) -> NDArray[np.float64]:
        """(W, b), shape (C, D+1)."""
        return torch.cat([self._weights.detach(), self._bias.detach()], 1).double().numpy()


class AutogradEpoch(_SgdEpoch):
    """One call is one epoch of SGD by autograd from where the last one ended; the first starts from zeros."""

    def __init__(
        self, data: Data, batches: Batches, cost: Cost, *, threads: int, learning_rate: float, l2: float
    ) -> None:
        super().__init__(data, batches, threads=threads, learning_rate=learning_rate, l2=l2, by_autograd=True)
        self._cost = cost

    def __call__(self) -> None:
        torch.set_num_threads(self._threads)
        weights, bias, cost, learning_rate = self._weights, self._bias, self._cost, self._learning_rate
        for X, y in self._batches():
            cost(X, y, weights, bias).backward()
            with torch.no_grad():
                if self._decay != 1:
                    weights.mul_(self._decay)
                weights.sub_(weights.grad, alpha=learning_rate)
                bias.sub_(bias.grad, alpha=learning_rate)
            weights.grad = bias.grad = None


class WrittenOutEpoch(_SgdEpoch):
    """One call is one epoch of SGD without autograd, its gradient written out, logits in columns."""

    def __init__(self, data: Data, batches: Batches, *, threads: int, learning_rate: float, l2: float) -> None:
        super().__init__(data, batches, threads=threads, learning_rate=learning_rate, l2=l2, by_autograd=False)

    @torch.inference_mode()
    def __call__(self) -> None:
        torch.set_num_threads(self._threads)
        weights, bias, decay, learning_rate = self._weights, self._bias, self._decay, self._learning_rate
        for X, one_hot in self._batches():
            errors = torch.softmax(torch.addmm(bias, weights, X.T), 0).sub_(one_hot.T)
            weights.addmm_(errors, X, beta=decay, alpha=-learning_rate / len(X))
            bias.sub_(errors.mean(1, keepdim=True), alpha=learning_rate)


def sgd_epoch(
    data: Data,
    batch_size: int,
    *,
    threads: int,
    cost: Cost = in_rows,
    order: NDArray[np.int64] | None = None,
    shuffle: bool = False,
    learning_rate: float = 0.1,
    l2: float = 0.0,
) -> AutogradEpoch:
    """An epoch by autograd over the rows as they lie, in the given order (N,), or freshly shuffled each time."""
    batches = _batches(data, torch.from_numpy(data.y), batch_size, order, shuffle)
    return AutogradEpoch(data, batches, cost, threads=threads, learning_rate=learning_rate, l2=l2)


def written_out_epoch(
    data: Data,
    batch_size: int,
    *,
    threads: int,
    order: NDArray[np.int64] | None = None,
    shuffle: bool = False,
    learning_rate: float = 0.1,
    l2: float = 0.0,
) -> WrittenOutEpoch:
    """The same epoch with its gradient written out; one-hot rows are made once, here."""
    one_hot = functional.one_hot(torch.from_numpy(data.y), data.n_classes).float()
    batches = _batches(data, one_hot, batch_size, order, shuffle)
    return WrittenOutEpoch(data, batches, threads=threads, learning_rate=learning_rate, l2=l2)


def _batches(
    data: Data, targets: torch.Tensor, batch_size: int, order: NDArray[np.int64] | None, shuffle: bool
) -> Batches:
    """A function that starts an epoch's batches; views of the rows as they lie are made once, here."""
    if shuffle and order is not None:
        raise ValueError("either an order or shuffling, not both")
    X = torch.from_numpy(data.X)
    if shuffle:
        return lambda: _gathered(X, targets, torch.randperm(len(X)), batch_size)
    if order is not None:
        fixed = torch.from_numpy(order)
        return lambda: _gathered(X, targets, fixed, batch_size)
    views = list(zip(X.split(batch_size), targets.split(batch_size), strict=True))
    return lambda: iter(views)


def _gathered(
    X: torch.Tensor, targets: torch.Tensor, order: torch.Tensor, batch_size: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    for rows in order.split(batch_size):
        yield X.index_select(0, rows), targets.index_select(0, rows)


class _TargetReachedError(Exception):
    """Leaves torch.optim.LBFGS from within the evaluation that reached the target."""


def lbfgs_to_target(
    data: Data,
    target: float,
    l2: float,
    *,
    threads: int,
    cost: Cost = in_rows,
    history: int = 20,
    max_evaluations: int = 5_000,
) -> Callable[[], int]:
    """A function that minimises J = mean cross-entropy + l2/2 ||W||^2 from zeros until an evaluation has J <= target.

    It returns how many evaluations that took, and raises RuntimeError if torch's L-BFGS stops before.
    """
    X, y = torch.from_numpy(data.X), torch.from_numpy(data.y)

    def run() -> int:
        torch.set_num_threads(threads)
        weights = torch.zeros(data.n_classes, X.shape[1], requires_grad=True)
        bias = torch.zeros(data.n_classes, 1, requires_grad=True)
        optimizer = torch.optim.LBFGS(
            [weights, bias],
            max_iter=max_evaluations,
            max_eval=max_evaluations,
            tolerance_grad=0,
            tolerance_change=0,
            history_size=history,
            line_search_fn="strong_wolfe",
        )
        evaluations, least = 0, float("inf")

        def evaluate() -> torch.Tensor:
            nonlocal evaluations, least
            optimizer.zero_grad()
            penalised = cost(X, y, weights, bias) + 0.5 * l2 * weights.square().sum()
            evaluations += 1
            least = min(least, penalised.item())
            if least <= target:
                raise _TargetReachedError
            penalised.backward()
            return penalised

        try:
            optimizer.step(evaluate)
        except _TargetReachedError:
            return evaluations
        raise RuntimeError(f"L-BFGS stopped at J = {least:.6f} after {evaluations} evaluations, above {target:.6f}")

    return run
