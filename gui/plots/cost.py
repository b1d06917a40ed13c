"""The cost J over the training."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from engine.analysis import prior_cost, uniform_cost
from engine.arrays import FloatArray
from engine.errors import SettingError
from engine.history import History
from gui.loading import LoadedData
from gui.plots.curve_values import Curves, Limits, finite_limits
from gui.plots.curves import CurvesPlot
from gui.plots.decimation import decimate
from gui.plots.guides import Guide
from gui.plots.legend import LegendEntry
from gui.plots.true_minimum import MinimumSearch, SearchLine, subject_of, why_not
from gui.run_view import RunView
from gui.theme import Theme, blended

_ROUNDING = float(np.finfo(np.float64).eps)


class CostPlot(CurvesPlot):
    """J of all training and validation rows after every check, and faintly the cost of every batch.

    Beside them two costs that come for nothing, on demand the true minimum J*, and how far the training is above it.
    """

    def __init__(self, session: RunView, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            "cost",
            self.tr("Cost"),
            self.tr("Press Train: the cost J falls here, epoch by epoch, for training and validation rows."),
            parent,
        )
        self._levels_shown = True
        self._excess = False
        self._log_before_excess = False
        self._priors: tuple[object, float | None] = (None, None)
        self._batches = self.curve(0, antialias=False)
        self.search = MinimumSearch(self)
        self._layout.insertWidget(2, SearchLine(self.search, self))
        self.search.changed.connect(self._meet_search)
        self._add_cost_options()
        self.name_axis("left", self.tr("cost J (nats)"))
        self._meet_search()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        # Opaque, because the strokes of a zigzag overlap and would add up.
        self._batches.setPen(self.pen(blended(theme.training, theme.card, 0.4), 1))

    def curve_names(self) -> tuple[str, str]:
        """Above J* there is the training cost alone: it is the training rows whose minimum that is."""
        training, validation = super().curve_names()
        return training, "" if self._excess else validation

    def curve_entries(self) -> list[LegendEntry]:
        """The curves, and the batches where they are smaller than the training set."""
        entries = super().curve_entries()
        history = self.session.history
        if history is not None and history.steps_per_epoch > 1 and not self._excess:
            entries.append(LegendEntry(self.tr("each batch"), self._batches.opts["pen"].color(), thin=True))
        return entries

    def curves_of(self, history: History) -> Curves:
        """Cost J in nats, or J - J*."""
        series = history.epochs
        if self._excess and self.search.found is not None:
            return Curves(series.epoch, series.train_cost - self.search.found.cost, np.empty(0))
        return Curves(series.epoch, series.train_cost, series.validation_cost)

    def format_value(self, value: float) -> str:
        """Six significant digits."""
        return f"{value:.6g}"

    def y_limits(self, training: FloatArray, validation: FloatArray) -> Limits:
        """All of both curves, from 0 on a linear axis; above J* no deeper than rounding lets J be known."""
        log = self._log["left"]
        limits = finite_limits(training, validation, positive=log) or Limits(1e-3 if log else 0.0, 1.0)
        found = self.search.found
        if not log:
            return Limits(min(limits.low, 0.0), max(limits.high, 1e-9))
        if self._excess and found is not None:
            return Limits(max(limits.low, _ROUNDING * abs(found.cost)), max(limits.high, 1e-300))
        low = min(limits.low, found.cost) if found is not None and found.cost > 0 and self._levels_shown else limits.low
        return Limits(max(low, 1e-12), max(limits.high, 1e-12))

    def levels(self) -> tuple[Guide, ...]:
        """ln C, the cost of answering with the shares of the classes, and J* once it is known."""
        loaded = self.session.loaded
        if loaded is None or self._excess or not self._levels_shown:
            return ()
        uniform, prior, found = uniform_cost(loaded.data.n_classes), self._prior(loaded), self.search.found
        tip = self.tr("ln C = {cost}: the cost of holding all {n} classes equally likely")
        text = tip.format(cost=f"{uniform:.6g}", n=f"{loaded.data.n_classes:,}")
        muted = self.theme.muted
        levels = [Guide(uniform, self.tr("ln C"), text, muted, Qt.PenStyle.DotLine)]
        if prior is not None:
            tip = self.tr("{cost}: the cost of always answering with the shares of the classes, whatever the inputs")
            text = tip.format(cost=f"{prior:.6g}")
            levels.append(Guide(prior, self.tr("class shares"), text, muted, Qt.PenStyle.DashDotLine))
        if found is not None:
            about, ink = self._describe_minimum(), self.theme.text
            levels.append(Guide(found.cost, self.tr("J*"), about, ink, Qt.PenStyle.DashLine, under=True))
        return tuple(levels)

    def redraw(self) -> None:
        """Draw the history as it is now."""
        self.search.keep_only(self.session.loaded, self.run_marks.config)
        self._offer_search()
        super().redraw()
        history = self.session.history
        if history is None or history.steps_per_epoch == 1 or self._excess:
            self._batches.setData([], [])
        else:
            self._draw_batches(history)

    def hideEvent(self, event: QHideEvent) -> None:
        """End the search when the window goes; behind another plot it goes on."""
        super().hideEvent(event)
        if not event.spontaneous() and not self.window().isVisible():
            self.search.close()

    def _draw_batches(self, history: History) -> None:
        """A zigzag between the lowest and highest batch cost of each bucket."""
        steps = history.steps
        epoch = np.arange(len(steps.low)) * (steps.stride / history.steps_per_epoch)
        zigzag = np.stack([steps.low, steps.high], axis=1).ravel()
        self.draw_line(self._batches, *decimate(np.repeat(epoch, 2), zigzag, self.x_edges()))

    def _prior(self, loaded: LoadedData) -> float | None:
        """The cost without inputs, worked out once for each cost; None where the class weights do not fit."""
        config = self.run_marks.config
        subject = subject_of(loaded, config)
        if self._priors[0] != subject:
            try:
                self._priors = (subject, prior_cost(loaded.data, config))
            except SettingError:
                self._priors = (subject, None)
        return self._priors[1]

    # The true minimum

    def _add_cost_options(self) -> None:
        self.options.add_switch(
            "cost_levels",
            self.tr("Costs to compare with"),
            self.tr("Lines at ln C, at the cost of answering with the shares of the classes, and at J* once known"),
            True,
            self._show_levels,
        )
        self.options.entries.addSeparator()
        self._find = self.options.add_entry("cost_find_minimum", "", "")
        self._find.triggered.connect(self._start_or_cancel)
        self._above = self.options.add_switch("cost_above_minimum", self.tr("Show J − J*"), "", False, self._set_excess)

    def _start_or_cancel(self) -> None:
        loaded = self.session.loaded
        if self.search.searching:
            self.search.cancel()
        elif loaded is not None:
            self.search.start(loaded, self.run_marks.config)

    def _meet_search(self) -> None:
        """Offer what can be done next; draw what has been found."""
        found = self.search.found
        self._above.setEnabled(found is not None)
        if found is None:
            self._above.setChecked(False)
            self._above.setToolTip(self.tr("Find the true minimum J* first"))
        else:
            self._above.setToolTip(
                self.tr("How far the training cost is above J*, on a logarithmic axis: there rates become slopes")
            )
        self._offer_search()
        if not self.search.searching:
            self.refresh()

    def _offer_search(self) -> None:
        reason = why_not(self.session.loaded, self.run_marks.config)
        found = self.search.found
        text = self.tr("Find the true minimum J*")
        if self.search.searching:
            text = self.tr("Cancel the search for J*")
        elif found is not None:
            text = self.tr("True minimum J* = {cost}").format(cost=f"{found.cost:.6g}")
        self._find.setText(text)
        self._find.setEnabled(not reason and found is None)
        about = self.tr("The lowest cost that these data and this penalty allow; worked out aside, training goes on")
        self._find.setToolTip(reason or (self._describe_minimum() if found is not None else about))

    def _describe_minimum(self) -> str:
        found = self.search.found
        if found is None:
            return ""
        if found.converged:
            return self.tr("J* = {cost}: no weights have a lower cost on the training rows").format(
                cost=f"{found.cost:.6g}"
            )
        return self.tr(
            "J* is at most {cost}; it could not be settled more closely, as where the cost falls for ever "
            "without an L2 penalty"
        ).format(cost=f"{found.cost:.6g}")

    def _show_levels(self, on: bool) -> None:
        self._levels_shown = on
        self.redraw()

    def _set_excess(self, on: bool) -> None:
        if on:
            self._log_before_excess = self._log["left"]
        self._excess = on
        self.name_axis("left", self.tr("J − J* (nats)") if on else self.tr("cost J (nats)"))
        self.set_log("left", True if on else self._log_before_excess)
