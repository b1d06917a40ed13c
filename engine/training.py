"""Training as a generator of time-sliced progress.

``train`` steps until its slice is over, then yields one ``Progress`` that holds every step's cost since the last one.
Whoever iterates it drives the training: to pause is not to call ``next``, to stop is to call it no more. What is
computed never depends on where the slices fall.
"""

from __future__ import annotations

import time
from collections.abc import Generator

import numpy as np

from engine.arrays import RealArray
from engine.examples import TrainingData
from engine.fused import ThreadTeam, checked_threads
from engine.hyperparameters import TrainingConfig
from engine.progress import Progress, Request
from engine.run import Run


def train(
    data: TrainingData,
    config: TrainingConfig,
    slice_seconds: float = 0.01,
    threads: int | None = None,
    start: RealArray | None = None,
) -> Generator[Progress, Request | None, None]:
    """Train on ``data`` and yield ``Progress``: first the start itself, then one per ``slice_seconds``.

    A ``Request`` sent in takes effect with the next step. Same data, settings, seed and ``threads`` give the same bits;
    None stands for as many threads as the machine has to offer. ``start`` (P,) takes the place of the weights that the
    seed draws. Raises SettingError where the settings or the start do not fit the data, or a request changes what only
    a new run can change.
    """
    with ThreadTeam(checked_threads(threads)) as team:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            run = Run(data, config, team, start)
        request = yield run.report()
        while run.stop_reason is None:
            started = time.perf_counter()
            if request is not None and request.config is not None:
                run.change(request.config)
            max_steps = request.max_steps if request is not None else None
            # Overflow is not a mishap here but divergence, and is looked for after every step.
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                run.advance(started, slice_seconds, max_steps)
            run.seconds += time.perf_counter() - started
            request = yield run.report()
