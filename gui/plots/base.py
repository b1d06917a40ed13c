"""What every plot is: a card with a title, a legend and its controls, that redraws only while it can be seen."""

from __future__ import annotations

import time

from PySide6.QtCore import QPoint, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QPainter, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from gui.plots.legend import LegendBar, LegendEntry
from gui.plots.picture import picture_of, picture_size
from gui.run_view import RunState, RunView
from gui.theme import LIGHT, Theme


class Plot(QFrame):
    """Base of all plots.

    A plot fills ``self.content`` with what it draws and implements ``redraw``, ``apply_theme`` and ``paint_content``.
    The window connects its three requests.
    """

    most_frames_per_second = 30.0

    save_requested = Signal()
    copy_requested = Signal()
    save_all_requested = Signal()

    def __init__(self, session: RunView, key: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.key = key
        self.theme = LIGHT
        self._stale = True
        self._covered = False
        self._drawn_at = 0.0
        self.setObjectName(key)
        self.setAccessibleName(title)
        self.setProperty("card", True)
        self.setMinimumSize(200, 150)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.short_title = title  # for a tab
        self._title = QLabel(title, self)
        self._title.setProperty("heading", True)
        self.legend_bar = LegendBar(self)
        self._header = QHBoxLayout()
        self._header.setSpacing(6)
        self._header.addWidget(self._title)
        self._header.addStretch(1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 8, 8, 6)
        self._layout.setSpacing(4)
        self._layout.addLayout(self._header)
        self._layout.addWidget(self.legend_bar)
        session.progressed.connect(self.refresh)
        session.data_changed.connect(self._meet_data)
        session.state_changed.connect(self._meet_state)
        session.moment_changed.connect(self.refresh)

    @property
    def title(self) -> str:
        """The title of the plot, as its picture carries it."""
        return self._title.text()

    def add_control(self, control: QWidget) -> None:
        """Put a small control at the right of the title."""
        control.setParent(self)
        self._header.addWidget(control)

    def set_content(self, content: QWidget) -> None:
        """Fill the card."""
        self.content = content
        self._layout.addWidget(content, 1)
        content.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        content.customContextMenuRequested.connect(lambda point: self._show_menu(content.mapToGlobal(point)))

    def refresh(self) -> None:
        """Redraw if the plot can be seen, else when it can; while training no oftener than it should."""
        now = time.perf_counter()
        too_soon = now - self._drawn_at < 0.9 / self.most_frames_per_second
        self._stale = not self.is_seen or (too_soon and self.session.state is RunState.RUNNING)
        if not self._stale:
            self._drawn_at = now
            self.redraw()

    @property
    def is_seen(self) -> bool:
        """Whether the plot is on the screen, and not behind another one."""
        return self.isVisible() and not self._covered

    def set_covered(self, covered: bool) -> None:
        """Rest while another plot lies on top: Qt takes what is behind a tab for visible."""
        self._covered = covered
        if self._stale and self.is_seen:
            self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours from now on."""
        self.theme = theme
        self.apply_theme(theme)
        self.update_legend()
        self.refresh()

    def update_legend(self) -> None:
        """Show the entries as they are now."""
        self.legend_bar.show_entries(self.legend_entries(), self.theme)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the plot was hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def _meet_data(self) -> None:
        self.take_data()
        self.update_legend()
        self.refresh()

    def _meet_state(self) -> None:
        self.update_legend()
        self.refresh()

    # What a plot implements

    def take_data(self) -> None:
        """Make ready for another data set; called before the first redraw with it."""

    def redraw(self) -> None:
        """Draw the present state of the session."""
        raise NotImplementedError

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        raise NotImplementedError

    def legend_entries(self) -> list[LegendEntry]:
        """What the legend names; nothing by default."""
        return []

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the plot without title and legend into ``rect``, which has the size of ``content``."""
        raise NotImplementedError

    def extend_menu(self, menu: QMenu) -> None:
        """Add the plot's own entries to its context menu."""

    # The picture

    @property
    def has_picture(self) -> bool:
        """Whether a picture would show anything of a training that is over; a plot may need to be asked first."""
        return True

    @property
    def image_title(self) -> str:
        """What stands above the picture."""
        loaded = self.session.loaded
        return f"{self.title} – {loaded.dataset.name}" if loaded else self.title

    def image_size(self) -> QSizeF:
        """Size of the picture in logical pixels, 1/96 inch each, where the plot is as large as on the screen."""
        return picture_size(self)

    def paint_image(self, painter: QPainter, line_scale: float = 1.0) -> None:
        """Paint title, legend and plot on white, in the colours of paper, whatever the theme of the window."""
        with picture_of(self, scale=line_scale) as picture:
            picture.paint(painter)

    def content_layout(self) -> object:
        """What ``restore_content_layout`` needs to bring the content back to how it lies on the screen."""
        return None

    def lay_out_content(self) -> None:
        """Make the content fit the size and the font that it has now, at once and whatever it was before."""

    def restore_content_layout(self, layout: object) -> None:
        """Let the content lie as it did when ``content_layout`` gave ``layout``."""

    def _show_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        for name, text, request in (
            ("plot_save_image", self.tr("Save image …"), self.save_requested),
            ("plot_copy_image", self.tr("Copy image"), self.copy_requested),
            ("plot_save_all", self.tr("Save images of all plots …"), self.save_all_requested),
        ):
            action = menu.addAction(text)
            action.setObjectName(name)
            action.triggered.connect(request)
        menu.addSeparator()
        self.extend_menu(menu)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)


def empty_state(parent: QWidget, text: str) -> QLabel:
    """A label over an empty plot that says what it will show."""
    label = QLabel(text, parent)
    label.setProperty("muted", True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label
