"""Watches the training, holds it where it goes wrong, and applies what helps.

What is looked at every half second costs a fraction of a millisecond; only a symptom sends for the examination, which
takes place in the background while the training goes on.
"""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.data.dataset import Dataset
from engine.data.preparation import PREPARATION_SPECS, PreparationConfig, PreparedData
from engine.diagnosis import (
    Cause,
    Course,
    Cure,
    Diagnosis,
    Patient,
    Symptom,
    chance_cost,
    course_of,
    examine,
    find_symptom,
)
from engine.errors import SettingError
from engine.history import History
from engine.hyperparameters import TRAINING_SPECS, TrainingConfig
from engine.progress import Moment
from engine.stopping import StopReason
from gui.actions import make_action
from gui.run_view import RunState
from gui.session import Session
from gui.settings import Settings

SECONDS_BETWEEN_LOOKS = 0.5
_UNDER_WAY = (RunState.RUNNING, RunState.PAUSED)


class Doctor(QObject):
    """Each trouble of a run is told once; ``changed`` tells that there is a ``diagnosis``, or none any more."""

    changed = Signal()

    def __init__(self, session: Session, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._settings = settings
        self._diagnosis: Diagnosis | None = None
        self._data: PreparedData | None = None
        self._treated = self._config = session.config
        self._chance: tuple[object, float] | None = None
        self._starts_when_loaded: Dataset | None = None
        self._history: History | None = None
        self._forget_run()
        self.action = make_action(
            self,
            "doctor",
            self.tr("&Watch trainings for trouble"),
            tip=self.tr("Hold a training that goes wrong, say why, and offer what helps"),
        )
        self.action.setCheckable(True)
        self.action.setChecked(settings.doctor)
        self.action.toggled.connect(self._switch)
        session.progressed.connect(self._look)
        session.state_changed.connect(self._take_state)
        session.config_changed.connect(self._take_config)
        session.data_changed.connect(self._take_data)
        session.failed.connect(self._give_up_waiting)

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What is wrong with the run, as long as nobody has done anything about it."""
        return self._diagnosis

    @property
    def holds_training(self) -> bool:
        """Whether there is a paused training that could go on as it is."""
        return self._diagnosis is not None and self._session.state is RunState.PAUSED

    @property
    def good_moment(self) -> Moment | None:
        """The best weights of the run, from which a cure goes on."""
        if self._history is None or (best := self._history.best) is None:
            return None
        return best.moment

    def apply(self, cure: Cure) -> None:
        """Change the settings as ``cure`` says and train on: from the best weights, or anew where it has to be."""
        session, moment = self._session, self.good_moment
        diagnosis = self._diagnosis
        try:
            config = _changed(session.config, self._treated, cure.config)
        except SettingError as error:
            session.failed.emit(str(error))
            return
        self.dismiss()
        if diagnosis is not None and not diagnosis.urgent and session.state in _UNDER_WAY:
            session.set_config(config)
            session.train()
            return
        session.reset()
        session.set_config(config)
        if cure.preparation is not None and self._data is not None:
            preparation = _prepared(session.preparation, self._data.config, cure.preparation)
            if preparation != session.preparation:
                self._starts_when_loaded = self._data.dataset
                session.set_preparation(preparation)
                return
        elif not cure.anew and moment is not None:
            session.fork(moment)
        session.train()

    def go_on(self) -> None:
        """Train on with everything as it is."""
        held = self.holds_training
        self.dismiss()
        if held:
            self._session.train()

    def dismiss(self) -> None:
        """Take the diagnosis away; the training stays as it is."""
        if self._diagnosis is not None:
            self._diagnosis = None
            self.changed.emit()

    # Watching

    def _switch(self, on: bool) -> None:
        self._settings.doctor = on
        if on:
            self._look()
        else:
            self.dismiss()

    def _take_data(self) -> None:
        self.dismiss()
        awaited, self._starts_when_loaded = self._starts_when_loaded, None
        loaded = self._session.loaded
        if awaited is not None and loaded is not None and loaded.dataset is awaited:
            self._session.train()

    def _give_up_waiting(self) -> None:
        self._starts_when_loaded = None
        self._examining = False

    def _take_config(self) -> None:
        if self._session.state in _UNDER_WAY:
            self._config = self._session.config
            self._wait_a_moment()

    def _wait_a_moment(self) -> None:
        """Look again later; what is on record may come from the settings before."""
        self._next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS

    def _take_state(self) -> None:
        state = self._session.state
        if state in _UNDER_WAY:
            self._config = self._session.config
        if state in (RunState.READY, RunState.RUNNING):
            self.dismiss()
        self._wait_a_moment()
        self._look()

    def _forget_run(self) -> None:
        self._told: set[Symptom | Cause] = set()
        self._not_before: dict[Symptom, int] = {}
        self._examining = False
        self._next_look = 0.0

    def _look(self) -> None:
        """Look for a symptom, at most twice a second, and send for the examination where there is one."""
        session, history, loaded = self._session, self._session.history, self._session.loaded
        if history is not self._history:
            self._history = history
            self._forget_run()
            self.dismiss()
        if history is None or loaded is None or not self.action.isChecked() or not self._is_worth_a_look():
            return
        self._wait_a_moment()
        chance = self._chance_cost(loaded.data, self._config)
        course = course_of(history, loaded.data, self._config, chance, session.stop_reason, session.changes)
        symptom = find_symptom(course)
        if symptom is None or symptom in self._told or len(course.epochs.epoch) < self._not_before.get(symptom, 0):
            return
        self._examine(loaded.data, course, symptom, history)

    def _is_worth_a_look(self) -> bool:
        if self._examining or (self._diagnosis is not None and self._diagnosis.urgent):
            return False
        if self._session.state is RunState.ENDED:
            return self._session.stop_reason not in (None, StopReason.STOPPED)
        return self._session.state is RunState.RUNNING and time.monotonic() >= self._next_look

    def _chance_cost(self, data: PreparedData, config: TrainingConfig) -> float:
        key = (data, config.class_weighting, config.class_weights, config.label_smoothing)
        if self._chance is None or self._chance[0] != key:
            self._chance = (key, chance_cost(data, config))
        return self._chance[1]

    def _examine(self, data: PreparedData, course: Course, symptom: Symptom, history: History) -> None:
        latest, good = history.latest, self.good_moment
        if latest is None:
            return
        patient = Patient(data, course, latest.theta, (good or latest.moment).theta)
        self._examining = True
        self._not_before[symptom] = 2 * len(course.epochs.epoch)

        def done(diagnosis: Diagnosis | None) -> None:
            if self._session.history is not history:
                return
            self._examining = False
            if diagnosis is not None and diagnosis.cause not in self._told and self.action.isChecked():
                self._tell(diagnosis, data, course.config)
            if self._session.state is RunState.ENDED:
                self._look()  # it may have ended meanwhile

        self._session.ask("doctor", lambda: examine(patient, symptom), done)

    def _tell(self, diagnosis: Diagnosis, data: PreparedData, config: TrainingConfig) -> None:
        self._told |= {diagnosis.symptom, diagnosis.cause}
        self._data, self._treated = data, config
        if diagnosis.urgent:
            self._session.pause()
        self._diagnosis = diagnosis
        self.changed.emit()


def _changed(now: TrainingConfig, before: TrainingConfig, after: TrainingConfig) -> TrainingConfig:
    """``now`` with what differs between ``before`` and ``after``: other settings may have been edited since."""
    keys = [spec.key for spec in TRAINING_SPECS if getattr(before, spec.key) != getattr(after, spec.key)]
    return replace(now, **{key: getattr(after, key) for key in keys})


def _prepared(now: PreparationConfig, before: PreparationConfig, after: PreparationConfig) -> PreparationConfig:
    keys = [spec.key for spec in PREPARATION_SPECS if getattr(before, spec.key) != getattr(after, spec.key)]
    return replace(now, **{key: getattr(after, key) for key in keys})
