"""The work of the application without its window: train on a table, and predict with what was trained."""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.data.encoding import encode
from engine.data.gallery import GALLERY, find_entry, load_entry
from engine.data.generators import GENERATORS, GeneratorConfig
from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.data.table import Table, read_table
from engine.errors import DataError, EngineError, SettingError
from engine.export.model_npz import load_model
from engine.export.whole_file import write_whole
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.problem import check_fit, steps_per_epoch
from engine.progress import Progress
from engine.runs.files import MODEL_NAME, FinishedRun, files_of, predictions_csv
from engine.stopping import StopReason
from engine.suggestions import did_you_mean
from engine.training import train
from gui.command_line import PredictRequest, TrainRequest
from gui.pictures.formats import PictureRequest
from gui.progress_bar import ProgressBar
from gui.system_check import QT, install_message, missing_libraries


class OutputError(EngineError):
    """A file or folder that cannot be written."""


class _Source(NamedTuple):
    """A table, and where it came from."""

    table: Table
    target: str | None  # None: the one the table suggests
    key: str | None = None
    generator: GeneratorConfig | None = None


def run_training(request: TrainRequest) -> None:
    """Train as ``request`` says and leave everything in its folder; raises EngineError."""
    source = _open(request.data, request.generator)
    preparation = PreparationConfig(**request.preparation)
    with np.errstate(all="ignore"):  # a hostile table can overflow any sum; what comes of it is checked
        data = prepare(encode(source.table, request.target or source.target), preparation)
    config = _config_for(data, request)
    _make_folder(request.out)
    _say(_describe(data))
    history, last = _train(data, config)
    run = FinishedRun(
        table=source.table,
        key=source.key,
        generator=source.generator,
        data=data,
        config=config,
        history=history,
        last=last,
    )
    _say(*(f"Note: {note}" for note in run.notes), *_results(run))
    _say(*(str(path) for path in _write_all(run, request)))
    if last.stop_reason is StopReason.STOPPED:
        raise KeyboardInterrupt  # all is kept; the exit code still says that it was not finished


def run_prediction(request: PredictRequest) -> None:
    """Write the class probabilities of every row of a table to a CSV file; raises EngineError."""
    folder = request.folder
    classifier = load_model(folder if folder.is_file() else folder / MODEL_NAME)
    table = _open(str(request.file), {}).table
    out = request.out or Path(f"{request.file.stem}-predictions.csv")
    if out.exists() and request.file.exists() and out.samefile(request.file):
        raise OutputError(f"{out} is the table itself; choose another file for the predictions.")
    P, notes = classifier.predict_table(table)
    for note in (*table.notes, *notes, *_unknown_note(int((~np.isfinite(P).all(axis=1)).sum()))):
        sys.stderr.write(f"Note: {note}\n")
    _write(out, predictions_csv(classifier.class_names, classifier.target_name, P))
    _say(f"{_count(len(P), 'row')} of {table.name}, {_count(P.shape[1], 'class', 'classes')}: {out}")


# What comes in


def _open(name: str, options: dict[str, object]) -> _Source:
    """The table called ``name``: a file where there is one, else a data set of the gallery."""
    path = Path(name)
    keys = [entry.key for entry in GALLERY]
    if _is_there(path, but_no_folder=name in keys):
        _refuse_generator_options(name, options)
        table = read_table(path)
        return _Source(table, None)
    if name not in keys:
        names = [*keys, *_files_beside(path)]
        raise DataError(
            f"There is no file {name} and no bundled data set of that name; there are {', '.join(keys)}."
            f"{did_you_mean(path.name, names)}"
        )
    entry = find_entry(name)
    if entry.generator is None:
        _refuse_generator_options(name, options)
        return _Source(load_entry(name), entry.target, name)
    allowed = {spec.key for spec in entry.generator.specs}
    if stray := [key for key in options if key not in allowed]:
        raise SettingError(
            stray[0], f"{entry.title} always has {entry.n_classes} classes; leave {_flag(stray[0])} out."
        )
    settings = replace(entry.generator.default_config, **options)  # type: ignore[arg-type]
    return _Source(load_entry(name, settings), entry.target, name, settings)


