"""Trainings to be examined: run step by step, and looked at as often as the window would."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import numpy as np
from numpy.typing import NDArray

from engine.data.preparation import PreparedData
from engine.diagnosis import Course, Diagnosis, Patient, chance_cost, course_of, examine, find_symptom
from engine.diagnosis.symptoms import Symptom
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.problem import steps_per_epoch
from engine.progress import EpochRecord, Progress, Request
from engine.stopping import StopReason
from engine.training import train

LOOKS_AFTER_EPOCHS = (21, 25, 32, 45, 52, 70, 100, 150, 220, 300, 450, 700)


def looks(data: PreparedData, config: TrainingConfig) -> Iterator[tuple[Course, History]]:
    """The course of one training after so many epochs, and at its end."""
    chance, per_epoch = chance_cost(data, config), steps_per_epoch(data, config)
    history = History(per_epoch)
    training = train(data, config, slice_seconds=inf, threads=1)
    history.append(progress := next(training))
    for epoch in (*LOOKS_AFTER_EPOCHS, config.epochs + 1):
        if progress.stop_reason is None and epoch * per_epoch > progress.step:
            history.append(progress := training.send(Request(max_steps=epoch * per_epoch - progress.step)))
            yield course_of(history, data, config, chance, progress.stop_reason), history


def first_diagnosis(data: PreparedData, config: TrainingConfig) -> Diagnosis | None:
    """What is told first of a training; None where nothing ever is."""
    examined: set[Symptom] = set()
    for course, history in looks(data, config):
        symptom = find_symptom(course)
        if symptom is None or symptom in examined:
            continue
        examined.add(symptom)
        latest, best = history.latest, history.best
        assert latest is not None
        assert best is not None
        found = examine(Patient(data, course, latest.theta, best.moment.theta), symptom)
        if found is not None:
            return found
    return None


def course_with(
    costs: NDArray[np.float64] | list[float],
    config: TrainingConfig | None = None,
    *,
    full_batch: bool = True,
    chance: float = 1.1,
    stop_reason: StopReason | None = None,
    accuracy: float = 0.5,
    batch_costs: NDArray[np.float64] | None = None,
) -> Course:
    """A course of these costs, one check an epoch, with weights that grow by one an epoch."""
    history = History(1)
    records = tuple(
        EpochRecord(epoch, cost, accuracy, np.nan, np.nan, weight_norm=1.0 + epoch)
        for epoch, cost in enumerate(map(float, costs))
    )
    steps = np.empty(0) if batch_costs is None else batch_costs
    history.append(Progress(len(records), len(records) - 1, 0, steps, records, np.zeros(1), 0.0, stop_reason))
    config = config or TrainingConfig(batch_size=0, epochs=1000)
    return Course(history.epochs, history.steps, config, full_batch, chance, stop_reason)
