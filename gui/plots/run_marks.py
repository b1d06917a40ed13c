"""What happened in a run, and when: other settings, the best check, the end, the moment one looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor

from engine.history import History
from engine.hyperparameters import TRAINING_SPECS, TrainingConfig
from engine.progress import Moment
from engine.specs import ChoiceSpec, Spec
from engine.stopping import StopReason
from gui.plots.guides import Guide
from gui.plots.legend import LegendEntry
from gui.run_view import RunState, RunView
from gui.theme import Theme


class MarkKind(Enum):
    """What a mark tells of."""

    CHANGE = auto()
    BEST = auto()
    END = auto()
    MOMENT = auto()


@dataclass(frozen=True, slots=True)
class RunMark:
    """Something that happened after so many epochs, not always a whole number."""

    kind: MarkKind
    epoch: float
    label: str
    tip: str


class RunMarks:
    """The marks of the run that a view shows, and the settings which that run has, or the next one.

    A view keeps neither the settings that a run began with nor those it ended with, so ``note`` has to be called
    whenever something has happened.
    """

    def __init__(self, session: RunView) -> None:
        self._session = session
        self._history: History | None = None
        self._last_config = session.config
        self._changes: list[RunMark] = []
        self.config = session.config
        self.note()

    def note(self) -> None:
        """Remember what will be gone."""
        session = self._session
        if session.history is not self._history:
            self._history, self._last_config = session.history, session.config
            self._changes = []
        if session.state is not RunState.ENDED:
            self.config = session.config
        if self._history is not None:
            for step, config in session.changes[len(self._changes) :]:
                epoch = step / self._history.steps_per_epoch
                self._changes.append(_change(epoch, self._last_config, config))
                self._last_config = config

    def marks(self) -> tuple[RunMark, ...]:
        """All marks of the run; none before its first step."""
        history = self._session.history
        if history is None or history.latest is None:
            return ()
        return (
            *self._changes,
            *self._best(history),
            *self._end(history),
            *self._moment(history),
        )

    def _best(self, history: History) -> Iterator[RunMark]:
        best, loaded = history.best, self._session.loaded
        last = history.latest.record if history.latest is not None else None
        if best is None or loaded is None or best.record.epoch == 0:
            return
        if self._session.state is RunState.RUNNING and last is not None and best.record.epoch == last.epoch:
            return  # it would run along with the end of the curve
        validates = len(loaded.data.y_validation) > 0
        text = QCoreApplication.translate("RunMarks", "Lowest training cost: {cost} at epoch {n}")
        if validates:
            text = QCoreApplication.translate("RunMarks", "Lowest validation cost: {cost} at epoch {n}")
        cost = best.record.validation_cost if validates else best.record.train_cost
        tip = text.format(cost=f"{cost:.6g}", n=f"{best.record.epoch:,}")
        yield RunMark(MarkKind.BEST, float(best.record.epoch), QCoreApplication.translate("RunMarks", "best"), tip)

    def _end(self, history: History) -> Iterator[RunMark]:
        reason, latest = self._session.stop_reason, history.latest
        if reason is None or latest is None:
            return
        label = {
            StopReason.DIVERGED: QCoreApplication.translate("RunMarks", "diverged"),
            StopReason.STOPPED: QCoreApplication.translate("RunMarks", "stopped"),
            StopReason.NO_IMPROVEMENT: QCoreApplication.translate("RunMarks", "stopped early"),
        }.get(reason, QCoreApplication.translate("RunMarks", "finished"))
        yield RunMark(MarkKind.END, latest.step / history.steps_per_epoch, label, reason.sentence)

    def _moment(self, history: History) -> Iterator[RunMark]:
        moment = self._session.moment
        if moment is not None:
            epoch = epoch_of(moment, history)
            tip = QCoreApplication.translate(
                "RunMarks", "The moment that all plots show: step {step}, epoch {epoch}"
            ).format(step=f"{moment.step:,}", epoch=f"{epoch:,.6g}")
            yield RunMark(MarkKind.MOMENT, epoch, QCoreApplication.translate("RunMarks", "moment"), tip)


def epoch_of(moment: Moment, history: History) -> float:
    """Epochs that the weights of ``moment`` have seen; early stopping restores weights of an epoch long before."""
    seen = moment.step / history.steps_per_epoch
    return float(moment.epoch) if moment.epoch + 1 <= seen else seen


def _change(epoch: float, old: TrainingConfig, new: TrainingConfig) -> RunMark:
    changed = list(differences(old, new))
    label = QCoreApplication.translate("RunMarks", "settings")
    if len(changed) == 1:
        label = changed[0].split(":")[0]
    when = QCoreApplication.translate("RunMarks", "Changed at epoch {epoch}").format(epoch=f"{epoch:,.6g}")
    return RunMark(MarkKind.CHANGE, epoch, label, "\n".join([when, *changed]))


def differences(old: TrainingConfig, new: TrainingConfig) -> Iterator[str]:
    """One line a setting: its label, what it was and what it is."""
    for spec in TRAINING_SPECS:
        before, after = getattr(old, spec.key), getattr(new, spec.key)
        if before != after:
            yield f"{spec.label}: {_in_words(spec, before)} → {_in_words(spec, after)}"


def as_guide(mark: RunMark, place: float, theme: Theme) -> Guide:
    """``mark`` as a line at ``place``."""
    colour, style, width = _look(mark.kind, theme)
    return Guide(place, mark.label, mark.tip, colour, style, width)


def legend_of(marks: tuple[RunMark, ...], theme: Theme) -> list[LegendEntry]:
    """An entry for each kind of mark that is there."""
    names = {
        MarkKind.CHANGE: QCoreApplication.translate("RunMarks", "setting changed"),
        MarkKind.BEST: QCoreApplication.translate("RunMarks", "best check"),
        MarkKind.END: QCoreApplication.translate("RunMarks", "end"),
        MarkKind.MOMENT: QCoreApplication.translate("RunMarks", "moment shown"),
    }
    present = {mark.kind for mark in marks}
    looks = {kind: _look(kind, theme) for kind in names if kind in present}
    return [
        LegendEntry(names[kind], QColor(colour), thin=True, style=style) for kind, (colour, style, _) in looks.items()
    ]


def _look(kind: MarkKind, theme: Theme) -> tuple[str, Qt.PenStyle, float]:
    """Colour, style and width of the line of a mark."""
    return {
        MarkKind.CHANGE: (theme.muted, Qt.PenStyle.DashLine, 1.0),
        MarkKind.BEST: (theme.validation, Qt.PenStyle.DashLine, 1.2),
        MarkKind.END: (theme.muted, Qt.PenStyle.SolidLine, 1.0),
        MarkKind.MOMENT: (theme.text, Qt.PenStyle.SolidLine, 1.6),
    }[kind]


def _in_words(spec: Spec, value: Any) -> str:
    words: str = dict(spec.choices).get(value, value) if isinstance(spec, ChoiceSpec) else spec.format(value)
    return words
