"""The share of rows classified rightly over the training, and two kinder and stricter measures of it."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter, methodcaller
from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QWidget

from engine.arrays import FloatArray
from engine.history import History
from engine.metrics import RankingCounts
from engine.metrics.ranking import MOST_RANKS
from gui.plots.curve_values import Curves, Limits, finite_limits
from gui.plots.curves import CurvesPlot
from gui.plots.moment_scores import MomentScores
from gui.run_view import RunView


class Measure(NamedTuple):
    """What can be shown; accuracy is in the record, the others have a ``value`` of the counts of a moment."""

    name: str
    axis: str
    tip: str
    value: Callable[[RankingCounts], float] | None


class AccuracyPlot(CurvesPlot):
    """Accuracy of all training and validation rows after every check, top-k or macro F1 of the kept moments."""

    log_y_wanted = False

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "accuracy",
            self.tr("Accuracy"),
            self.tr("Press Train: the share of rows classified rightly rises here, epoch by epoch."),
            parent,
        )
        self._scores = MomentScores(session, "accuracy_moments", self.refresh)
        self._measures = self._measures_for(2)
        self._measure = self._measures[0]
        self._box = QComboBox(self)
        self._box.setObjectName("accuracy_measure")
        self._box.setAccessibleName(self.tr("Measure"))
        self._box.currentIndexChanged.connect(self._choose)
        self.add_chooser(self._box)
        self.take_data()

    def take_data(self) -> None:
        """Offer the measures that as many classes allow; keep the chosen one where it is among them."""
        loaded = self.session.loaded
        self._measures = self._measures_for(loaded.data.n_classes if loaded is not None else 2)
        names = [measure.name for measure in self._measures]
        number = names.index(self._measure.name) if self._measure.name in names else 0
        with QSignalBlocker(self._box):
            self._box.clear()
            self._box.addItems(names)
            for index, measure in enumerate(self._measures):
                self._box.setItemData(index, measure.tip, Qt.ItemDataRole.ToolTipRole)
            self._box.setCurrentIndex(number)
        self._take_measure(number)

    def curves_of(self, history: History) -> Curves:
        """The chosen measure, in percent."""
        value = self._measure.value
        if value is None:
            series = history.epochs
            return Curves(series.epoch, 100.0 * series.train_accuracy, 100.0 * series.validation_accuracy)
        self._scores.ask()
        epoch, training, validation = self._scores.values(value)
        return Curves(epoch, 100.0 * training, 100.0 * validation)

    def empty_text(self) -> str:
        """What is awaited."""
        if self.session.history is None:
            return super().empty_text()
        return self.tr("Working out {measure} of the moments that were kept …").format(measure=self._measure.name)

    def format_value(self, value: float) -> str:
        """Two decimals, in percent."""
        return f"{value:.2f} %"

    def rises(self) -> bool:
        """It does, if all goes well."""
        return True

    def y_limits(self, training: FloatArray, validation: FloatArray) -> Limits:
        """From the ten below the lowest value to 100."""
        limits = finite_limits(training, validation) or Limits(0.0, 100.0)
        return Limits(min(max(0.0, 10.0 * (limits.low // 10.0)), 90.0), 100.0)

    def _measures_for(self, n_classes: int) -> tuple[Measure, ...]:
        top = tuple(
            Measure(
                self.tr("top {k}").format(k=k),
                self.tr("top-{k} accuracy (%)").format(k=k),
                self.tr("Share of rows whose actual class is among the {k} likeliest ones").format(k=k),
                methodcaller("top_k", k),
            )
            for k in range(2, min(MOST_RANKS, n_classes) + 1)
        )
        return (
            Measure(
                self.tr("accuracy"),
                self.tr("accuracy (%)"),
                self.tr("Share of rows whose class is the likeliest"),
                None,
            ),
            *top,
            Measure(
                self.tr("macro F1"),
                self.tr("macro F1 (%)"),
                self.tr("Harmonic mean of precision and recall of each class, averaged over the classes"),
                attrgetter("macro_f1"),
            ),
        )

    def _choose(self, number: int) -> None:
        self._take_measure(number)
        self._readout.hide()
        self.reset_view()

    def _take_measure(self, number: int) -> None:
        self._measure = self._measures[number]
        self._box.setToolTip(self._measure.tip)
        self.name_axis("left", self._measure.axis)
