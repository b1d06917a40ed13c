"""Colours, light and dark, and the palette and style sheet made from them.

Fusion with an explicit palette looks the same on every platform; the platform's own colour scheme only chooses
between light and dark.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True, slots=True)
class Theme:
    """What every painted thing asks for its colours; ``line_scale`` widens pens where pixels are smaller."""

    name: str
    window: str
    card: str
    field: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    warning: str
    training: str
    validation: str
    line_scale: float = 1.0
    for_paper: bool = False


LIGHT = Theme(
    name="light",
    window="#f3f4f6",
    card="#ffffff",
    field="#ffffff",
    border="#d5d9e0",
    text="#1d2129",
    muted="#5b6472",
    accent="#0067a5",
    on_accent="#ffffff",
    warning="#b3261e",
    training="#0072b2",
    validation="#d55e00",
)
DARK = Theme(
    name="dark",
    window="#1a1c20",
    card="#23262c",
    field="#1d2025",
    border="#3a3f48",
    text="#e7e9ed",
    muted="#9ba3af",
    accent="#56b4e9",
    on_accent="#10151b",
    warning="#ff8a80",
    training="#56b4e9",
    validation="#f0a030",
)
PAPER = Theme(
    name="paper",
    for_paper=True,
    window="#ffffff",
    card="#ffffff",
    field="#ffffff",
    border="#b0b5bd",
    text="#000000",
    muted="#3c434d",
    accent="#0067a5",
    on_accent="#ffffff",
    warning="#b3261e",
    training="#0072b2",
    validation="#d55e00",
)


def blended(colour: str, ground: str, share: float) -> QColor:
    """``colour`` as it looks on ``ground`` when ``share`` of it shows."""
    over, under = QColor(colour), QColor(ground)
    pairs = ((over.red(), under.red()), (over.green(), under.green()), (over.blue(), under.blue()))
    return QColor(*(round(share * a + (1 - share) * b) for a, b in pairs))


def system_theme() -> Theme:
    """Dark where the platform asks for dark, light otherwise."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def apply_to_application(app: QApplication, theme: Theme) -> None:
    """Give ``app`` the Fusion style in the colours of ``theme``; what it wears already costs nothing."""
    sheet = _style_sheet(theme)
    if app.styleSheet() == sheet:
        return
    if not app.styleSheet():  # under a style sheet the style has no name any more
        app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setStyleSheet(sheet)


def load_fonts() -> None:
    """Bring the bundled font in where the system has none that can write Korean, or none at all."""
    if QFontDatabase.families(QFontDatabase.WritingSystem.Korean):
        return
    font = resources.files("assets").joinpath("fonts", "NanumGothic.ttf")
    QFontDatabase.addApplicationFontFromData(font.read_bytes())


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for colour, roles in {
        theme.window: (role.Window, role.Button, role.AlternateBase),
        theme.field: (role.Base,),
        theme.card: (role.ToolTipBase,),
        theme.text: (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText),
        theme.muted: (role.PlaceholderText,),
        theme.accent: (role.Highlight, role.Link, role.Accent),
        theme.on_accent: (role.HighlightedText,),
        theme.border: (role.Mid, role.Midlight, role.Dark),
    }.items():
        for one in roles:
            palette.setColor(one, QColor(colour))
    disabled = QColor(theme.muted)
    disabled.setAlphaF(0.6)
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, disabled)
    return palette


def _tick(theme: Theme) -> str:
    """A style sheet can only take a picture from a file."""
    name = "tick-dark.svg" if theme.on_accent == DARK.on_accent else "tick-light.svg"
    return str(resources.files("assets").joinpath("theme", name)).replace("\\", "/")


def _style_sheet(theme: Theme) -> str:
    return f"""
    QToolBar {{ background: {theme.window}; border: none; border-bottom: 1px solid {theme.border};
                padding: 6px 10px; spacing: 6px; }}
    QToolBar QToolButton {{ padding: 5px 10px; border: 1px solid transparent; border-radius: 6px; }}
    QToolBar QToolButton:hover {{ background: {theme.card}; border-color: {theme.border}; }}
    QToolBar QToolButton:focus {{ border-color: {theme.accent}; }}
    QToolBar QToolButton:pressed {{ background: {theme.border}; }}
    QToolBar QToolButton#train, QToolBar QToolButton#pause {{
                background: {theme.accent}; color: {theme.on_accent}; font-weight: 600; }}
    QToolBar QToolButton#train:disabled {{ background: {theme.border}; color: {theme.muted}; }}
    QFrame[card="true"] {{ background: {theme.card}; border: 1px solid {theme.border}; border-radius: 8px; }}
    QFrame[card="true"]:focus {{ border-color: {theme.accent}; }}
    QFrame[card="true"] QToolButton {{ border: 1px solid {theme.border}; border-radius: 4px; padding: 1px 7px; }}
    QFrame[card="true"] QToolButton:checked {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QFrame[card="true"] QToolButton[primary="true"] {{ background: {theme.accent}; color: {theme.on_accent};
                border-color: {theme.accent}; font-weight: 600; }}
    QFrame[card="true"] QToolButton:focus {{ border-color: {theme.accent}; }}
    QFrame[card="true"] QToolButton[primary="true"]:focus {{ border-color: {theme.text}; }}
    QToolButton[section="true"], QToolButton[section="true"]:checked {{
                background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 3px 0;
                color: {theme.muted}; font-weight: 600; }}
    QToolButton[section="true"]:hover {{ color: {theme.text}; }}
    QToolButton[section="true"]:focus {{ border-color: {theme.accent}; }}
    QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {theme.muted}; border-radius: 3px;
                            background: {theme.field}; }}
    QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent};
                                    image: url("{_tick(theme)}"); }}
    QCheckBox::indicator:focus {{ border: 2px solid {theme.accent}; }}
    QLabel[heading="true"] {{ font-weight: 600; }}
    QLabel[muted="true"] {{ color: {theme.muted}; }}
    QLabel[error="true"] {{ color: {theme.warning}; }}
    *[invalid="true"] QLineEdit {{ color: {theme.warning}; }}
    QDockWidget {{ font-weight: 600; }}
    QDockWidget::title {{ background: {theme.window}; padding: 7px 10px; }}
    QDockWidget > QWidget {{ font-weight: 400; }}
    QScrollArea, QScrollArea > QWidget > QWidget#setupContent {{ background: {theme.window}; border: none; }}
    QMainWindow::separator {{ background: {theme.window}; width: 6px; height: 6px; }}
    QSplitter::handle {{ background: {theme.window}; }}
    QStatusBar {{ border-top: 1px solid {theme.border}; }}
    QStatusBar::item {{ border: none; }}
    QHeaderView::section {{ background: {theme.window}; border: none; border-bottom: 1px solid {theme.border};
                            padding: 3px 8px; color: {theme.muted}; font-weight: 400; }}
    QTableView {{ background: {theme.field}; border: 1px solid {theme.border}; border-radius: 6px;
                  gridline-color: {theme.border}; alternate-background-color: {theme.window}; }}
    QProgressBar {{ border: none; background: {theme.border}; border-radius: 3px; }}
    QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
    QToolTip {{ color: {theme.text}; background: {theme.card}; border: 1px solid {theme.border}; padding: 4px; }}
    """
