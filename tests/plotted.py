"""Plots under test: data made up for them, trainings that are over, and a pointer that rests on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from engine.data.dataset import Dataset
from engine.data.encoding import FeatureEncoder
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig, prepare
from engine.decision_regions import PrincipalComponents
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.problem import steps_per_epoch
from engine.training import train
from gui.loading import LoadedData
from gui.plots.base import Plot
from gui.plots.graph import GraphPlot
from gui.run_view import FinishedRunView

ODD_NAMES = ("a" * 200, "", "한국어", "<b>bold</b>", "שלום", "👩‍🔬 & co", "two\nlines")


def made_up(X: ArrayLike, y: ArrayLike, names: Sequence[str] = (), **preparation: Any) -> LoadedData:
    """Data of inputs (N, D) and classes (N,); there may be more names than classes that occur."""
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.int64)
    dataset = Dataset(
        name="made up",
        X=X,
        y=y,
        feature_names=tuple(f"x{d}" for d in range(X.shape[1])),
        class_names=tuple(names) or tuple(f"class {c}" for c in range(int(y.max()) + 1)),
        target_name="class",
        encoder=FeatureEncoder(()),
        rows=np.arange(len(y)),
    )
    data = prepare(dataset, PreparationConfig(**preparation))
    return LoadedData(load_entry("iris"), data, PrincipalComponents.of(data), None, None)


def clouds(n_rows: int, n_classes: int, names: Sequence[str] = (), **preparation: Any) -> LoadedData:
    """Overlapping clouds, one a class."""
    rng = np.random.default_rng(0)
    y = np.arange(n_rows) % n_classes
    return made_up(rng.normal(size=(n_classes, 3))[y] + rng.normal(size=(n_rows, 3)), y, names, **preparation)


def finished(
    loaded: LoadedData, config: TrainingConfig | None = None, *, weight: float | None = None
) -> FinishedRunView:
    """A training of ``loaded`` that is over, a short one by default; with ``weight`` all its weights are that."""
    config = config or TrainingConfig(epochs=3, batch_size=0)
    history = History(steps_per_epoch(loaded.data, config))
    for progress in train(loaded.data, config):
        history.append(progress)
    if weight is not None:
        history.append(replace(progress, theta=np.full_like(progress.theta, weight)))
    return FinishedRunView(loaded, config, history)


def show(qtbot: Any, plot: Plot, width: int = 620, height: int = 420) -> None:
    """Put ``plot`` on the screen."""
    qtbot.addWidget(plot)
    plot.resize(width, height)
    with qtbot.waitExposed(plot):
        plot.show()
    QApplication.processEvents()


def place_of(plot: GraphPlot, x: float, y: float) -> QPoint:
    """Where a point of the axes is, in pixels of the viewport."""
    return plot.graph.mapFromScene(plot.view.mapViewToScene(QPointF(x, y)))


def hover(plot: GraphPlot, x: float, y: float) -> str:
    """Rest the pointer on a point of the axes; what is read out there."""
    QApplication.processEvents()  # the legend may have got another row
    place = place_of(plot, x, y)
    for spot in (place + QPoint(0, 1), place):  # where the pointer rests already, no move would be told of
        QTest.mouseMove(plot.graph.viewport(), spot)
        QTest.qWait(12)  # pyqtgraph tells of a moving pointer at most 100 times a second
    shown = [item for item in plot.graph.scene().items() if isinstance(item, pg.TextItem) and item.isVisible()]
    return "\n".join(item.toPlainText() for item in shown)


def hint_of(plot: Plot) -> str:
    """What stands in an empty plot; "" where it shows something."""
    hints = [label for label in plot.content.findChildren(QLabel) if label.property("muted") and label.isVisible()]
    return "\n".join(label.text() for label in hints)
