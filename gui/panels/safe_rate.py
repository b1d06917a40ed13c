"""The strip under the learning rate: up to where it is safe for this data, and what that is worth."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.analysis.learning_rates import Assurance, Curvature, assurance, curvature
from engine.data.preparation import PreparedData
from engine.errors import SettingError
from engine.hyperparameters import TrainingConfig
from gui.forms.range_strip import RangeStrip
from gui.session import Session


class SafeRateStrip(RangeStrip):
    """Works out the curvature in the background, once for each data set and weighting of its classes."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: tuple[object, ...] | None = None
        self._curvature: Curvature | None = None
        self.setObjectName("learning_rate_range")
        self.setAccessibleName(self.tr("Safe learning rates"))
        session.config_changed.connect(self._take)
        session.data_changed.connect(self._take)
        self._take()

    def _take(self) -> None:
        loaded, config = self._session.loaded, self._session.config
        applies = loaded is not None and "learning_rate" in config.optimizer_entry.settings
        self.setVisible(applies)
        if loaded is None or not applies:
            return
        worth = assurance(config, len(loaded.data.y_train))
        if worth.bounds:
            self._ask_for_curvature(loaded.data, config)
        found = self._curvature if worth.bounds else None
        bound = found.safe_rate(config.l2) if found is not None else None
        tip = self._tip(config.learning_rate, worth, bound, estimate=found is not None and found.estimate)
        self.show_range(config.learning_rate, bound, certain=worth is Assurance.SAFE, tip=tip)

    def _ask_for_curvature(self, data: PreparedData, config: TrainingConfig) -> None:
        key = (data, config.class_weighting, config.class_weights)
        if key == self._asked:
            return
        self._asked, self._curvature = key, None

        def done(found: Curvature | None) -> None:
            if key == self._asked:
                self._curvature = found
                self._take()

        self._session.ask("safe_learning_rate", lambda: _curvature_or_none(data, config), done)

    def _tip(self, rate: float, worth: Assurance, bound: float | None, *, estimate: bool) -> str:
        if bound is None:
            return self.tr("The safe range is being worked out …") if worth.bounds else worth.sentence
        about = self.tr("about ") if estimate else ""
        times = rate / bound
        place = (
            self.tr("The learning rate is {share} of it.").format(share=f"{times:.2g}")
            if times < 1
            else self.tr("The learning rate is {times} times as large.").format(times=f"{times:.3g}")
        )
        return self.tr("2/L is {about}{bound} for this data. {worth} {place}").format(
            about=about, bound=f"{bound:.3g}", worth=worth.sentence, place=place
        )


def _curvature_or_none(data: PreparedData, config: TrainingConfig) -> Curvature | None:
    """None where the settings do not fit the data, which the form says."""
    try:
        return curvature(data, config)
    except SettingError:
        return None
