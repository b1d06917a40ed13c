"""How steep the cost was, how long the steps and the weights were, and at which learning rate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget

from engine.arrays import FloatArray
from engine.history import History
from gui.plots.curve_values import Curves, Limits, finite_limits
from gui.plots.curves import CurvesPlot
from gui.run_view import RunView


class Quantity(NamedTuple):
    """A column of ``EpochSeries``, its name, what it is, and whether its axis is logarithmic at first."""

    key: str
    name: str
    tip: str
    log: bool


class NormsPlot(CurvesPlot):
    """One of four quantities at a time, because each has its own unit; the kind of axis is remembered for each."""

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "norms",
            self.tr("Gradient and weights"),
            self.tr("Press Train: the lengths of the gradient, of the steps and of the weights appear here."),
            parent,
        )
        self._quantities = (
            Quantity(
                "gradient_norm",
                self.tr("gradient norm"),
                self.tr("Length of the gradient that the last step of the epoch followed"),
                True,
            ),
            Quantity(
                "step_size",
                self.tr("step size"),
                self.tr("Length of the last step of the epoch: by how much it changed the weights"),
                True,
            ),
            Quantity(
                "weight_norm", self.tr("weight norm"), self.tr("Length of all weights together, biases left out"), False
            ),
            Quantity(
                "learning_rate",
                self.tr("learning rate"),
                self.tr("Learning rate of the last step of the epoch, as its schedule has it"),
                False,
            ),
        )
        self._logs = [quantity.log for quantity in self._quantities]
        self._box = QComboBox(self)
        self._box.setObjectName("norms_quantity")
        self._box.setAccessibleName(self.tr("Quantity"))
        for number, quantity in enumerate(self._quantities):
            self._box.addItem(quantity.name)
            self._box.setItemData(number, quantity.tip, Qt.ItemDataRole.ToolTipRole)
        self._shown = 0
        self._box.currentIndexChanged.connect(self._choose)
        self.add_chooser(self._box)
        self._choose(0)

    def curve_names(self) -> tuple[str, str]:
        """The quantity; it is one of the training."""
        return self._quantities[self._shown].name, ""

    def curves_of(self, history: History) -> Curves:
        """The chosen column of the record."""
        series = history.epochs
        return Curves(series.epoch, getattr(series, self._quantities[self._shown].key), np.empty(0))

    def empty_text(self) -> str:
        """Why there is no curve, where there is a training."""
        history = self.session.history
        if history is None:
            return super().empty_text()
        series = history.epochs
        if len(series.epoch) > 1 and self._quantities[self._shown].key == "learning_rate":
            return self.tr("This optimizer has no learning rate: it finds the length of each step itself.")
        return self.tr("The {quantity} is known from the first check after a step on.").format(
            quantity=self._quantities[self._shown].name
        )

    def format_value(self, value: float) -> str:
        """Six significant digits."""
        return f"{value:.6g}"

    def y_limits(self, training: FloatArray, validation: FloatArray) -> Limits:
        """All of the curve, from 0 on a linear axis."""
        log = self._log["left"]
        limits = finite_limits(training, positive=log) or Limits(0.1 if log else 0.0, 1.0)
        return limits if log else Limits(0.0, 1.1 * limits.high or 1.0)

    def rises(self) -> bool:
        """Weights grow; the others fall, or stay."""
        return self._quantities[self._shown].key == "weight_norm"

    def set_log(self, axis: str, on: bool) -> None:
        """Remember the kind of axis with its quantity."""
        if axis == "left":
            self._logs[self._shown] = on
        super().set_log(axis, on)

    def _choose(self, number: int) -> None:
        quantity = self._quantities[number]
        self._shown = number
        self._box.setToolTip(quantity.tip)
        self.name_axis("left", quantity.name)
        self.set_log("left", self._logs[number])
        self.update_legend()
