"""All modal boxes of the application, so that a test replaces one thing."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np
import pyqtgraph
import PySide6
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.versions import version


def choose_table_file(parent: QWidget, folder: str) -> Path | None:
    """Ask for a table file to open; None where the user cancels."""
    chosen, _ = QFileDialog.getOpenFileName(
        parent,
        QCoreApplication.translate("Dialogs", "Open a table"),
        folder,
        QCoreApplication.translate(
            "Dialogs", "Tables and pictures of plots (*.csv *.tsv *.txt *.png *.svg *.pdf *.webp);;All files (*)"
        ),
    )
    return Path(chosen) if chosen else None


def choose_folder(parent: QWidget, folder: str) -> Path | None:
    """Ask for a folder to save into; None where the user cancels."""
    chosen = QFileDialog.getExistingDirectory(parent, QCoreApplication.translate("Dialogs", "Choose a folder"), folder)
    return Path(chosen) if chosen else None


def ask_to_replace(parent: QWidget, names: list[str]) -> bool:
    """Ask whether files that are there already may be replaced."""
    text = QCoreApplication.translate("Dialogs", "Already there: {names}. Replace?").format(names=", ".join(names))
    return (
        QMessageBox.question(parent, QCoreApplication.translate("Dialogs", "Replace"), text)
        == QMessageBox.StandardButton.Yes
    )


def show_about(parent: QWidget) -> None:
    """Say what this is and what it runs on."""
    text = QCoreApplication.translate(
        "Dialogs",
        "<h3>Softmax Lab {version}</h3>"
        "<p>Train softmax classifiers by clicking, watch the training happen, understand it, "
        "and take the pictures and the model away.</p>"
        "<p>Python {python}, PySide6 {pyside}, NumPy {numpy}, pyqtgraph {pyqtgraph}</p>"
        "<p>MIT licence. The bundled data sets and the font have their own licences, recorded beside them.</p>",
    ).format(
        version=version(),
        python=platform.python_version(),
        pyside=PySide6.__version__,
        numpy=np.__version__,
        pyqtgraph=pyqtgraph.__version__,
    )
    QMessageBox.about(parent, QCoreApplication.translate("Dialogs", "About Softmax Lab"), text)


def show_help(parent: QWidget, shortcuts: list[tuple[str, str]]) -> None:
    """Say how to begin, and list the keys."""
    rows = "".join(f"<tr><td><b>{keys}</b>&nbsp;&nbsp;</td><td>{text}</td></tr>" for keys, text in shortcuts)
    box = QMessageBox(parent)
    box.setWindowTitle(QCoreApplication.translate("Dialogs", "Help"))
    box.setText(
        QCoreApplication.translate(
            "Dialogs",
            "<p>Choose a data set at the left and press <b>Train</b>. The cost J falls, the regions take the colours "
            "of their classes, and the table of probabilities shows how the chosen example is classified.</p>"
            "<p>Click a point or a table row to choose another example. Right-click a plot to save or copy its "
            "picture. In the regions a marker's shape and outline show its actual class, its filling the predicted "
            "one. Rest the pointer on a setting to read what it does.</p>",
        )
        + f"<table>{rows}</table>"
    )
    box.exec()
