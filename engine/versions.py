"""The versions of what matters for a result, without importing any of it."""

from __future__ import annotations

import platform
from importlib import metadata

_PACKAGES = {"NumPy": "numpy", "PySide6": "PySide6-Essentials", "pyqtgraph": "pyqtgraph"}


def version(package: str = "softmax-lab") -> str:
    """As installed, or ``unknown`` where the package was never installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


def versions() -> dict[str, str]:
    """Of this program, Python and the packages beneath it."""
    below = {name: version(package) for name, package in _PACKAGES.items()}
    return {"softmax-lab": version(), "Python": platform.python_version(), **below}
