"""The controls that say how a picture is to look."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, QSignalBlocker, QSizeF, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QWidget

from gui.pictures.options import (
    CM_PER_INCH,
    IMAGE_FONT_SIZE,
    IMAGE_LEGEND,
    IMAGE_THEME,
    LOGICAL_DPI,
    PRESETS,
    PictureOptions,
    PictureSize,
    Preset,
    find_preset,
)

_AS_SHOWN, _OWN = "screen", "own"
_UNITS: tuple[Literal["cm", "px"], ...] = ("cm", "px")


class PictureForm(QObject):
    """Size, letters, colours and legend of a picture, as rows for a form; a preset chooses all of it at once."""

    edited = Signal()
    preset_chosen = Signal(Preset)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._preset = self._combo("export_preset", self.tr("Size and letters that go together"))
        for key, text in (
            (_AS_SHOWN, self.tr("As on the screen")),
            ("slide", self.tr("Slide")),
            ("paper", self.tr("Column of a paper")),
            (_OWN, self.tr("Own size")),
        ):
            self._preset.addItem(text, key)
        self._width = self._number("export_width", self.tr("Width of the picture"))
        self._height = self._number("export_height", self.tr("Height of the picture"))
        self._unit = self._combo("export_unit", self.tr("Centimetres, or pixels of the finished picture"))
        for unit in _UNITS:
            self._unit.addItem(unit, unit)
        self._font = self._number("export_font_size", IMAGE_FONT_SIZE.help)
        self._font.setDecimals(1)
        self._font.setSingleStep(0.5)
        self._font.setRange(IMAGE_FONT_SIZE.low - self._font.singleStep(), IMAGE_FONT_SIZE.high)
        self._font.setSpecialValueText(self.tr("As on the screen"))
        self._font.setValue(self._font.minimum())
        self._font.setSuffix(f" {IMAGE_FONT_SIZE.unit}")
        self._theme = self._combo("export_theme", IMAGE_THEME.help)
        for key, label in IMAGE_THEME.choices:
            self._theme.addItem(label, key)
        self._legend = QCheckBox(self.tr("Legend"), self._window)
        self._legend.setObjectName("export_legend")
        self._legend.setToolTip(IMAGE_LEGEND.help)
        self._legend.setChecked(True)
        self._connect()

    @property
    def options(self) -> PictureOptions:
        """What is chosen; raises SettingError for letters that are too small."""
        shown = self._preset.currentData() == _AS_SHOWN
        unit: Literal["cm", "px"] = self._unit.currentData()
        font = self._font.value()
        return PictureOptions(
            size=None if shown else PictureSize(round(self._width.value(), 2), round(self._height.value(), 2), unit),
            theme=self._theme.currentData(),
            font_size=None if font == self._font.minimum() else font,
            legend=self._legend.isChecked(),
        )

    def add_to(self, form: QFormLayout) -> None:
        """Add the rows to ``form``."""
        size_row = QHBoxLayout()
        size_row.addWidget(self._width, 1)
        size_row.addWidget(QLabel("×", self._window))
        size_row.addWidget(self._height, 1)
        size_row.addWidget(self._unit)
        form.addRow(self.tr("For"), self._preset)
        form.addRow(self.tr("Size"), size_row)
        form.addRow(self.tr("Font size"), self._font)
        form.addRow(self.tr("Colours"), self._theme)
        form.addRow("", self._legend)

    def show_size(self, size: QSizeF, scale: float) -> None:
        """Show the size in logical pixels of ``scale`` pixels each, where it is that of the screen."""
        if self._preset.currentData() == _AS_SHOWN:
            factor = CM_PER_INCH / LOGICAL_DPI if self._unit.currentData() == "cm" else scale
            self._show_numbers(size.width() * factor, size.height() * factor)

    def _show_numbers(self, width: float, height: float) -> None:
        with QSignalBlocker(self._width), QSignalBlocker(self._height):
            in_cm = self._unit.currentData() == "cm"
            for field, value in ((self._width, width), (self._height, height)):
                field.setDecimals(2 if in_cm else 0)
                field.setSingleStep(0.5 if in_cm else 10)
                field.setValue(value)

    def _choose_preset(self) -> None:
        key = self._preset.currentData()
        if key in [preset.key for preset in PRESETS]:
            preset = find_preset(key)
            self._show(preset.options)
            self.preset_chosen.emit(preset)
        elif key == _AS_SHOWN:
            self._show(PictureOptions())
        self.edited.emit()

    def _show(self, options: PictureOptions) -> None:
        with QSignalBlocker(self._unit), QSignalBlocker(self._font), QSignalBlocker(self._theme):
            self._font.setValue(options.font_size or self._font.minimum())
            self._theme.setCurrentIndex(self._theme.findData(options.theme))
            if options.size is not None:
                self._unit.setCurrentIndex(self._unit.findData(options.size.unit))
                self._show_numbers(options.size.width, options.size.height)
        with QSignalBlocker(self._legend):
            self._legend.setChecked(options.legend)

    def _change_unit(self) -> None:
        """Keep the size about as it is: a pixel is taken for 1/96 inch."""
        factor = CM_PER_INCH / LOGICAL_DPI if self._unit.currentData() == "cm" else LOGICAL_DPI / CM_PER_INCH
        self._show_numbers(self._width.value() * factor, self._height.value() * factor)
        self.edited.emit()

    def _own_size(self) -> None:
        with QSignalBlocker(self._preset):
            self._preset.setCurrentIndex(self._preset.findData(_OWN))
        self.edited.emit()

    def _connect(self) -> None:
        self._preset.currentIndexChanged.connect(self._choose_preset)
        self._width.valueChanged.connect(self._own_size)
        self._height.valueChanged.connect(self._own_size)
        self._unit.currentIndexChanged.connect(self._change_unit)
        self._font.valueChanged.connect(self.edited)
        self._theme.currentIndexChanged.connect(self.edited)
        self._legend.toggled.connect(self.edited)

    def _combo(self, name: str, tip: str) -> QComboBox:
        box = QComboBox(self._window)
        box.setObjectName(name)
        box.setAccessibleName(tip)
        box.setToolTip(tip)
        return box

    def _number(self, name: str, tip: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox(self._window)
        box.setObjectName(name)
        box.setAccessibleName(tip)
        box.setToolTip(tip)
        box.setRange(0.0, 20_000.0)
        box.setKeyboardTracking(False)
        return box
