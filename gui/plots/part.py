"""Which examples a plot looks at: those that train, those held back, or all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget

from gui.predictions import Predictions
from gui.run_view import RunView


class PartBox(QComboBox):
    """A small chooser: validation rows by default, training rows, or all; only training where none are held back."""

    def __init__(self, session: RunView, name: str, changed: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName(name)
        tip = QCoreApplication.translate("PartBox", "Examples that the plot looks at")
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        for key, text in (
            ("validation", QCoreApplication.translate("PartBox", "Validation")),
            ("training", QCoreApplication.translate("PartBox", "Training")),
            ("all", QCoreApplication.translate("PartBox", "All rows")),
        ):
            self.addItem(text, key)
        self.currentIndexChanged.connect(lambda _: changed())
        session.data_changed.connect(self._take_data)
        self._take_data()

    def chosen(self, predictions: Predictions) -> NDArray[np.bool_]:
        """Which of the predicted examples belong to the chosen part, (K,)."""
        match self.currentData():
            case "training":
                return predictions.in_training
            case "validation":
                return ~predictions.in_training
            case _:
                return np.ones(len(predictions.in_training), dtype=bool)

    def _take_data(self) -> None:
        loaded = self._session.loaded
        held_back = loaded is not None and len(loaded.data.y_validation) > 0
        if loaded is None or held_back is self.isEnabled():
            return
        with QSignalBlocker(self):
            self.setEnabled(held_back)
            self.setCurrentIndex(self.findData("validation" if held_back else "training"))
