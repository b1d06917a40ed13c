"""What the legend of the plot names, and how strong its lines are."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor

from gui.plots.class_style import class_colours
from gui.plots.decision_regions.picture import LEVELS, Look
from gui.plots.legend import LegendEntry
from gui.theme import Theme, blended

LEVEL_INK = (0.3, 0.45, 0.65)
_FEW_CLASSES = 12


def legend_entries(class_names: tuple[str, ...], look: Look, theme: Theme, *, dense: bool) -> list[LegendEntry]:
    """The classes with their markers, the mark of wrong ones, and the lines that are drawn.

    Of many classes not all find room: then the marks come first.
    """
    classes = [
        LegendEntry(name, colour, marker=i)
        for i, (name, colour) in enumerate(zip(class_names, class_colours(len(class_names)), strict=True))
    ]
    marks = _marks(len(classes), look, theme)
    entries = [*classes, *marks] if len(classes) <= _FEW_CLASSES else [*marks, *classes]
    translate = QCoreApplication.translate
    if dense:
        remarks = [
            translate(
                "DecisionRegionsPlot", "shade: number of examples, logarithmic, in the colour of the commonest class"
            )
        ]
    else:
        remarks = [translate("DecisionRegionsPlot", "outline: actual class, filling: predicted class")]
    if look.contours:
        remarks.append(translate("DecisionRegionsPlot", "thin lines: the stronger, the greater the probability"))
    return [*entries, *map(LegendEntry, remarks)]


def _marks(n_classes: int, look: Look, theme: Theme) -> list[LegendEntry]:
    marks = [LegendEntry(QCoreApplication.translate("DecisionRegionsPlot", "wrong"), QColor(theme.warning), cross=True)]
    if look.borders:
        marks.append(LegendEntry(QCoreApplication.translate("DecisionRegionsPlot", "border"), QColor(theme.text)))
    if look.contours:
        ink = blended(theme.text, theme.card, LEVEL_INK[1])
        levels = ", ".join(f"{level:g}" for level in LEVELS[n_classes == 2 :])
        text = QCoreApplication.translate("DecisionRegionsPlot", "probability {levels}").format(levels=levels)
        marks.append(LegendEntry(text, ink, thin=True))
    return marks
