"""From a symptom to its cause: what the data, the settings and the weights show, and which cure helps on trial.

This takes up to a few seconds, on at most a thousand rows; nothing here is for the thread that draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

import numpy as np

from engine.analysis.learning_rates import Curvature, curvature
from engine.diagnosis.cures import helpful, rounded_down, slow_rate, slower, standardised, that_hold, with_rate
from engine.diagnosis.findings import Cause, Cure, Diagnosis, name, number
from engine.diagnosis.patient import Patient
from engine.diagnosis.symptoms import Symptom, has_settled
from engine.diagnosis.trial import cost
from engine.problem import initial_theta

DISPARITY = 30.0
MODEST_SCALE = 10.0
STANDARDISING_MATTERS = 4.0
SATURATED = 0.8
DEAD = 0.8
HIGH_START = 10.0
LONG_MEMORY = 0.98
FAR_TOO_SMALL = 1000.0
LARGEST_MOVE = 0.1
USUAL_L2, USUAL_MOMENTUM = 0.001, 0.9


def examine(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    """The likeliest cause of ``symptom`` that has a cure which helps on trial.

    Where the cost has ceased to be finite there is always a diagnosis, at worst one without a cause.
    """
    with np.errstate(all="ignore"):
        if symptom is Symptom.WEIGHTS_GROW:
            return _separable(patient)
        for suspect in _SUSPECTS:
            found = suspect(patient, symptom)
            if found is not None and (cures := tuple(helpful(patient, symptom, found.cures))):
                return replace(found, cures=cures)
    return _unknown(patient) if symptom is Symptom.NOT_FINITE else None


# Suspects, the most certain first


def _first_weights(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    config = patient.config
    large = config.initialization_scale > 1.0 or config.initialization == "normal"
    if not large or not config.draws_first_weights:
        return None
    start = initial_theta(patient.data, config)
    share = patient.saturated_share(start)
    first_cost = cost(patient.rows, config, start)
    if share < SATURATED and not first_cost > HIGH_START * patient.course.chance:
        return None
    kind = "automatic" if config.initialization == "normal" else config.initialization
    label = "Set the initialisation scale to 1"
    if config.initialization == "normal":
        label = "Set the initialisation to Automatic" + (
            " and its scale to 1" if config.initialization_scale > 1 else ""
        )
    figures = {
        "init": number(config.initialization_scale),
        "start": number(first_cost),
        "chance": number(patient.course.chance),
        "share": f"{share:.0%}",
    }
    cause = Cause.UNITS_SATURATED if share >= SATURATED else Cause.FIRST_WEIGHTS_TOO_LARGE
    gentle = replace(config, initialization=kind, initialization_scale=min(config.initialization_scale, 1.0))
    return Diagnosis(symptom, cause, figures, (Cure(label, gentle, anew=True),))


def _l2(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    config = patient.config
    if not patient.has_rate or config.l2 * config.learning_rate < 1.0 or config.l2 <= patient.curvature.largest:
        return None
    figures = {"l2": number(config.l2), "rate": number(config.learning_rate)}
    cures = [Cure(f"Set the L2 penalty to {USUAL_L2:g}", replace(config, l2=USUAL_L2)), *slower(patient)]
    return Diagnosis(symptom, Cause.L2_TOO_LARGE, figures, tuple(cures))


def _l1(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    config = patient.config
    if not patient.has_rate or symptom in (Symptom.STANDS_STILL, Symptom.WORSE_THAN_CHANCE):
        return None
    # Weights that dance by rate times l1 cost about l1 each time as much.
    dance = config.l1**2 * config.learning_rate * len(patient.good) * patient.memory
    if not config.l1 or dance < 0.1 * patient.course.chance:
        return None
    figures = {
        "l1": number(config.l1),
        "rate": number(config.learning_rate),
        "push": number(config.l1 * config.learning_rate),
    }
    rate = rounded_down(0.01 * config.learning_rate / dance * patient.course.chance)
    cures = [
        with_rate(config, min(rate, config.learning_rate / 10)),
        Cure("Switch the L1 penalty off", replace(config, l1=0.0)),
    ]
    return Diagnosis(symptom, Cause.L1_TOO_LARGE, figures, tuple(cures))


def _unscaled(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    if patient.scaled or not patient.has_rate:
        return None
    config, scales = patient.config, patient.scales
    column = int(scales.argmax())
    others = np.delete(scales, column)
    typical = float(np.median(others[others > 0])) if (others > 0).any() else inf
    largest = float(scales[column])
    disparate = largest > DISPARITY * typical and largest > MODEST_SCALE
    if not disparate and not _scaling_decides(patient, largest):
        return None
    figures = {
        "column": name(patient.data.dataset.feature_names[column]),
        "scale": number(largest),
        "times": number(largest / typical),
        "rate": number(config.learning_rate),
    }
    cause = Cause.UNSCALED_COLUMN if disparate else Cause.UNSCALED_FEATURES
    cures = [standardised(patient, symptom)]
    if symptom is not Symptom.STANDS_STILL:
        cures.extend(slower(patient))
    return Diagnosis(symptom, cause, figures, tuple(cures), patient.curvature.estimate)


def _scaling_decides(patient: Patient, largest: float) -> bool:
    """Whether the learning rate is too large for the features as they are, and would not be were they standardised."""
    config = patient.config
    if patient.adaptive or config.hidden_layers:
        return largest > MODEST_SCALE
    raw, scaled = (one.safe_rate(config.l2) for one in (patient.curvature, patient.scaled_curvature))
    return raw < min(config.learning_rate, scaled / STANDARDISING_MATTERS) and config.learning_rate <= 2.0 * scaled


def _class_weights(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    config = patient.config
    weights = config.weights_of_classes(patient.data.y_train, patient.data.n_classes)
    if weights is None or not patient.has_rate or patient.adaptive:
        return None
    heaviest = float(weights[np.unique(patient.data.y_train)].max())
    alike = replace(config, class_weighting="none")
    unweighted = curvature(patient.data, alike)
    n_rows, batch = len(patient.data.y_train), config.batch_size

    def safe(one: Curvature) -> float:
        return 2.0 / one.batch_smoothness(config.l2, batch, n_rows)

    if heaviest < 2.0 or not safe(patient.curvature) < config.learning_rate * patient.memory <= safe(unweighted):
        return None
    cures = [*slower(patient), Cure("Let all classes count alike", alike)]
    figures = {"heaviest": number(heaviest), "rate": number(config.learning_rate)}
    return Diagnosis(symptom, Cause.CLASS_WEIGHTS_EXTREME, figures, tuple(cures))


def _order(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    config, y = patient.config, patient.data.y_train
    if config.shuffle or patient.course.full_batch or np.mean(np.diff(y) != 0) > 0.5 * (1 - 1 / patient.data.n_classes):
        return None
    cure = Cure("Shuffle the rows each epoch", replace(config, shuffle=True))
    return Diagnosis(symptom, Cause.NOT_SHUFFLED, {}, (cure,))


def _momentum(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    config = patient.config
    if patient.memory * (1.0 - LONG_MEMORY) < 1.0 - 1e-9:
        return None
    gentler = replace(config, momentum=USUAL_MOMENTUM)
    figures = {"momentum": f"{config.momentum:g}", "memory": number(patient.memory)}
    cures = [Cure(f"Set the momentum to {USUAL_MOMENTUM:g}", gentler)]
    rate = slow_rate(patient, gentler)
    if rate < config.learning_rate:
        label = f"Set the momentum to {USUAL_MOMENTUM:g} and the learning rate to {number(rate)}"
        cures.append(Cure(label, replace(gentler, learning_rate=rate)))
    working = list(helpful(patient, symptom, cures))
    return Diagnosis(symptom, Cause.MOMENTUM_TOO_LARGE, figures, tuple(working[:1]))


def _dead_units(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    share = patient.dead_share(patient.newest)
    if share < DEAD or symptom is Symptom.NOT_FINITE:
        return None
    config = patient.config
    cures = [replace(cure, anew=True) for cure in slower(patient, anew=True)]
    cures.append(Cure("Use tanh in the hidden layers", replace(config, activation="tanh"), anew=True))
    return Diagnosis(symptom, Cause.UNITS_DEAD, {"share": f"{share:.0%}"}, tuple(cures))


def _rate_too_large(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    config = patient.config
    if not patient.has_rate or symptom in (Symptom.STANDS_STILL, Symptom.WORSE_THAN_CHANCE):
        return None
    bound = patient.curvature.safe_rate(config.l2)
    figures = {
        "rate": number(config.learning_rate),
        "bound": number(bound),
        "times": number(config.learning_rate / bound),
        "batch": number(config.batch_size),
    }
    cause = Cause.LEARNING_RATE_TOO_LARGE_HERE
    if not patient.adaptive and not config.hidden_layers and not config.l1:
        if config.learning_rate > bound:
            cause = Cause.LEARNING_RATE_TOO_LARGE
        elif not patient.course.full_batch:
            cause = Cause.BATCH_TOO_SMALL
    cures = list(slower(patient))
    if not patient.scaled:
        cures.append(standardised(patient, symptom))
    return Diagnosis(symptom, cause, figures, tuple(cures), patient.curvature.estimate)


def _rate_too_small(patient: Patient, symptom: Symptom) -> Diagnosis | None:
    config = patient.config
    if symptom is not Symptom.STANDS_STILL or not patient.has_rate:
        return None
    n_rows = len(patient.data.y_train)
    n_steps = config.epochs * -(-n_rows // config.rows_per_step(n_rows))
    right = slow_rate(patient, config)
    if right < FAR_TOO_SMALL * config.learning_rate:
        return None
    if patient.adaptive and config.learning_rate * n_steps > LARGEST_MOVE:
        return None
    figures = {"rate": number(config.learning_rate), "epochs": f"{config.epochs:,}"}
    return Diagnosis(symptom, Cause.LEARNING_RATE_TOO_SMALL, figures, tuple(that_hold(patient, right)))


_SUSPECTS: tuple[Callable[[Patient, Symptom], Diagnosis | None], ...] = (
    _first_weights,
    _l2,
    _l1,
    _order,
    _class_weights,
    _unscaled,
    _momentum,
    _dead_units,
    _rate_too_large,
    _rate_too_small,
)


def _separable(patient: Patient) -> Diagnosis:
    cure = Cure(f"Set the L2 penalty to {USUAL_L2:g}", replace(patient.config, l2=USUAL_L2))
    settled = has_settled(patient.course)
    return Diagnosis(Symptom.WEIGHTS_GROW, Cause.SEPARABLE, {}, (cure,), urgent=settled)


def _unknown(patient: Patient) -> Diagnosis:
    cures = []
    if patient.has_rate:
        cures.append(with_rate(patient.config, rounded_down(patient.config.learning_rate / 10)))
    if not patient.scaled:
        cures.append(standardised(patient, Symptom.NOT_FINITE))
    return Diagnosis(Symptom.NOT_FINITE, Cause.UNKNOWN, {}, tuple(cures))
