"""The true minimum of a cost without hidden layers, found as fast as this data allows.

Such a cost is convex, so there is one lowest value J*, and a descent can tell how far away it still is: half the slope
along a quasi-Newton step is the decrease to be expected from it. On many rows the descent begins on a sixteenth of
them, goes on with a quarter, and only ends on all.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.arrays import RealArray, read_only
from engine.errors import SettingError
from engine.examples import TrainingData
from engine.fused import FusedBatch, FusedObjective, ThreadTeam, checked_threads
from engine.hyperparameters import TrainingConfig
from engine.objective import Objective
from engine.optimizers import Lbfgs
from engine.problem import objectives

MOST_ITERATIONS = 2000
FEWEST_ROWS_OF_A_PART = 4096
FEWEST_ROWS_A_PARAMETER = 8
PARTS = (16, 4)
ROUGH_TOLERANCE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """How far a descent has come: ``cost`` over all rows of its stage, and the decrease still ``expected``.

    ``evaluations`` counts gradients over all rows; one over a part of them counts as that part. ``converged`` says that
    this is the end, and ``expected`` within the tolerance; ``ended`` that it is the end in any case.
    """

    theta: RealArray
    cost: float
    expected: float
    evaluations: float
    converged: bool
    ended: bool


def check_has_one_minimum(config: TrainingConfig) -> None:
    """Raise SettingError where ``true_minimum`` cannot find the lowest cost of ``config``."""
    if config.hidden_layers:
        raise SettingError("hidden_layers", "With hidden layers a cost has many minima, and no way to tell the lowest.")
    if config.l1:
        raise SettingError("l1", "The true minimum is computed for costs without L1 penalty.")


def true_minimum(
    data: TrainingData, config: TrainingConfig, tolerance: float = 1e-12, threads: int | None = None
) -> Generator[Descent, None, None]:
    """Descend to J* of what ``config`` minimises on the training rows, in float64; the last one yielded has it.

    Whoever has had enough stops iterating. Raises SettingError where the cost has hidden layers, hence many minima, or
    an L1 penalty, whose kinks this method cannot see.
    """
    check_has_one_minimum(config)
    training, _ = objectives(data, replace(config, precision="float64"))
    with ThreadTeam(checked_threads(threads)) as team:
        objective = FusedObjective(training, team)
        yield from find_minimum(objective, np.zeros(training.network.n_parameters), tolerance)


def find_minimum(objective: FusedObjective, theta: RealArray, tolerance: float) -> Iterator[Descent]:
    """Descend from ``theta`` until the decrease still expected is below ``tolerance`` times the cost."""
    evaluations = 0.0
    for batch, part, stage_tolerance in _stages(objective, tolerance):
        last = part == 1 and stage_tolerance == tolerance
        for descent in _descend(batch, theta, stage_tolerance):
            theta = descent.theta
            so_far = evaluations + descent.evaluations / part
            yield replace(
                descent,
                evaluations=so_far,
                converged=last and descent.converged,
                ended=last and descent.ended,
            )
        evaluations = so_far


def _stages(objective: FusedObjective, tolerance: float) -> Iterator[tuple[FusedBatch, int, float]]:
    """Rows to descend on, how many times more there are in all, and where to stop.

    The first stage is rough: what is known of the curvature afterwards is worth starting over. A part that has few rows
    for each parameter would be learnt by heart, and is good for that first stage only.
    """
    n_rows, n_parameters = len(objective.reference.y), objective.reference.network.n_parameters
    parts = [part for part in PARTS if n_rows // part >= FEWEST_ROWS_OF_A_PART]
    yield _every(objective, (*parts, 1)[0]), (*parts, 1)[0], max(ROUGH_TOLERANCE, tolerance)
    for part in parts:
        if n_rows // part >= FEWEST_ROWS_A_PARAMETER * n_parameters:
            # Closer than its own sampling error helps nobody.
            yield _every(objective, part), part, max(tolerance, part / n_rows)
    yield objective.whole(), 1, tolerance


def _every(objective: FusedObjective, part: int) -> FusedBatch:
    if part == 1:
        return objective.whole()
    return objective.batch(np.arange(part // 2, len(objective.reference.y), part))


def _descend(objective: Objective, theta: RealArray, tolerance: float) -> Iterator[Descent]:
    optimizer = Lbfgs(memory=20)
    state = optimizer.init(theta)
    for iteration in range(MOST_ITERATIONS):
        # Of steps too long, which the search takes back.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            moved, state = optimizer.step(objective, theta, state)
        stuck = moved is theta
        theta = moved
        small = state.expected_decrease <= tolerance * abs(state.here)
        ended = small or stuck or iteration == MOST_ITERATIONS - 1
        yield Descent(read_only(theta), state.here, state.expected_decrease, state.evaluations, small, ended)
        if ended:
            return
