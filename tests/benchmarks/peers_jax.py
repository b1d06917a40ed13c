"""Softmax regression as compiled jax trains it: an epoch as one jitted scan over batches, and L-BFGS to a target cost.

Everything is compiled when a contender is made, never while it is timed. Of the ways tried these were the fastest:
weights (C, D) rather than (D, C), the true class picked by a one-hot product that XLA folds away, batches gathered
inside the scan, no unrolling.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxlib import xla_client
from numpy.typing import NDArray
from shapes import Data
from timing import cores

FIRST_DECREASE = 1e-4
CURVATURE = 0.9
MAX_EVALUATIONS = 5_000


class Parameters(NamedTuple):
    """Weights (C, D) and bias (C,)."""

    weights: jax.Array
    bias: jax.Array


@cache
def device(threads: int) -> jax.Device:
    """A CPU whose computations run on so many threads; jax's own has one for each core.

    A small batch is handed to a second thread at a loss, and the size of the pool is read from NPROC only when a
    client is made, so the one with fewer threads is a client of its own.
    """
    own = jax.devices("cpu")[0]
    if threads == cores():
        return own
    before = os.environ.get("NPROC")
    os.environ["NPROC"] = str(threads)
    try:
        return xla_client.make_cpu_client().devices()[0]
    finally:
        if before is None:
            del os.environ["NPROC"]
        else:
            os.environ["NPROC"] = before


def cost(parameters: Parameters, X: jax.Array, y: jax.Array, l2: float) -> jax.Array:
    """J = mean cross-entropy + l2/2 ||W||^2."""
    logits = X @ parameters.weights.T + parameters.bias
    true = (logits * jax.nn.one_hot(y, logits.shape[1])).sum(axis=1)
    cross_entropy = (jax.nn.logsumexp(logits, axis=1) - true).mean()
    return cross_entropy + 0.5 * l2 * jnp.square(parameters.weights).sum() if l2 else cross_entropy


class SgdEpoch:
    """One call is one epoch from where the last one ended; the first starts from zeros."""

    def __init__(
        self, epoch: Callable[..., Parameters], parameters: Parameters, arrays: tuple[jax.Array, ...], key: jax.Array
    ) -> None:
        self._parameters, self._arrays = parameters, arrays
        self._key, self._epochs = key, 0
        self._epoch = jax.jit(epoch, donate_argnums=0).lower(parameters, key, 0, *arrays).compile()

    def __call__(self) -> None:
        self._parameters = self._epoch(self._parameters, self._key, self._epochs, *self._arrays)
        self._epochs += 1
        jax.block_until_ready(self._parameters)

    def theta(self) -> NDArray[np.float64]:
        """(W, b), shape (C, D+1)."""
        return np.column_stack([self._parameters.weights, self._parameters.bias]).astype(np.float64)


def sgd_epoch(
    data: Data,
    batch_size: int,
    *,
    threads: int,
    order: NDArray[np.int64] | None = None,
    shuffle: bool = False,
    learning_rate: float = 0.1,
    l2: float = 0.0,
) -> SgdEpoch:
    """An epoch over the rows as they lie, in the given order (N,), or freshly shuffled each time."""
    if shuffle and order is not None:
        raise ValueError("either an order or shuffling, not both")
    step = partial(_step, learning_rate=learning_rate, l2=l2)
    y = data.y.astype(np.int32)
    epoch: Callable[..., Parameters]
    arrays: tuple[NDArray[Any], ...]
    if shuffle:
        epoch, arrays = partial(_shuffled_epoch, step, batch_size), (data.X, y)
    elif order is not None:
        epoch, arrays = partial(_ordered_epoch, step, batch_size), (data.X, y, order.astype(np.int32))
    else:
        epoch, arrays = partial(_sequential_epoch, step), _stacked(data.X, y, batch_size)
    on = device(threads)
    return SgdEpoch(epoch, _zeros(data, on), jax.device_put(arrays, on), jax.device_put(jax.random.key(0), on))


def _step(parameters: Parameters, X: jax.Array, y: jax.Array, learning_rate: float, l2: float) -> Parameters:
    gradient = jax.grad(cost)(parameters, X, y, l2)
    return Parameters(*(value - learning_rate * slope for value, slope in zip(parameters, gradient, strict=True)))


def _stacked(X: NDArray[np.float32], y: NDArray[np.int32], batch_size: int) -> tuple[NDArray[Any], ...]:
    """Full batches (n, B, D), their classes (n, B), and what is left over."""
    size = min(batch_size, len(X))
    whole = len(X) // size * size
    return X[:whole].reshape(-1, size, X.shape[1]), y[:whole].reshape(-1, size), X[whole:], y[whole:]


def _sequential_epoch(
    step: Callable[..., Parameters],
    parameters: Parameters,
    key: jax.Array,
    number: int,
    X: jax.Array,
    y: jax.Array,
    X_rest: jax.Array,
    y_rest: jax.Array,
) -> Parameters:
    if len(X) == 1:
        return step(parameters, X[0], y[0])
    parameters, _ = lax.scan(lambda now, batch: (step(now, *batch), None), parameters, (X, y))
    return step(parameters, X_rest, y_rest) if len(X_rest) else parameters


def _ordered_epoch(
    step: Callable[..., Parameters],
    batch_size: int,
    parameters: Parameters,
    key: jax.Array,
    number: int,
    X: jax.Array,
    y: jax.Array,
    order: jax.Array,
) -> Parameters:
    def gathered_step(now: Parameters, rows: jax.Array) -> Parameters:
        return step(now, jnp.take(X, rows, axis=0, mode="clip"), jnp.take(y, rows, mode="clip"))

    size = min(batch_size, len(X))
    whole = len(X) // size * size
    batches = order[:whole].reshape(-1, size)
    parameters, _ = lax.scan(lambda now, rows: (gathered_step(now, rows), None), parameters, batches)
    return gathered_step(parameters, order[whole:]) if whole < len(X) else parameters


def _shuffled_epoch(
    step: Callable[..., Parameters],
    batch_size: int,
    parameters: Parameters,
    key: jax.Array,
    number: int,
    X: jax.Array,
    y: jax.Array,
) -> Parameters:
    """The permutation is one sort by random numbers: jax.random.permutation sorts twice and costs twice as much."""
    numbers = jax.random.bits(jax.random.fold_in(key, number), (len(X),))
    order = jnp.argsort(numbers, stable=False).astype(jnp.int32)
    return _ordered_epoch(step, batch_size, parameters, key, number, X, y, order)


class Descent(NamedTuple):
    """Where L-BFGS stands: a point, the line search from it, and the last pairs of steps and gradient changes."""

    point: jax.Array
    cost: jax.Array
    gradient: jax.Array
    direction: jax.Array
    slope: jax.Array
    length: jax.Array
    too_short: jax.Array
    too_long: jax.Array
    steps: jax.Array
    changes: jax.Array
    least: jax.Array
    evaluations: jax.Array


def lbfgs_to_target(data: Data, target: float, l2: float, *, threads: int, history: int = 20) -> Callable[[], int]:
    """A function that minimises J = mean cross-entropy + l2/2 ||W||^2 from zeros until an evaluation has J <= target.

    It returns how many evaluations that took, and raises RuntimeError if the target is not reached. L-BFGS (Nocedal &
    Wright 2006, algorithm 7.4) with a line search that halves or doubles the step until the weak Wolfe conditions hold
    (Lewis & Overton 2013); one turn of the compiled loop is one evaluation.
    """
    on = device(threads)
    shape = (data.n_classes, data.X.shape[1] + 1)
    X, y = jax.device_put((data.X, data.y.astype(np.int32)), on)
    start = jax.device_put(np.zeros(shape, np.float32).ravel(), on)

    def flat_cost(theta: jax.Array, X: jax.Array, y: jax.Array) -> jax.Array:
        matrix = theta.reshape(shape)
        return cost(Parameters(matrix[:, :-1], matrix[:, -1]), X, y, l2)

    def minimise(start: jax.Array, X: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
        evaluate = partial(jax.value_and_grad(flat_cost), X=X, y=y)
        end = lax.while_loop(
            lambda now: (now.least > target) & (now.evaluations < MAX_EVALUATIONS),
            lambda now: _evaluated(now, evaluate),
            _at_start(start, *evaluate(start), history),
        )
        return end.least, end.evaluations

    compiled = jax.jit(minimise).lower(start, X, y).compile()

    def run() -> int:
        least, evaluations = compiled(start, X, y)
        if float(least) > target:
            raise RuntimeError(f"L-BFGS stood at J = {float(least):.6f} after {MAX_EVALUATIONS}, above {target:.6f}")
        return int(evaluations)

    return run


def _at_start(point: jax.Array, value: jax.Array, gradient: jax.Array, history: int) -> Descent:
    memory = jnp.zeros((history, point.size), point.dtype)
    squared = gradient @ gradient
    return Descent(
        point=point,
        cost=value,
        gradient=gradient,
        direction=-gradient,
        slope=-squared,
        length=lax.rsqrt(squared),
        too_short=jnp.zeros_like(value),
        too_long=jnp.full_like(value, jnp.inf),
        steps=memory,
        changes=memory,
        least=value,
        evaluations=jnp.int32(1),
    )


def _evaluated(now: Descent, evaluate: Callable[[jax.Array], tuple[jax.Array, jax.Array]]) -> Descent:
    """One evaluation along the direction: taken as the new point, or the step made shorter or longer."""
    point = now.point + now.length * now.direction
    value, gradient = evaluate(point)
    is_low = value <= now.cost + FIRST_DECREASE * now.length * now.slope  # false for NaN, so that the step shrinks
    is_flat = gradient @ now.direction >= CURVATURE * now.slope
    now = now._replace(least=jnp.fmin(now.least, value), evaluations=now.evaluations + 1)
    moved: Descent = lax.cond(
        is_low & is_flat,
        lambda: _moved(now, point, value, gradient),
        lambda: _with_other_length(now, is_low),
    )
    return moved


def _with_other_length(now: Descent, is_low: jax.Array) -> Descent:
    too_short = jnp.where(is_low, now.length, now.too_short)
    too_long = jnp.where(is_low, now.too_long, now.length)
    length = jnp.where(jnp.isinf(too_long), 2 * too_short, 0.5 * (too_short + too_long))
    return now._replace(too_short=too_short, too_long=too_long, length=length)


def _moved(now: Descent, point: jax.Array, value: jax.Array, gradient: jax.Array) -> Descent:
    steps = jnp.concatenate([now.steps[1:], (point - now.point)[None]])
    changes = jnp.concatenate([now.changes[1:], (gradient - now.gradient)[None]])
    direction = _two_loops(gradient, steps, changes)
    return now._replace(
        point=point,
        cost=value,
        gradient=gradient,
        direction=direction,
        slope=direction @ gradient,
        length=jnp.ones_like(now.length),
        too_short=jnp.zeros_like(now.too_short),
        too_long=jnp.full_like(now.too_long, jnp.inf),
        steps=steps,
        changes=changes,
    )


def _two_loops(gradient: jax.Array, steps: jax.Array, changes: jax.Array) -> jax.Array:
    """Minus the inverse Hessian's estimate times the gradient; a pair that is still zero changes nothing."""
    products = (steps * changes).sum(axis=1)
    inverses = jnp.where(products > 0, 1 / jnp.where(products > 0, products, 1), 0)
    scale = products[-1] / (changes[-1] @ changes[-1])

    def backwards(direction: jax.Array, pair: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        step, change, inverse = pair
        share = inverse * (step @ direction)
        return direction - share * change, share

    def forwards(direction: jax.Array, pair: tuple[jax.Array, ...]) -> tuple[jax.Array, None]:
        step, change, inverse, share = pair
        return direction + step * (share - inverse * (change @ direction)), None

    direction, shares = lax.scan(backwards, -gradient, (steps, changes, inverses), reverse=True)
    return lax.scan(forwards, scale * direction, (steps, changes, inverses, shares))[0]


def _zeros(data: Data, on: jax.Device) -> Parameters:
    weights, bias = np.zeros((data.n_classes, data.X.shape[1]), np.float32), np.zeros(data.n_classes, np.float32)
    return Parameters(*jax.device_put((weights, bias), on))
