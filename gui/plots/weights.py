"""The weights: what every feature adds to the logit of every class, as images or as a table of coloured cells."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSignalBlocker, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QKeyEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from engine.data.images import image_shape
from gui.loading import LoadedData
from gui.plots.painted import PaintedPlot
from gui.plots.weight_colours import ColourBar
from gui.plots.weight_controls import add_button, add_chooser, offer
from gui.plots.weight_images import WeightImages
from gui.plots.weight_page import Body, Said, WeightPage
from gui.plots.weight_scroll import Need, ScrollBars
from gui.plots.weight_table import Scroll, WeightTable, one_line
from gui.plots.weight_values import ShownWeights, View, Wish, as_csv, marks, work_out
from gui.plots.weight_words import WeightWords
from gui.run_view import RunView
from gui.theme import Theme

_AT_ONCE = 60_000  # weights that may be worked out while the window waits
_LEAST_WIDTH_WITH_BAR_NAME = 310
_LEAST_WIDTH_WITH_ALL = 330  # narrower plots have their buttons in the context menu only


class WeightsPlot(PaintedPlot):
    """Weights as they train, in original units, or as odds ratios, on one scale of colours around zero."""

    most_frames_per_second = 15.0

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "weights",
            self.tr("Weights"),
            self.tr("Load a data set: what every feature adds to the logit of every class appears here."),
            parent,
        )
        self._words = WeightWords(self)
        self._shown: ShownWeights | None = None
        self._waiting = False
        self._image_shape: tuple[int, int] | None = None
        self._fills_in: bool | None = None
        self._laid_out: tuple[object, WeightPage] | None = None
        self._units: tuple[str, ...] = ()
        self._copied = ""
        self._view_box = add_chooser(self, "weights_view", self.tr("Which numbers are shown"))
        self._reference_box = add_chooser(
            self, "weights_reference", self.tr("Reference: the class that the odds of each other class are against")
        )
        self._sort_box = add_chooser(self, "weights_sort", self.tr("Order of the features"))
        self._all_button = add_button(
            self, "weights_all", self.tr("All"), self.tr("Show all features and classes at once, however small")
        )
        self._all_button.setCheckable(True)
        self._all_button.toggled.connect(self._arrange)
        self._csv_button = add_button(
            self, "weights_csv", self.tr("CSV"), self.tr("Copy the numbers, with names and in full precision, as CSV")
        )
        self._csv_button.clicked.connect(self.copy_csv)
        self._bars = ScrollBars(self.content, "weights", self._tell)
        offer(self._view_box, [("", view) for view in View])
        for box in (self._view_box, self._reference_box, self._sort_box):
            box.currentIndexChanged.connect(self._choose)
        self.take_data()

    # What there is to show

    def take_data(self) -> None:
        """Offer the classes of another data set."""
        loaded = self.session.loaded
        self._shown, self._copied, self._units = None, "", ()
        self.show_hint(loaded is None)
        for control in (self._view_box, self._sort_box, self._csv_button):
            control.setEnabled(loaded is not None)
        self._reference_box.hide()
        if loaded is not None:
            self._image_shape = image_shape(loaded.dataset)
            self._fills_in = None
            offer(self._reference_box, [(name, i) for i, name in enumerate(loaded.dataset.class_names)])
        standardised = loaded is None or loaded.data.preprocessor.standardizer is not None
        for i, view in enumerate(View):
            self._view_box.setItemText(i, self._words.view_name(view, standardised=standardised))
        self._arrange()

    def redraw(self) -> None:
        """Work out what the newest weights are in the chosen view; large networks away from the window."""
        wish = self._wish()
        if wish is None or self._waiting or (self._shown is not None and wish.same(self._shown.wish)):
            self.content.update()
            return
        if wish.theta.size <= _AT_ONCE:
            self._show(work_out(wish))
            return
        self._waiting = True

        def done(shown: ShownWeights) -> None:
            self._waiting = False
            if shown.wish.loaded is self.session.loaded and shown.wish.network == self.session.network:
                self._show(shown)
            self.refresh()

        self.session.ask("weights", lambda: work_out(wish), done)

    def _wish(self) -> Wish | None:
        """What is asked for; None where there is nothing to show."""
        loaded, network, theta = self.session.loaded, self.session.network, self.session.theta
        if loaded is None or network is None or theta is None or len(theta) != network.n_parameters:
            return None
        hidden = bool(network.hidden_layers)
        if hidden:
            self._meet_units(tuple(self.tr("unit {n}").format(n=n + 1) for n in range(network.sizes[1])))
        else:
            self._meet_units(loaded.dataset.class_names)
        self._view_box.setEnabled(not hidden)
        if hidden:
            with QSignalBlocker(self._view_box):
                self._view_box.setCurrentIndex(0)
        view = self._view_box.currentData()
        self._reference_box.setVisible(view is View.ODDS_RATIOS)
        self._sort_box.setVisible(self._image_shape is None)
        sort = "table" if self._image_shape else self._sort_box.currentData()
        reference = self._reference_box.currentData() if view is View.ODDS_RATIOS else 0
        # In original units the bias has another unit than the weights; on images it is a number, not a colour.
        standardised = loaded.data.preprocessor.standardizer is not None
        colours_bias = view is View.WEIGHTS and standardised and self._image_shape is None
        return Wish(loaded, network, theta, self._units, view, reference, sort, colours_bias)

    def _meet_units(self, units: tuple[str, ...]) -> None:
        if units == self._units:
            return
        self._units = units
        kinds = [(self.tr("As in the table"), "table"), (self.tr("By largest absolute weight"), "largest")]
        by_unit = self.tr("By weight for {name}")
        offer(self._sort_box, [*kinds, *((by_unit.format(name=one_line(name)), i) for i, name in enumerate(units))])

    def _show(self, shown: ShownWeights) -> None:
        self._shown, self._copied = shown, ""
        self._arrange()

    def _choose(self) -> None:
        """Another view, class or order was chosen."""
        self._bars.down.setValue(0)
        self.redraw()

    # Drawing

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        self._arrange()

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Paint images or table, the colour bar, and the sentences beneath."""
        if self._shown is not None:
            painter.setFont(self.font())
            self._page(self._shown, rect).paint(painter, self.theme, warns=not self._shown.finite)

    def text_at(self, point: QPointF) -> str:
        """The exact value under the pointer, with its feature and its class."""
        if self._shown is None:
            return ""
        found = self._page(self._shown, QRectF(self.content.rect())).at(point)
        if isinstance(found, str):
            return found
        return self._words.read_out(self._shown, found, self._image_shape)

    def _page(self, shown: ShownWeights, rect: QRectF) -> WeightPage:
        """The page as it is laid out in ``rect``; the last one is kept, since the pointer asks for it too."""
        area = self._bars.free(rect)
        scroll = Scroll(self._bars.down.value(), self._bars.across.value(), self._all_button.isChecked())
        reason = (shown, area, scroll, self._copied, self._at_start(), self.theme.for_paper, self.font().key())
        if self._laid_out is None or self._laid_out[0] != reason:
            self._laid_out = (reason, self._lay_out(shown, area, scroll))
        return self._laid_out[1]

    def _lay_out(self, shown: ShownWeights, area: QRectF, scroll: Scroll) -> WeightPage:
        metrics, shape = QFontMetricsF(self.font()), self._image_shape
        labels = self._words.labels(shown)

        def make_body(room: QRectF) -> Body:
            if shape is not None:
                return WeightImages(shown, labels, shape, metrics, room)
            return WeightTable(shown, labels, scroll, metrics, room)

        def say(body: Body) -> Said:
            return self._sentences(shown, body)

        name = self._words.quantity(shown) if area.width() >= _LEAST_WIDTH_WITH_BAR_NAME else ""
        return WeightPage(area, metrics, ColourBar(name, marks(shown), metrics), make_body, say)

    def _sentences(self, shown: ShownWeights, body: Body) -> Said:
        if isinstance(body, WeightImages):
            seen = self._words.images_left_out(shown, body.n_shown)
        else:
            seen = self._words.part_seen(
                shown, body.rows, body.columns, crowded=body.crowded, for_paper=self.theme.for_paper
            )
        fills_in = shown.wish.view is not View.WEIGHTS and self._has_missing_numbers(shown.wish.loaded)
        needed = [self._copied, *self._words.warnings(shown, at_start=self._at_start()), seen]
        return [text for text in needed if text], self._words.explanations(shown, fills_in=fills_in)

    def _has_missing_numbers(self, loaded: LoadedData) -> bool:
        if self._fills_in is None:
            self._fills_in = bool(np.isnan(loaded.dataset.X.min()))
        return self._fills_in

    def _at_start(self) -> bool:
        moment, history = self.session.moment, self.session.history
        return moment.step == 0 if moment else history is None or history.latest is None

    # Scrolling

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the scroll bars to another size; turn them with the wheel."""
        if event.type() == QEvent.Type.Resize:
            self._csv_button.setVisible(self.width() >= _LEAST_WIDTH_WITH_ALL)
            self._arrange()
        elif isinstance(event, QWheelEvent) and self._bars.turn(event):
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll."""
        if not self._bars.press(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def _arrange(self) -> None:
        """Give the scroll bars what they need, and paint."""
        shown = self._shown
        if shown is None or self._image_shape is not None:
            self._bars.hide()
        elif not self.theme.for_paper:
            self._bars.fit(lambda: self._need(shown))
        self._all_button.setVisible(self._offers_all() and self.width() >= _LEAST_WIDTH_WITH_ALL)
        self._tell()

    def _tell(self) -> None:
        """Paint, and tell in words what is painted."""
        if self._shown is not None:
            page = self._page(self._shown, QRectF(self.content.rect()))
            self.content.setAccessibleDescription(" ".join(page.sentences))
        self.content.update()

    def _offers_all(self) -> bool:
        return self._image_shape is None and (self._bars.needed or self._all_button.isChecked())

    def _need(self, shown: ShownWeights) -> tuple[Need, Need]:
        body = self._page(shown, QRectF(self.content.rect())).body
        if isinstance(body, WeightImages):
            return (1, 1), (1, 1)
        return (len(body.rows), shown.n_features), (len(body.columns), shown.n_units)

    # Taking the numbers away

    def copy_csv(self) -> None:
        """Put all numbers of the chosen view on the clipboard."""
        shown = self._shown
        if shown is None:
            return
        bias = self._words.bias_name(shown)

        def done(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            if self._shown is shown:
                self._copied = self._words.copied(shown)
                self._arrange()

        self.session.ask("weights_csv", lambda: as_csv(shown, bias), done)

    def extend_menu(self, menu: QMenu) -> None:
        """Add what the buttons do."""
        if self._offers_all():
            everything = menu.addAction(self.tr("Show all at once"))
            everything.setObjectName("weights_show_all")
            everything.setCheckable(True)
            everything.setChecked(self._all_button.isChecked())
            everything.triggered.connect(self._all_button.setChecked)
        action = menu.addAction(self.tr("Copy as CSV"))
        action.setObjectName("weights_copy_csv")
        action.setEnabled(self._shown is not None)
        action.triggered.connect(self.copy_csv)
