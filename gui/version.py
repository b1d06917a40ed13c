"""The version of the installed application."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """As installed, or ``unknown`` where the program runs from a folder that was never installed."""
    try:
        return metadata.version("softmax-lab")
    except metadata.PackageNotFoundError:
        return "unknown"
