"""The window and the command line of Softmax Lab. No mathematics lives here."""

import os

from gui.kernels import openblas_core_type

# pyqtgraph prefers PyQt6 where that is installed too; this application is built on PySide6.
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
# NumPy reads this when it is first imported. Small networks gain nothing from several BLAS threads, and on a machine
# that is busy drawing the window they wait for each other five to ten times longer than they compute.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if core_type := openblas_core_type():
    os.environ.setdefault("OPENBLAS_CORETYPE", core_type)
