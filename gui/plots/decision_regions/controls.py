"""The choices of the plot: two axes in its header, all others in a menu that the header and a right click open."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QComboBox, QMenu, QToolButton

from gui.plain_text import plain_tooltip
from gui.plots.base import Plot

_ROOM_FOR_NAMES, _ROOM_FOR_AXES, _ROOM_FOR_FEATURES = 640, 540, 400
_MOST_IN_MENU = 60


class RegionControls(QObject):
    """Boxes and menu entries; ``axes_changed`` and ``look_changed`` tell of a choice."""

    axes_changed = Signal()
    look_changed = Signal()

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self._plot = plot
        self._offered: tuple[str, ...] = ()
        self._axes = self._box("axes", self.tr("What the two axes are"))
        self.x = self._box("x_feature", self.tr("Feature on the horizontal axis"))
        self.y = self._box("y_feature", self.tr("Feature on the vertical axis"))
        self._axes.addItem(self.tr("Components"), "components")
        self._axes.addItem(self.tr("Features"), "features")
        self._axes_actions = self._group(
            ("axes_components", self.tr("Axes: principal components"),
             self.tr("The two directions in which the training examples differ most")),
            ("axes_features", self.tr("Axes: two features"),
             self.tr("Two features in their own units; all others are held fast")),
        )  # fmt: skip
        self._hold_actions = self._group(
            ("hold_mean", self.tr("Other features: at their mean"),
             self.tr("What is not on an axis has its mean over the training examples")),
            ("hold_example", self.tr("Other features: as in the chosen example"),
             self.tr("What is not on an axis has the values of the chosen example, and changes with it")),
        )  # fmt: skip
        self._shading_actions = self._group(
            ("shading_softmax", self.tr("Shading: softmax"),
             self.tr("The stronger the colour, the greater the probability of the likeliest class")),
            ("shading_hardmax", self.tr("Shading: hardmax"),
             self.tr("One flat colour per class, however sure the classifier is")),
        )  # fmt: skip
        self._borders = self._switch("show_borders", self.tr("Borders between classes"),
            self.tr("Lines on which two classes are equally likely"))  # fmt: skip
        self._contours = self._switch("show_contours", self.tr("Lines of equal probability"),
            self.tr("Where the likeliest class has the probability 0.5, 0.9 and 0.99"))  # fmt: skip
        self._menu = QMenu(plot)
        self._menu.setToolTipsVisible(True)
        self._feature_menus = [
            self._feature_menu("x_feature_menu", self.tr("Horizontal axis"), self.x),
            self._feature_menu("y_feature_menu", self.tr("Vertical axis"), self.y),
        ]
        self.extend_menu(self._menu)
        self._button = QToolButton(plot)
        self._button.setObjectName("regions_options")
        self._button.setText(self.tr("Options"))
        tip = self.tr("Axes, shading and lines of this plot")
        self._button.setToolTip(tip)
        self._button.setAccessibleName(tip)
        self._button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._button.setMenu(self._menu)
        plot.add_control(self._button)
        self._connect()

    @property
    def features(self) -> bool:
        """Whether the axes are two features, and not components."""
        return bool(self._axes.currentData() == "features")

    @property
    def holds_example(self) -> bool:
        """Whether the other features are as in the chosen example, and not at their mean."""
        return self._hold_actions[1].isChecked()

    @property
    def flat(self) -> bool:
        """Whether every class has one flat colour."""
        return self._shading_actions[1].isChecked()

    @property
    def borders(self) -> bool:
        """Whether borders are drawn."""
        return self._borders.isChecked()

    @property
    def contours(self) -> bool:
        """Whether lines of equal probability are drawn."""
        return self._contours.isChecked()

    def offer(self, names: tuple[str, ...]) -> None:
        """Offer the features of another data set; choices stay where they are the same."""
        with QSignalBlocker(self._axes), QSignalBlocker(self.x), QSignalBlocker(self.y):
            if names != self._offered:
                self._offered = names
                for box, index in ((self.x, 0), (self.y, 1)):
                    box.clear()
                    box.addItems(list(names))
                    box.setCurrentIndex(min(index, len(names) - 1))
                self._axes.setCurrentIndex(1 if len(names) == 2 else 0)
            self._axes.setEnabled(len(names) > 1)
        self.fit()

    def extend_menu(self, menu: QMenu) -> None:
        """Add all choices to ``menu``."""
        for group in (self._axes_actions, self._hold_actions, self._shading_actions):
            if group is self._hold_actions:
                for features in self._feature_menus:
                    menu.addMenu(features)
            menu.addActions(group)
            menu.addSeparator()
        menu.addActions([self._borders, self._contours])

    def fit(self) -> None:
        """Show what finds room in the header and means something with these axes; the menu has the rest."""
        width, several = self._plot.width(), len(self._offered) > 1
        self._axes.setVisible(width >= _ROOM_FOR_AXES)
        for box in (self.x, self.y):
            box.setVisible(self.features and width >= _ROOM_FOR_FEATURES)
            box.setMinimumContentsLength(10 if width >= _ROOM_FOR_NAMES else 4)
        for menu in self._feature_menus:
            menu.menuAction().setVisible(self.features and len(self._offered) <= _MOST_IN_MENU)
        for index, action in enumerate(self._axes_actions):
            action.setEnabled(several)
            action.setChecked(self.features is bool(index))
        for action in self._hold_actions:
            action.setEnabled(self.features and len(self._offered) > 2)

    def _connect(self) -> None:
        for index, action in enumerate(self._axes_actions):
            action.triggered.connect(lambda _=False, index=index: self._axes.setCurrentIndex(index))
        for box in (self._axes, self.x, self.y):
            box.currentIndexChanged.connect(self._change_axes)
        self._hold_actions[1].toggled.connect(lambda _: self.axes_changed.emit())
        for action in (self._shading_actions[1], self._borders, self._contours):
            action.toggled.connect(lambda _: self.look_changed.emit())

    def _change_axes(self) -> None:
        self.fit()
        self.axes_changed.emit()

    def _feature_menu(self, name: str, title: str, box: QComboBox) -> QMenu:
        menu = QMenu(title, self._plot)
        menu.setObjectName(name)

        def fill() -> None:
            menu.clear()
            for index in range(box.count()):
                action = menu.addAction(box.itemText(index).replace("&", "&&"))
                action.setCheckable(True)
                action.setChecked(index == box.currentIndex())
                action.triggered.connect(lambda _=False, index=index: box.setCurrentIndex(index))

        menu.aboutToShow.connect(fill)
        return menu

    def _box(self, name: str, tip: str) -> QComboBox:
        box = QComboBox(self._plot)
        box.setObjectName(name)
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        box.setMaximumWidth(130)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(10)
        self._plot.add_control(box)
        return box

    def _group(self, *entries: tuple[str, str, str]) -> list[QAction]:
        """Entries of which one is always chosen, at first the first."""
        group = QActionGroup(self)
        actions: list[QAction] = []
        for name, text, tip in entries:
            action = self._switch(name, text, tip)
            action.setChecked(not actions)
            group.addAction(action)
            actions.append(action)
        return actions

    def _switch(self, name: str, text: str, tip: str) -> QAction:
        action = QAction(text, self)
        action.setObjectName(name)
        action.setToolTip(plain_tooltip(tip))
        action.setCheckable(True)
        action.setChecked(True)
        return action
