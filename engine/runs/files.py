"""What a training leaves behind in a folder: its model, its figures as JSON, its epochs as CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.classifier import classifier_from
from engine.data.generators import GeneratorConfig
from engine.data.preparation import PreparedData
from engine.data.table import Table
from engine.export.model_npz import model_bytes
from engine.fused import usable_threads
from engine.history import EpochSeries, History
from engine.hyperparameters import TrainingConfig
from engine.problem import evaluate, network_for
from engine.progress import EpochRecord, Progress
from engine.versions import versions

MODEL_NAME = "model.npz"


class Change(NamedTuple):
    """Other live settings, in force from the step after ``step``."""

    step: int
    config: TrainingConfig


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FinishedRun:
    """A training that is over or rests: where its data came from, its settings, its record and its last word.

    ``key`` is the data set's name in the gallery, None for a file; ``generator`` is None where nothing was drawn.
    ``config`` holds the settings at the start, ``changes`` what became of them since.
    """

    table: Table
    key: str | None
    generator: GeneratorConfig | None
    data: PreparedData
    config: TrainingConfig
    history: History
    last: Progress
    changes: tuple[Change, ...] = ()

    @property
    def final(self) -> EpochRecord:
        """Cost and accuracy of the last weights."""
        config = self.changes[-1].config if self.changes else self.config
        train, validation = evaluate(self.data, config, self.last.theta)
        return EpochRecord(self.last.epoch_of_weights, *train, *validation)

    @property
    def best(self) -> EpochRecord:
        """The epoch with the lowest validation cost; with the lowest training cost where no row validates."""
        if (best := self.history.best) is not None and not self.changes:
            return best.record
        series = self.history.epochs
        costs = series.validation_cost if len(self.data.y_validation) else series.train_cost
        return _record(series, int(np.where(np.isfinite(costs), costs, np.inf).argmin()))

    @property
    def notes(self) -> tuple[str, ...]:
        """What reading, encoding and preparation have to say."""
        return (*self.table.notes, *self.data.dataset.notes, *self.data.notes)


def files_of(run: FinishedRun) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every file but the plots."""
    yield MODEL_NAME, model_bytes(classifier_from(run.data, network_for(run.data, run.config), run.last.theta))
    yield "metrics.json", metrics_json(run)
    yield "history.csv", history_csv(run.history)


def metrics_json(run: FinishedRun) -> bytes:
    """Return the figures of ``run`` as strictly valid JSON, null where there is no finite number."""
    dataset, stop_reason = run.data.dataset, run.last.stop_reason
    metrics = {
        "data": dataset.name,
        "target": dataset.target_name,
        "classes": dataset.class_names,
        "fingerprint": dataset.fingerprint,
        "N": dataset.n_examples,
        "D": dataset.n_features,
        "C": dataset.n_classes,
        "train_rows": len(run.data.y_train),
        "validation_rows": len(run.data.y_validation),
        "settings": {
            "training": asdict(run.config),
            "changes": [{"after_step": step, "training": asdict(config)} for step, config in run.changes],
            "preparation": asdict(run.data.config),
            "generator": asdict(run.generator) if run.generator else None,
        },
        "seed": run.config.seed,
        "threads": usable_threads(),
        "versions": versions(),
        "final": _figures(run.final),
        "best": _figures(run.best),
        "stop_reason": stop_reason.value if stop_reason else None,
        "stop_sentence": stop_reason.sentence if stop_reason else None,
        "steps": run.last.step,
        "seconds": run.last.seconds,
        "notes": run.notes,
    }
    text = json.dumps(metrics, ensure_ascii=False, allow_nan=False, indent=2)
    return f"{text}\n".encode(errors="replace")


def history_csv(history: History) -> bytes:
    """Return one row a check, from epoch 0 on, in full precision; nothing stands where there is no finite number."""
    rows = zip(*(column.tolist() for column in history.epochs), strict=True)
    return csv_bytes(EpochSeries._fields, ([int(epoch), *map(_number, values)] for epoch, *values in rows))


def predictions_csv(classes: tuple[str, ...], target: str, P: FloatArray) -> bytes:
    """Return one probability column per class and the likeliest class, one row for each of ``P`` (N, C)."""
    rows = (
        [*map(_number, row), classes[winner] if math.isfinite(sum(row)) else ""]
        for row, winner in zip(P.tolist(), P.argmax(axis=1).tolist(), strict=True)
    )
    return csv_bytes((*classes, f"predicted {target}"), rows)


def csv_bytes(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Return a CSV file in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(errors="replace")


def _record(series: EpochSeries, row: int) -> EpochRecord:
    epoch, *values = (float(column[row]) for column in series)
    return EpochRecord(int(epoch), *values)


def _figures(record: EpochRecord) -> dict[str, Any]:
    """Epoch, costs and accuracies; what is said of the epoch's last step is in the history."""
    names = ("epoch", "train_cost", "train_accuracy", "validation_cost", "validation_accuracy")
    return {name: _number(getattr(record, name)) for name in names}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
