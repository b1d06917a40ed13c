"""How right a class is when it is predicted, against how much of it is found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from engine.analysis import ScoreCurve, ScoreCurves, precision_recall_curves
from engine.analysis.score_curves import as_steps
from engine.arrays import FloatArray, IntArray
from gui.plots.score_curves import ScoreCurvesPlot
from gui.run_view import RunView


class PrecisionRecallPlot(ScoreCurvesPlot):
    """Precision-recall curves of every class against all others, with averages and the precision of guessing."""

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "precision_recall",
            self.tr("Precision and recall"),
            self.tr(
                "Load data: for every class, how often it is right when it is predicted appears here, against the "
                "share of its examples that are found."
            ),
            parent,
        )
        self.name_axis("bottom", self.tr("recall"))
        self.name_axis("left", self.tr("precision"))

    def curves_of(self, y: IntArray, P: NDArray[np.float32]) -> ScoreCurves:
        """Precision against recall."""
        return precision_recall_curves(y, P)

    def path_of(self, curve: ScoreCurve) -> tuple[FloatArray, FloatArray]:
        """Steps, under which the area is the average precision."""
        return as_steps(curve.x, curve.y)

    def reference_of(self, curves: ScoreCurves, chosen: int | None) -> tuple[FloatArray, FloatArray, str]:
        """The share of the chosen class, or of a class on average: the precision of guessing."""
        rate = 1.0 / len(curves.classes) if chosen is None else float(curves.base_rates[chosen])
        name = self.tr("base rate {rate}") if chosen is not None else self.tr("mean base rate {rate}")
        return np.array([0.0, 1.0]), np.array([rate, rate]), name.format(rate=f"{rate:.4g}")

    def read(self, x: float, y: float) -> str:
        """Precision and recall."""
        return self.tr("precision {precision}\nrecall {recall}").format(precision=f"{y:.4f}", recall=f"{x:.4f}")

    def area_name(self) -> str:
        """AP."""
        return self.tr("average precision, AP, the area under the steps")