def _is_there(path: Path, *, but_no_folder: bool) -> bool:
    """Whether ``path`` exists, or might: where looking fails, reading will say why."""
    try:
        return path.is_file() if but_no_folder else path.exists()
    except (OSError, ValueError):
        return True


def _files_beside(path: Path) -> list[str]:
    try:
        return [other.name for other in path.parent.iterdir() if other.is_file()]
    except OSError:
        return []


def _refuse_generator_options(name: str, options: dict[str, object]) -> None:
    if options:
        key = next(iter(options))
        raise SettingError(key, f"{_flag(key)} is for data drawn at random ({', '.join(GENERATORS)}), not for {name}.")


def _config_for(data: PreparedData, request: TrainRequest) -> TrainingConfig:
    """The settings, with one full batch where the usual one is larger than the training rows."""
    config = TrainingConfig(**request.training)
    n_rows = len(data.y_train)
    if "batch_size" not in request.training and config.batch_size > n_rows:
        config = replace(config, batch_size=0)
    check_fit(data, config)
    return config


# The work


def _train(data: PreparedData, config: TrainingConfig) -> tuple[History, Progress]:
    history = History(steps_per_epoch(data, config))
    training = train(data, config)
    last = next(training)
    history.append(last)
    with ProgressBar(config.epochs) as bar:
        try:
            for last in training:
                history.append(last)
                bar.show(last)
        except KeyboardInterrupt:
            last = replace(last, stop_reason=StopReason.STOPPED)
    return history, last


# What goes out


def _describe(data: PreparedData) -> str:
    dataset = data.dataset
    return (
        f"{dataset.name}: {_count(dataset.n_examples, 'row')}, {_count(dataset.n_features, 'feature')}, "
        f"{dataset.n_classes} classes of {dataset.target_name}; "
        f"{len(data.y_train):,} rows train, {len(data.y_validation):,} validate."
    )


def _results(run: FinishedRun) -> Iterator[str]:
    final, last = run.final, run.last
    if last.stop_reason is not None:
        yield last.stop_reason.sentence
    yield f"{_count(last.epoch, 'epoch')}, {_count(last.step, 'step')} in {last.seconds:.2f} s."
    yield f"Training:    cost {final.train_cost:.6g}, accuracy {100 * final.train_accuracy:.2f} %"
    if len(run.data.y_validation):
        yield f"Validation:  cost {final.validation_cost:.6g}, accuracy {100 * final.validation_accuracy:.2f} %"


def _write_all(run: FinishedRun, request: TrainRequest) -> Iterator[Path]:
    """Write every file of ``run`` and yield its path."""
    for name, content in itertools.chain(files_of(run), _pictures(run, request.pictures)):
        yield _write(request.out / name, content)


def _pictures(run: FinishedRun, request: PictureRequest) -> Iterable[tuple[str, bytes]]:
    """The plots, or none and one line that says why."""
    try:
        if missing := missing_libraries(QT):
            raise ImportError(" ".join(install_message(missing).split()))
        from gui.headless_plots import pictures
    except ImportError as error:
        sys.stderr.write(f"No plots are drawn: {error}\n")
        return ()
    return pictures(run, request)


def _make_folder(folder: Path) -> None:
    """Make ``folder`` where it is not there, and try it, before any work is done that could be lost."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError:
        raise OutputError(f"{folder} cannot be the folder of the results: a file is in its place.") from None
    except OSError as error:
        raise _unwritable(folder, error) from None


def _write(path: Path, content: bytes) -> Path:
    try:
        write_whole(path, content)
    except OSError as error:
        raise _unwritable(path, error) from None
    return path


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {error.strerror or error}.")


def _unknown_note(count: int) -> tuple[str, ...]:
    return (f"{_count(count, 'row')} without probabilities: numbers too large for this model.",) if count else ()


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _flag(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()  # who reads through a pipe should not wait for the end of a long training
