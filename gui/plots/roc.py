"""What each class gains in true positives for the false positives it allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from engine.analysis import ScoreCurves, roc_curves
from engine.arrays import FloatArray, IntArray
from gui.plots.score_curves import ScoreCurvesPlot
from gui.run_view import RunView

_DIAGONAL = np.array([0.0, 1.0])


class RocPlot(ScoreCurvesPlot):
    """ROC curves of every class against all others, with macro and micro average and the diagonal of chance."""

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "roc",
            self.tr("ROC"),
            self.tr(
                "Load data: for every class, the share of its examples that are found appears here, against the share "
                "of the others that are taken for it."
            ),
            parent,
        )
        self.name_axis("bottom", self.tr("false positive rate"))
        self.name_axis("left", self.tr("true positive rate"))

    def curves_of(self, y: IntArray, P: NDArray[np.float32]) -> ScoreCurves:
        """True against false positive rates."""
        return roc_curves(y, P)

    def reference_of(self, curves: ScoreCurves, chosen: int | None) -> tuple[FloatArray, FloatArray, str]:
        """The diagonal."""
        return _DIAGONAL, _DIAGONAL, self.tr("chance 0.5")

    def read(self, x: float, y: float) -> str:
        """Both rates."""
        return self.tr("true positive rate {tpr}\nfalse positive rate {fpr}").format(tpr=f"{y:.4f}", fpr=f"{x:.4f}")

    def area_name(self) -> str:
        """AUC."""
        return self.tr("area under the curve, AUC")
