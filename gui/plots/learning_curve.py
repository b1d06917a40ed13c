"""How much more examples would help: cost or accuracy after training on ever more of the training rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QComboBox, QMenu, QToolButton, QWidget

from engine.analysis import LearningPoint, LearningProgress, learning_curve
from engine.analysis.learning_curve import subset_sizes
from engine.arrays import FloatArray
from engine.errors import EngineError
from engine.hyperparameters import TrainingConfig
from engine.stopping import StopReason
from gui.loading import LoadedData
from gui.plots.caption import Caption
from gui.plots.choices import add_choices
from gui.plots.curve_item import CurveItem
from gui.plots.graph import GraphPlot
from gui.plots.legend import LegendEntry
from gui.plots.point_readout import PointReadout
from gui.run_view import RunView
from gui.stream_job import StreamJob
from gui.theme import Theme

SECONDS_A_SIZE = 30
SLICE_SECONDS = 0.002
_DOT = 7
_PATIENCE_SECONDS = 0.2
_NARROW = 340


class LearningCurvePlot(GraphPlot):
    """On request, trains with the present settings on about eight nested subsets and shows how well each one does."""

    most_frames_per_second = 8.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        hint = self.tr(
            "Press Compute: the present settings train on ever more of the training rows, and how well each training "
            "does appears here. If the validation curve still falls at its end, more examples would help."
        )
        super().__init__(session, "learning_curve", self.tr("Learning curve"), hint, parent)
        self._empty = hint
        self._job: StreamJob[LearningProgress] | None = None
        self._points: list[LearningPoint] = []
        self._config: TrainingConfig | None = None
        self._status = self._problem = ""
        self._pointer: QPointF | None = None
        self._training, self._validation = self._curve(2), self._curve(1)
        self._dots = pg.ScatterPlotItem(size=_DOT, useCache=False, antialias=True)
        self._dots.setZValue(3)
        self.item.addItem(self._dots, ignoreBounds=True)
        self._readout = PointReadout(self.item)
        self.item.showGrid(x=True, y=True, alpha=0.16)
        self.item.getAxis("bottom").setLogMode(True)
        self.view.setLimits(xMin=-1, xMax=12, yMin=-1e300, yMax=1e300)
        self.name_axis("bottom", self.tr("training rows N"))
        self._measure = self._make_measure()
        self._button = self._make_button()
        self._caption = Caption(self, "learning_curve_caption")
        self._layout.addWidget(self._caption)
        self.graph.scene().sigMouseMoved.connect(self._follow_pointer)
        session.closing.connect(self._cancel)
        self.take_data()

    def _make_measure(self) -> QComboBox:
        measure = QComboBox(self)
        measure.setObjectName("learning_curve_measure")
        tip = self.tr("How well a training does: its cost J, or the share of rows that it classifies rightly")
        measure.setToolTip(tip)
        measure.setAccessibleName(tip)
        measure.addItem(self.tr("Cost"), "cost")
        measure.addItem(self.tr("Accuracy"), "accuracy")
        measure.currentIndexChanged.connect(lambda _: self.reset_view())
        self.add_control(measure)
        return measure

    def _make_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("learning_curve_compute")
        button.setAccessibleName(self.tr("Compute the learning curve"))
        button.setAutoRaise(True)
        button.clicked.connect(self._press)
        self.add_control(button)
        return button

    # Computing

    @property
    def has_picture(self) -> bool:
        """Only once it has been computed."""
        return bool(self._points)

    def take_data(self) -> None:
        """Let go of what belongs to other data."""
        self._cancel()
        self._points, self._config = [], None
        self._status = self._problem = ""
        self.follows = True

    def _press(self) -> None:
        if self._job is not None:
            self._cancel()
            self._status = self.tr("Cancelled.")
        elif self.session.loaded is not None:
            self._start(self.session.loaded, self.session.config)
        self.redraw()

    def _start(self, loaded: LoadedData, config: TrainingConfig) -> None:
        self._points, self._config, self._problem = [], config, ""
        self._status = self.tr("Starting …")
        self.follows = True
        self._job = StreamJob(_curve_of(loaded, config), self._take, self._finish, self)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel(_PATIENCE_SECONDS)
            self._job = None

    def _take(self, news: list[LearningProgress]) -> None:
        self._points += [progress.point for progress in news if progress.point is not None]
        last = news[-1]
        self._status = self.tr("{number} of {count}: {n} rows, epoch {epoch} of {epochs}").format(
            number=last.number,
            count=last.count,
            n=f"{last.n_rows:,}",
            epoch=f"{last.epoch:,}",
            epochs=f"{self._config.epochs:,}" if self._config else "",
        )
        self.refresh()

    def _finish(self, error: Exception | None) -> None:
        self._job = None
        self._status = ""
        if error is not None:
            self._problem = (
                str(error)
                if isinstance(error, EngineError)
                else self.tr("Something unexpected went wrong: {error}").format(
                    error=f"{type(error).__name__}: {error}"
                )
            )
        self.refresh()

    # Drawing

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        self._training.setPen(self.pen(theme.training, 2))
        self._validation.setPen(self.pen(theme.validation, 2))
        self._readout.use(theme)
        self._draw_dots()

    def legend_entries(self) -> list[LegendEntry]:
        """Training and, where rows are held back, validation; on paper the caption too."""
        entries = [LegendEntry(self.tr("training"), QColor(self.theme.training))]
        if self._validates():
            entries.append(LegendEntry(self.tr("validation"), QColor(self.theme.validation)))
        return [*entries, *([LegendEntry(self._caption.text())] if self._caption.text() else [])]

    def redraw(self) -> None:
        """Draw the points that there are."""
        running = self._job is not None
        self._button.setText(self.tr("Cancel") if running else self.tr("Compute"))
        tip = (
            self.tr("Stop; the points that are there stay")
            if running
            else self.tr(
                "Train with the present settings on 8 sizes of the training set, from a few rows of each class to all; "
                "at most {seconds} seconds for each"
            ).format(seconds=SECONDS_A_SIZE)
        )
        self._button.setToolTip(tip)
        self._button.setAccessibleName(f"{self._button.text()}: {tip}")
        self._button.setEnabled(self.session.loaded is not None)
        self.show_hint(not self._points, self._problem or (self._status if running else self._empty))
        self.name_axis("left", self.tr("accuracy (%)") if self._is_accuracy else self.tr("cost J (nats)"))
        x, training, validation = self._columns()
        self._training.setData(x, training, connect="finite")
        self._validation.setData(x, validation, connect="finite")
        self._draw_dots()
        self._follow(training, validation)
        self._say()
        if self._pointer is not None:
            self._read_out(self._pointer)

    def extend_menu(self, menu: QMenu) -> None:
        """The way back from a zoom, and what the curves are of, whose chooser a narrow card hides."""
        menu.addAction(self.tr("Show all")).triggered.connect(self.reset_view)
        add_choices(menu, self._measure)

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Render the curves without the read-out."""
        self._readout.hide()
        super().paint_content(painter, rect)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low card has no room for the caption, a narrow one none for the chooser."""
        super().resizeEvent(event)
        self._caption.make_way(self.height())
        self._measure.setVisible(self.width() >= _NARROW)

    @property
    def _is_accuracy(self) -> bool:
        return bool(self._measure.currentData() == "accuracy")

    def _validates(self) -> bool:
        loaded = self.session.loaded
        return loaded is not None and len(loaded.data.y_validation) > 0

    def _curve(self, z: float) -> CurveItem:
        curve = CurveItem()
        curve.setZValue(z)
        self.item.addItem(curve, ignoreBounds=True)
        return curve

    def _columns(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """log10 N of the points, and their values on training and validation rows."""
        if self._is_accuracy:
            rows = [(p.n_rows, 100 * p.train_accuracy, 100 * p.validation_accuracy) for p in self._points]
        else:
            rows = [(p.n_rows, p.train_cost, p.validation_cost) for p in self._points]
        columns = np.array(rows, dtype=np.float64).reshape(-1, 3).T
        return np.log10(columns[0]), columns[1], columns[2]

    def _draw_dots(self) -> None:
        x, training, validation = self._columns()
        spots = [
            {"pos": (at, value), "brush": pg.mkBrush(colour), "pen": pg.mkPen(self.theme.card, width=1)}
            for values, colour in ((training, self.theme.training), (validation, self.theme.validation))
            for at, value in zip(x.tolist(), values.tolist(), strict=True)
            if math.isfinite(value)
        ]
        self._dots.setData(spots)

    def _follow(self, training: FloatArray, validation: FloatArray) -> None:
        """All sizes at once from the start, so that the points come into a view that does not move."""
        loaded = self.session.loaded
        sizes = subset_sizes(len(loaded.data.y_train), loaded.data.n_classes) if loaded is not None else [10, 1000]
        values = np.concatenate([training, validation])
        values = values[np.isfinite(values)]
        if self._is_accuracy:
            low, high = (10.0 * (float(values.min()) // 10.0) if len(values) else 0.0), 100.0
        else:
            low, high = 0.0, float(values.max()) if len(values) else 1.0
        high = max(high, low + 1e-9)
        margin, first, last = 0.05 * (high - low), math.log10(sizes[0]), math.log10(sizes[-1])
        edge = max(0.04 * (last - first), 0.02)
        self.set_view(first - edge, last + edge, low - 0.4 * margin, high + margin)

    # Words

    def _say(self) -> None:
        before = self._caption.text()
        sentences = [self._status or self._problem or self._summary()]
        if self._points and self._config != self.session.config:
            sentences.append(self.tr("The settings have changed since; Compute brings the curve up to date."))
        self._caption.say(" ".join(sentence for sentence in sentences if sentence))
        self.content.setAccessibleDescription(self._caption.text())
        if self._caption.text() != before:
            self.update_legend()

    def _summary(self) -> str:
        if not self._points:
            return ""
        limited = sum(point.stop_reason is StopReason.TIME_LIMIT for point in self._points)
        diverged = sum(point.stop_reason is StopReason.DIVERGED for point in self._points)
        sentences = [
            self.tr("Each subset is stratified and part of the next; at most {epochs} epochs each.").format(
                epochs=f"{self._config.epochs:,}" if self._config else ""
            )
        ]
        if limited:
            sentences.append(self.tr("The time limit ended {n} of the trainings.").format(n=limited))
        if diverged:
            sentences.append(self.tr("{n} of the trainings diverged.").format(n=diverged))
        if not self._validates():
            sentences.append(self.tr("No rows are held back to validate."))
        return " ".join(sentences)

    # The pointer

    def leaveEvent(self, event: QEvent) -> None:
        """Take the read-out away with the pointer."""
        super().leaveEvent(event)
        self._pointer = None
        self._readout.hide()

    def _follow_pointer(self, scene_position: QPointF) -> None:
        self._pointer = scene_position if self.view.sceneBoundingRect().contains(scene_position) else None
        if self._pointer is None:
            self._readout.hide()
        else:
            self._read_out(self._pointer)

    def _read_out(self, scene_position: QPointF) -> None:
        """Read both values of the size nearest to the pointer."""
        x, training, validation = self._columns()
        if not len(x):
            self._readout.hide()
            return
        place = self.view.mapSceneToView(scene_position)
        index = int(np.abs(x - place.x()).argmin())
        on_training, on_validation = float(training[index]), float(validation[index])
        closer = math.isfinite(on_validation) and abs(on_validation - place.y()) < abs(on_training - place.y())
        y, colour = (on_validation, self.theme.validation) if closer else (on_training, self.theme.training)
        point = self._points[index]
        lines = [
            self.tr("{n} training rows").format(n=f"{point.n_rows:,}"),
            self.tr("training {value}").format(value=self._value(on_training)),
            *([self.tr("validation {value}").format(value=self._value(on_validation))] if self._validates() else []),
            self.tr("epochs {n}{why}").format(n=f"{point.epoch:,}", why=self._why(point.stop_reason)),
        ]
        self._readout.show_at(float(x[index]), y, "\n".join(lines), colour)

    def _value(self, value: float) -> str:
        return f"{value:.2f} %" if self._is_accuracy else f"{value:.6g}"

    def _why(self, reason: StopReason) -> str:
        return {
            StopReason.TIME_LIMIT: self.tr(", then the time limit"),
            StopReason.DIVERGED: self.tr(", then diverged"),
            StopReason.NO_IMPROVEMENT: self.tr(", then stopped early"),
        }.get(reason, "")


def _curve_of(loaded: LoadedData, config: TrainingConfig) -> Callable[[], Generator[LearningProgress, None, None]]:
    """What the job is to do; without the plot, which may be gone before it ends."""

    def make() -> Generator[LearningProgress, None, None]:
        # One thread: the training that one watches shall not wait for this.
        return learning_curve(
            loaded.data, config, seconds_a_size=SECONDS_A_SIZE, slice_seconds=SLICE_SECONDS, threads=1
        )

    return make
