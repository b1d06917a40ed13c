"""The objective of the fast path: which rows go through which buffers on which thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from math import hypot
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import IntArray, RealArray, length
from engine.fused.layout import Block, Layout
from engine.fused.threads import ThreadTeam
from engine.fused.workspace import Storage, Workspace
from engine.network import Network
from engine.objective import Evaluation, Preconditioner, SoftmaxObjective
from engine.preconditioning import gram_preconditioner

# Of inputs and intermediate results: about half of a usual second-level cache. Several threads hand the interpreter to
# each other between the parts of a block, and come out ahead with fewer and larger ones.
BLOCK_BYTES, BLOCK_BYTES_OF_THREADS = 1 << 20, 1 << 23
FEWEST_BYTES_A_THREAD = 1 << 22  # a share takes about a millisecond then, and handing it over a tenth of that
FEWEST_ROWS, MOST_ROWS, MOST_ROWS_OF_THREADS = 128, 4096, 8192

Rows: TypeAlias = slice | IntArray
T = TypeVar("T")


class FusedObjective:
    """A ``SoftmaxObjective`` evaluated block by block by ``team``; X must be C-contiguous, of theta's type.

    Results are the same bits for the same number of threads. Overflow is looked for in the results; callers silence
    NumPy's warnings of it with ``np.errstate``, since doing so here would cost as much as a small step.
    """

    def __init__(self, objective: SoftmaxObjective, team: ThreadTeam | None = None) -> None:
        self.reference = objective
        self.layout = Layout(objective.network)
        self._bytes_a_row = _bytes_a_row(objective.network, objective.X.itemsize)
        self.block_rows = _rows_of(BLOCK_BYTES // self._bytes_a_row, MOST_ROWS)
        self._block_rows_of_threads = _rows_of(BLOCK_BYTES_OF_THREADS // self._bytes_a_row, MOST_ROWS_OF_THREADS)
        self._team = team or ThreadTeam()
        most_rows = min(max(self.block_rows, self._block_rows_of_threads), max(len(objective.y), 1))
        self.workers = [_Worker(objective, most_rows) for _ in range(self._team.size)]

    def batch(self, rows: Rows, *, watched: bool = False) -> FusedBatch:
        """The same objective on ``rows`` alone: a slice of all rows, or their numbers in any order."""
        return FusedBatch(self, rows, watched=watched)

    def whole(self) -> FusedBatch:
        """The objective on all its rows."""
        return FusedBatch(self, slice(0, len(self.reference.y)))

    def penalised(self, l2: float, l1: float) -> FusedObjective:
        """The same objective with other penalties; it shares its buffers with this one."""
        other = copy(self)
        other.reference = replace(self.reference, l2=l2, l1=l1)
        return other

    def cost_and_gradient(self, theta: RealArray) -> tuple[float, RealArray]:
        """J(theta) over all rows and its gradient (P,)."""
        return self.whole().cost_and_gradient(theta)

    def hessian_vector_product(self, theta: RealArray, vector: RealArray) -> RealArray:
        """d2J/dtheta2 times ``vector`` (P,), over all rows."""
        return self.whole().hessian_vector_product(theta, vector)

    def preconditioner(self, theta: RealArray) -> Preconditioner | None:
        """A guess of the inverse Hessian at ``theta``; None where there is no good one."""
        return self.whole().preconditioner(theta)

    def evaluate(self, theta: RealArray) -> Evaluation:
        """Cost and accuracy of theta over all rows; the cost of no examples is NaN, and so is their accuracy."""
        n_rows = len(self.reference.y)
        if n_rows == 0:
            return Evaluation(float("nan"), float("nan"))
        layers, rows = self.layout.blocks(theta), slice(0, n_rows)
        if n_rows <= self.block_rows:
            parts = [self.workers[0].evaluate(layers, [rows], 1.0 / n_rows)]
        else:
            parts = self.on_threads(rows, lambda worker, blocks: worker.evaluate(layers, blocks, 1.0 / n_rows))
        cost = sum(part.cost for part in parts) + self.penalise(theta, None)
        return Evaluation(cost, sum(part.n_right for part in parts) / n_rows)

    def weight_norm(self, theta: RealArray) -> float:
        """||W|| over the weights of all layers."""
        return hypot(*(length(theta[span]) for span in self.layout.weight_spans))

    def penalise(self, theta: RealArray, gradient: RealArray | None) -> float:
        """Return the cost of the penalties, and add their gradient to ``gradient`` where there is one."""
        l2, l1, cost = self.reference.l2, self.reference.l1, 0.0
        for span in self.layout.weight_spans if l2 or l1 else ():
            weights = theta[span]
            if l2:
                scaled = l2 * weights
                cost += 0.5 * float(scaled.dot(weights))
                if gradient is not None:
                    gradient[span] += scaled
            if l1:
                cost += l1 * float(np.abs(weights).sum())
                if gradient is not None:
                    gradient[span] += l1 * np.sign(weights)
        return cost

    def on_threads(self, rows: Rows, work: Callable[[_Worker, list[Rows]], T]) -> list[T]:
        """What ``work`` returns on each worker for its share of the blocks of ``rows``; shares never depend on time."""
        n_shares = self._n_shares(_length(rows))
        share_rows = -(-_length(rows) // (n_shares * FEWEST_ROWS)) * FEWEST_ROWS
        block_rows = self.block_rows if n_shares == 1 else self._block_rows_of_threads
        shares = [list(_blocks(share, block_rows)) for share in _blocks(rows, share_rows)]
        return self._team.map(lambda index, share: work(self.workers[index], share), shares)

    def _n_shares(self, n_rows: int) -> int:
        return min(self._team.size, max(1, n_rows * self._bytes_a_row // FEWEST_BYTES_A_THREAD))


class FusedBatch:
    """A ``FusedObjective`` on some of its rows; if ``watched``, it keeps the length of the first gradient it gives."""

    __slots__ = ("_n_rows", "_parent", "_rows", "_watched", "gradient_norm")

    def __init__(self, parent: FusedObjective, rows: Rows, *, watched: bool = False) -> None:
        self._parent = parent
        self._rows = rows
        self._n_rows = _length(rows)
        self._watched = watched
        self.gradient_norm = float("nan")

    def __len__(self) -> int:
        return self._n_rows

    def cost_and_gradient(self, theta: RealArray) -> tuple[float, RealArray]:
        """J(theta) and its gradient (P,)."""
        parent, n_rows = self._parent, self._n_rows
        layers = parent.layout.blocks(theta)
        if n_rows <= parent.block_rows:
            gradient = np.empty_like(theta)
            cost = parent.workers[0].cost_and_gradient(layers, self._rows, 1.0 / n_rows, parent.layout.blocks(gradient))
        else:
            cost, gradient = self._in_blocks(theta, layers, 1.0 / n_rows)
        cost += parent.penalise(theta, gradient)
        if self._watched:
            self.gradient_norm = length(gradient)
            self._watched = False
        return cost, gradient

    def preconditioner(self, theta: RealArray) -> Preconditioner | None:
        """The second moments of a sample of all rows, inverted; None where they do not help."""
        reference = self._parent.reference
        return gram_preconditioner(reference.network, theta, reference.X, reference.l2)

    def hessian_vector_product(self, theta: RealArray, vector: RealArray) -> RealArray:
        """d2J/dtheta2 times ``vector`` (P,)."""
        reference, product = self._parent.reference, np.zeros_like(theta)
        for rows in _blocks(self._rows, self._parent.block_rows):
            part = reference.batch(rows)
            product += part.curvature(theta, vector) * (len(part.y) / self._n_rows)
        for span in self._parent.layout.weight_spans:
            product[span] += reference.l2 * vector[span]
        return product

    def _in_blocks(self, theta: RealArray, layers: list[Block], scale: float) -> tuple[float, RealArray]:
        layout = self._parent.layout

        def share(worker: _Worker, blocks: list[Rows]) -> tuple[float, RealArray]:
            total, part = np.zeros_like(theta), np.empty_like(theta)
            views, cost = layout.blocks(part), 0.0
            for block in blocks:
                cost += worker.cost_and_gradient(layers, block, scale, views)
                np.add(total, part, total)
            return cost, total

        (cost, gradient), *others = self._parent.on_threads(self._rows, share)
        for other_cost, other_gradient in others:
            cost += other_cost
            gradient += other_gradient
        return cost, gradient


class _Outcome(NamedTuple):
    cost: float
    n_right: int


class _Worker:
    """The buffers of one thread."""

    def __init__(self, objective: SoftmaxObjective, most_rows: int) -> None:
        self._objective = objective
        self._storage = Storage(most_rows, objective.X.dtype)
        self._y = objective.y.astype(np.intp, copy=False)
        weights = objective.class_weights
        self._class_weights = None if weights is None else weights.astype(objective.X.dtype)
        self._workspaces: dict[int, Workspace] = {}

    def cost_and_gradient(self, layers: list[Block], rows: Rows, scale: float, gradient: list[Block]) -> float:
        """Return ``scale`` times the summed losses of ``rows`` and write its gradient."""
        workspace, X, y, weights = self._load(rows, scale)
        workspace.logits(layers, X)
        cost = workspace.cost(y, weights)
        workspace.backward(layers, X, weights, gradient)
        return cost

    def evaluate(self, layers: list[Block], blocks: list[Rows], scale: float) -> _Outcome:
        """Return ``scale`` times the summed losses of all blocks, and how many rows are classified rightly."""
        cost, n_right = 0.0, 0
        for rows in blocks:
            workspace, X, y, weights = self._load(rows, scale)
            workspace.logits(layers, X)
            cost += workspace.cost(y, weights)
            n_right += workspace.n_right(y)
        return _Outcome(cost, n_right)

    def _load(self, rows: Rows, scale: float) -> tuple[Workspace, RealArray, NDArray[np.intp], float | RealArray]:
        workspace = self._workspace(_length(rows))
        X, y = self._objective.X, self._y
        if isinstance(rows, slice):
            X, y = X[rows], y[rows]
        else:
            X = X.take(rows, axis=0, out=workspace.X, mode="clip")
            y = y.take(rows, out=workspace.y, mode="clip")
        weights = scale if self._class_weights is None else scale * self._class_weights[y]
        return workspace, X, y, weights

    def _workspace(self, n_rows: int) -> Workspace:
        workspace = self._workspaces.get(n_rows)
        if workspace is None:
            objective = self._objective
            workspace = Workspace(objective.network, n_rows, self._storage, objective.label_smoothing)
            self._workspaces[n_rows] = workspace
        return workspace


def _length(rows: Rows) -> int:
    return rows.stop - rows.start if isinstance(rows, slice) else len(rows)


def _blocks(rows: Rows, block_rows: int) -> Iterator[Rows]:
    for start in range(0, _length(rows), block_rows):
        stop = min(start + block_rows, _length(rows))
        yield slice(rows.start + start, rows.start + stop) if isinstance(rows, slice) else rows[start:stop]


def _bytes_a_row(network: Network, itemsize: int) -> int:
    """What one example takes, with all its intermediate results."""
    return itemsize * (network.n_features + 3 * sum(network.hidden_layers) + 4 * network.n_classes)


def _rows_of(n_rows: int, most: int) -> int:
    """The power of two next below ``n_rows``, within what is worth a block."""
    return min(max(1 << max(n_rows.bit_length() - 1, 0), FEWEST_ROWS), most)
