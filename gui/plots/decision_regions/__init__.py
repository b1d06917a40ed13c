"""The plane of two features or components, coloured by what the classifier says there.

``plot`` puts it together; ``picture`` is what is worked out in the background for one frame, ``items`` draw it,
``controls`` are the choices, and ``readout`` is what the pointer reads.
"""

from __future__ import annotations

from gui.plots.decision_regions.plot import DecisionRegionsPlot

__all__ = ["DecisionRegionsPlot"]
