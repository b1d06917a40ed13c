"""Settings that may help, and whether they do on trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import floor, isfinite, log10

from engine.analysis.learning_rates import sharpness
from engine.diagnosis.findings import Cure, number
from engine.diagnosis.patient import Patient
from engine.diagnosis.symptoms import Symptom
from engine.diagnosis.trial import Trial, attempt
from engine.errors import SettingError
from engine.hyperparameters import TrainingConfig
from engine.problem import objectives

ADAPTIVE_RATE, SMALLEST_USUAL_RATE = 0.01, 1e-4  # of optimizers that scale their steps
DIVISIONS = (1.0, 4.0, 16.0, 64.0)
BETTER, MUCH_BETTER = 0.9, 0.8  # shares of the cost to be cured


def helpful(patient: Patient, symptom: Symptom, cures: Iterable[Cure]) -> Iterator[Cure]:
    """Those of ``cures`` that help, in their order."""
    for cure in cures:
        if helps(patient, symptom, cure):
            yield cure


def helps(patient: Patient, symptom: Symptom, cure: Cure) -> bool:
    """Whether the cost holds under ``cure``, and falls as far as the symptom demands."""
    trial = trial_of(patient, cure)
    if not trial.holds:
        return False
    if symptom in (Symptom.RISEN, Symptom.NOT_FINITE, Symptom.OSCILLATES):
        return not cure.anew or trial.last < patient.last_cost
    if symptom is Symptom.STANDS_STILL:
        return trial.last <= BETTER * min(patient.last_cost, patient.course.chance)
    return trial.last <= MUCH_BETTER * patient.last_cost


def trial_of(patient: Patient, cure: Cure) -> Trial:
    """How ``cure`` does; a sample that it would standardise is standardised here."""
    rows = patient.scaled_rows if cure.preparation is not None and cure.preparation.standardize else patient.rows
    return attempt(rows, cure.config, None if cure.anew else patient.good)


def with_rate(config: TrainingConfig, rate: float, *, anew: bool = False) -> Cure:
    """Another learning rate."""
    return Cure(f"Set the learning rate to {number(rate)}", replace(config, learning_rate=rate), anew=anew)


def slower(patient: Patient, *, anew: bool = False) -> Iterator[Cure]:
    """A smaller learning rate, if one holds."""
    yield from that_hold(patient, min(slow_rate(patient, patient.config), patient.config.learning_rate / 2), anew=anew)


def that_hold(patient: Patient, rate: float, *, anew: bool = False) -> Iterator[Cure]:
    """The largest learning rate that holds of ``rate`` and its parts."""
    for division in DIVISIONS:
        try:
            cure = with_rate(patient.config, rounded_down(rate / division), anew=anew)
        except SettingError:
            return
        if trial_of(patient, cure).holds:
            yield cure
            return


def slow_rate(patient: Patient, config: TrainingConfig) -> float:
    """A learning rate to be content with: 1 / L, of the batches where there are any and at the weights of a network."""
    if patient.adaptive:
        is_usual = SMALLEST_USUAL_RATE <= config.learning_rate <= ADAPTIVE_RATE
        return ADAPTIVE_RATE / 10 if is_usual else ADAPTIVE_RATE
    L = patient.curvature.batch_smoothness(config.l2, config.batch_size, len(patient.data.y_train))
    if config.hidden_layers:
        objective, _ = objectives(patient.rows, config)
        L = max(sharpness(objective, patient.good.astype(config.dtype)), 1.0)
    memory = 1.0 / (1.0 - config.momentum) if "momentum" in config.optimizer_entry.settings else 1.0
    return rounded_down(1.0 / (max(L, 1e-12) * memory))


def standardised(patient: Patient, symptom: Symptom) -> Cure:
    """Standardising, with the same learning rate if that holds, else with one that suits."""
    preparation = replace(patient.data.config, standardize=True)
    label = "Switch Standardise on"
    alone = Cure(label, patient.config, preparation, anew=True)
    if not patient.has_rate or helps(patient, symptom, alone):
        return alone
    scaled = patient.scaled_curvature
    L = scaled.batch_smoothness(patient.config.l2, patient.config.batch_size, len(patient.data.y_train))
    rate = ADAPTIVE_RATE if patient.adaptive else rounded_down(1.0 / (max(L, 1e-12) * patient.memory))
    config = replace(patient.config, learning_rate=rate)
    return Cure(f"{label} and set the learning rate to {number(rate)}", config, preparation, anew=True)


def rounded_down(value: float) -> float:
    """To two digits, inside what a learning rate may be."""
    if not isfinite(value) or value <= 0:
        return 1e-6
    value = min(value, 1e5)
    power = floor(log10(value)) - 1
    return float(f"{floor(value / 10.0**power + 1e-9)}e{power}")
