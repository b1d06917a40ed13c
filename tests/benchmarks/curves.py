"""What a frame of a plot over time costs: thinning, handing over and painting two curves of up to ten million points.

Run from the repository's root, with a display or with ``QT_QPA_PLATFORM=offscreen``, as
``PYTHONPATH=. python tests/benchmarks/curves.py``; the cases take turns. Nothing here passes or fails.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from PySide6.QtWidgets import QApplication
from timing import load, machine, median, spread

import gui  # noqa: F401 - first, because it settles how many threads NumPy uses
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.training import train
from gui.loading import load_data
from gui.plots.cost import CostPlot
from gui.plots.curve_values import Curves
from gui.run_view import FinishedRunView
from gui.theme import LIGHT, apply_to_application

SIZE = (900, 500)
ROUNDS = 7
MOST_SMOOTHED = 10**6
MOST_FRAMES, SECONDS = 50, 0.3


class LongCurves(CostPlot):
    """The cost plot with other curves than those of its run."""

    curves: Curves

    def curves_of(self, history: History) -> Curves:
        return self.curves


def a_run() -> FinishedRunView:
    loaded = load_data(load_entry("iris"), "species", PreparationConfig(), "iris", None)
    history = History(1)
    for progress in train(loaded.data, TrainingConfig(epochs=20, batch_size=0)):
        history.append(progress)
    return FinishedRunView(loaded, TrainingConfig(), history)


def curves(n: int, noise: float) -> Curves:
    rng = np.random.default_rng(0)
    epoch = np.arange(n, dtype=np.float64)
    fall = np.exp(-3.0 * epoch / n) + 0.05
    return Curves(epoch, fall * np.exp(noise * rng.normal(size=n)), 1.2 * fall * np.exp(noise * rng.normal(size=n)))


class Case:
    """Two curves as they are drawn in one way."""

    def __init__(self, plot: LongCurves, drawn: Curves, log: bool, smoothing: int) -> None:
        self.plot, self.drawn, self.log, self.smoothing = plot, drawn, log, smoothing

    def begin(self) -> None:
        """Set the plot up, and draw once what moves the view."""
        self.plot.curves = curves(10, 0.0)
        for axis in ("bottom", "left"):
            self.plot.set_log(axis, self.log)
        self.plot._smoothing.set_value(self.smoothing)
        self.plot.curves = self.drawn
        self.draw()
        QApplication.processEvents()

    def draw(self) -> None:
        self.plot.redraw()
        self.plot.graph.viewport().repaint()

    def seconds(self) -> float:
        """Of one frame, on average over some."""
        start = time.perf_counter()
        frames, elapsed = 0, 0.0
        while frames < MOST_FRAMES and elapsed < SECONDS:
            self.draw()
            frames, elapsed = frames + 1, time.perf_counter() - start
        return elapsed / frames


def main() -> None:
    app = QApplication([])
    apply_to_application(app, LIGHT)
    plot = LongCurves(a_run())
    plot.curves = curves(10, 0.0)
    plot.set_theme(LIGHT)
    plot.resize(*SIZE)
    plot.show()
    app.processEvents()
    cases = {
        (n, what): Case(plot, curves(n, noise), log, smoothing)
        for n in (10**3, 10**4, 10**5, 10**6, 10**7)
        for what, noise, log, smoothing in (
            ("smooth", 0.0, False, 0),
            ("noisy", 0.1, False, 0),
            ("noisy, log-log", 0.1, True, 0),
            ("noisy, smoothed", 0.1, False, 8),
        )
        if n <= MOST_SMOOTHED or not smoothing
    }
    seconds: dict[tuple[int, str], list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, case in cases.items():
            case.begin()
            seconds[name].append(case.seconds())
    print(machine(), load(), f"{SIZE[0]} x {SIZE[1]} pixels, two curves, {ROUNDS} rounds; ms a frame", sep="\n")
    for (n, what), figures in seconds.items():
        low, high = spread(figures)
        print(f"{n:>12,}  {what:<16} {1e3 * median(figures):7.2f}   ({1e3 * low:.2f} to {1e3 * high:.2f})")
    plot.close()


if __name__ == "__main__":
    main()
