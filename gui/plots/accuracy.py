"""The share of rows classified rightly over the training."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.arrays import FloatArray
from engine.history import EpochSeries
from gui.plots.curves import CurvesPlot, Limits, finite_limits
from gui.run_view import RunView


class AccuracyPlot(CurvesPlot):
    """Accuracy of all training and validation rows after every epoch, in percent."""

    log_y_wanted = False

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "accuracy",
            self.tr("Accuracy"),
            self.tr("Press Train: the share of rows classified rightly rises here, epoch by epoch."),
            parent,
        )
        self.name_axis("left", self.tr("accuracy (%)"))

    def values(self, series: EpochSeries) -> tuple[FloatArray, FloatArray]:
        """Accuracy in percent."""
        return 100.0 * series.train_accuracy, 100.0 * series.validation_accuracy

    def format_value(self, value: float) -> str:
        """Two decimals, in percent."""
        return f"{value:.2f} %"

    def y_limits(self, training: FloatArray, validation: FloatArray) -> Limits:
        """From the ten below the lowest value to 100."""
        limits = finite_limits(training, validation) or Limits(0.0, 100.0)
        return Limits(max(0.0, 10.0 * (limits.low // 10.0)), 100.0)
