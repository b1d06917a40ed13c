"""Foreign names, losses and numbers of examples as they are written in plots."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

_LONGEST_NAME = 60
_LARGEST_PLAIN_LOSS = 1e4


def one_line(name: str, most: int = _LONGEST_NAME) -> str:
    """A name from a file without line breaks, shortened to ``most`` letters."""
    name = " ".join(name.split())
    return name if len(name) <= most else f"{name[: most - 1]}…"


def loss_text(loss: float, decimals: int) -> str:
    """A loss in nats, which may be huge or infinite where a training goes wrong."""
    if not math.isfinite(loss):
        return "∞"
    return f"{loss + 0.0:.{decimals}f}" if loss < _LARGEST_PLAIN_LOSS else f"{loss:.2e}"


def count_text(count: int) -> str:
    """A number of examples in words."""
    if count == 1:
        return QCoreApplication.translate("Wording", "1 example")
    return QCoreApplication.translate("Wording", "{count} examples").format(count=f"{count:,}")
