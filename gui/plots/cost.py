"""The cost J over the training."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from engine.arrays import FloatArray
from engine.history import EpochSeries, StepEnvelope
from gui.plots.curves import CurvesPlot, Limits, finite_limits
from gui.plots.decimation import decimate
from gui.plots.legend import LegendEntry
from gui.run_view import RunView
from gui.theme import Theme, blended


class CostPlot(CurvesPlot):
    """J of all training and validation rows after every epoch, and faintly the cost of every batch."""

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "cost",
            self.tr("Cost"),
            self.tr("Press Train: the cost J falls here, epoch by epoch, for training and validation rows."),
            parent,
        )
        self._batches = self.curve(0, antialias=False)
        self.name_axis("left", self.tr("cost J (nats)"))

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        # Opaque, because the strokes of a zigzag overlap and would add up.
        self._batches.setPen(self.pen(blended(theme.training, theme.card, 0.4), 1))

    def legend_entries(self) -> list[LegendEntry]:
        """The curves, and the batches where they are smaller than the training set."""
        entries = super().legend_entries()
        history = self.session.history
        if history is not None and history.steps_per_epoch > 1:
            entries.append(LegendEntry(self.tr("each batch"), self._batches.opts["pen"].color(), thin=True))
        return entries

    def values(self, series: EpochSeries) -> tuple[FloatArray, FloatArray]:
        """Cost J in nats."""
        return series.train_cost, series.validation_cost

    def format_value(self, value: float) -> str:
        """Six significant digits."""
        return f"{value:.6g}"

    def y_limits(self, training: FloatArray, validation: FloatArray) -> Limits:
        """All of both curves, from 0 on a linear axis."""
        limits = finite_limits(training, validation) or Limits(0.0, 1.0)
        if not self._log["left"]:
            return Limits(0.0, max(limits.high, 1e-9))
        return Limits(max(limits.low, 1e-12), max(limits.high, 1e-12))

    def redraw(self) -> None:
        """Draw the history as it is now."""
        super().redraw()
        history = self.session.history
        if history is None or history.steps_per_epoch == 1:
            self._batches.setData([], [])
            return
        self._draw_batches(history.steps, history.steps_per_epoch)

    def _draw_batches(self, steps: StepEnvelope, steps_per_epoch: int) -> None:
        """A zigzag between the lowest and highest batch cost of each bucket."""
        x = np.arange(len(steps.low)) * (steps.stride / steps_per_epoch)
        zigzag = np.stack([steps.low, steps.high], axis=1).ravel()
        self.draw_line(self._batches, *decimate(np.repeat(x, 2), zigzag, self.x_edges()))
