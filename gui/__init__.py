"""The window and the command line of Softmax Lab. No mathematics lives here."""

import os

# pyqtgraph prefers PyQt6 where that is installed too; this application is built on PySide6.
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
