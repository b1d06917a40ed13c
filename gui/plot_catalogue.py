"""Every plot there is, in the order of the menus; ``STACKS`` says which lie on top of each other at first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from gui.plots.accuracy import AccuracyPlot
from gui.plots.base import Plot
from gui.plots.calibration import CalibrationPlot
from gui.plots.class_probabilities import ClassProbabilitiesPlot
from gui.plots.confidence import ConfidencePlot
from gui.plots.confusion import ConfusionPlot
from gui.plots.cost import CostPlot
from gui.plots.decision_regions import DecisionRegionsPlot
from gui.plots.hardest import HardestPlot
from gui.plots.learning_curve import LearningCurvePlot
from gui.plots.norms import NormsPlot
from gui.plots.precision_recall import PrecisionRecallPlot
from gui.plots.probabilities import ProbabilitiesPlot
from gui.plots.probability_path import ProbabilityPathPlot
from gui.plots.roc import RocPlot
from gui.plots.simplex import SimplexPlot
from gui.plots.weights import WeightsPlot
from gui.run_view import RunView

PlotMaker: TypeAlias = Callable[[RunView], Plot]

# Four tiles; the first of each is in front.
STACKS: tuple[tuple[PlotMaker, ...], ...] = (
    (CostPlot, NormsPlot, LearningCurvePlot),
    (DecisionRegionsPlot, WeightsPlot, SimplexPlot),
    (AccuracyPlot, ConfusionPlot, RocPlot, PrecisionRecallPlot, CalibrationPlot),
    (ProbabilitiesPlot, ProbabilityPathPlot, ClassProbabilitiesPlot, ConfidencePlot, HardestPlot),
)
PLOTS: tuple[PlotMaker, ...] = tuple(plot for stack in STACKS for plot in stack)
