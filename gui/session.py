"""The state of the application, and everything that can be done to it.

Panels and plots talk to the session and to nobody else: they call its methods and listen to its signals. It loads
data in the background, owns the training thread, and polls it; it draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from engine.arrays import RealArray
from engine.data.gallery import find_entry, load_entry
from engine.data.generators import GeneratorConfig
from engine.data.preparation import PreparationConfig
from engine.data.table import Table, read_table
from engine.errors import EngineError, SettingError
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from engine.problem import check_fit, initial_theta, network_for
from engine.progress import Moment
from engine.runs.files import Change, FinishedRun
from engine.runs.setup_record import SetupRecord
from engine.stopping import StopReason
from gui.latest_work import LatestWork
from gui.loading import LoadedData, Loader, Work, load_data, prepare_loaded
from gui.run_view import RunState, RunView
from gui.training_thread import TrainingThread

R = TypeVar("R")

POLL_MS = 33
MOST_WEIGHTS_AT_ONCE = 500_000  # drawn in 10 ms
# How long the window waits for the slice in hand; a longer one is left to end by itself.
_PATIENCE_SECONDS = 0.03


class _Restoration(NamedTuple):
    """What is to be done when the data of a set-up are there, or to be undone when they cannot be loaded."""

    config: TrainingConfig
    preparation_before: PreparationConfig
    done: Callable[[LoadedData], None] | None


class Session(RunView):
    """The only mutable state of the application."""

    busy_changed = Signal(str)
    message = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preparation = PreparationConfig()
        self._run: TrainingThread | None = None
        self._leaving: list[TrainingThread] = []
        self._restoration: _Restoration | None = None
        self._refused: dict[str, str] = {}
        self._pace: float | None = None
        self._initial_theta: RealArray | None = None
        self._loader = Loader(self._loading_done, self._loading_failed, self)
        self._work = LatestWork(lambda error: self.failed.emit(self._describe(error)), self)
        self._at_once = False
        self._seen: object = None
        self._poll_timer = QTimer(self, interval=POLL_MS)
        self._poll_timer.timeout.connect(self._poll)

    # What is there

    @property
    def preparation(self) -> PreparationConfig:
        """How the data is split and scaled."""
        return self._preparation

    @property
    def pace(self) -> float | None:
        """The most steps a second; None is full speed."""
        return self._pace

    @property
    def history(self) -> History | None:
        """The record of the run; None before its first step."""
        return self._run.history if self._run else None

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the run ended; None while it has not."""
        return self._run.stop_reason if self._run and self._state is RunState.ENDED else None

    @property
    def finished_run(self) -> FinishedRun | None:
        """The run as it can be saved; None while it trains, and before its first step."""
        loaded, run = self._loaded, self._run
        last = run.history.latest if run else None
        if loaded is None or run is None or last is None or self._state is RunState.RUNNING:
            return None
        return FinishedRun(
            table=loaded.table,
            key=loaded.key,
            generator=loaded.generator,
            data=run.data,
            config=run.first_config,
            history=run.history,
            last=last,
            changes=tuple(Change(*change) for change in run.changes),
        )

    @property
    def first_config(self) -> TrainingConfig:
        """The settings that the run began with, or those of the next one."""
        return self._run.first_config if self._run else self._config

    @property
    def changes(self) -> tuple[tuple[int, TrainingConfig], ...]:
        """Other settings since the start, each with the step it came after."""
        return self._run.changes if self._run else ()

    @property
    def newest_theta(self) -> RealArray | None:
        """The newest weights, before the first step the initial ones; None without data."""
        latest = self._run.history.latest if self._run else None
        return latest.theta if latest else self._initial_theta

    @property
    def network(self) -> Network | None:
        """The network in training, or that of the next run; None without data."""
        return self._run.network if self._run else super().network

    @property
    def config_misfit(self) -> SettingError | None:
        """Why the settings cannot train this data; None where they can."""
        if self._loaded is None:
            return None
        try:
            check_fit(self._loaded.data, self._config)
        except SettingError as error:
            return error
        return None

    # Data

    def open_entry(self, key: str, generator: GeneratorConfig | None = None) -> None:
        """Load a data set of the gallery in the background."""
        entry = find_entry(key)

        def work(preparation: PreparationConfig) -> LoadedData:
            return load_data(load_entry(key, generator), entry.target, preparation, key, generator)

        self._start_loading(entry.title, work)

    def open_file(self, path: Path) -> None:
        """Load a table file in the background, with the target it suggests."""

        def work(preparation: PreparationConfig) -> LoadedData:
            table = read_table(path)
            return load_data(table, None, preparation, None, None)

        self._start_loading(path.name, work)

    def restore(
        self, record: SetupRecord, read: Callable[[], Table], done: Callable[[LoadedData], None] | None = None
    ) -> None:
        """Set the run of ``record`` up on the table that ``read`` gives, in the background, then call ``done``.

        Until the data are there, and where they cannot be loaded, all stays as it is.
        """

        def work(preparation: PreparationConfig) -> LoadedData:
            return load_data(read(), record.target, preparation, record.key, record.generator)

        before, self._preparation = self._preparation, record.preparation
        self._start_loading(record.name, work, _Restoration(record.training, before, done))

    def choose_target(self, target: str) -> None:
        """Encode the same table with another target column."""
        loaded = self._loaded
        if loaded is None or (loaded.dataset.target_name == target and not self._loader.busy):
            return
        self._start_loading(
            loaded.table.name,
            lambda preparation: load_data(loaded.table, target, preparation, loaded.key, loaded.generator),
        )

    def set_preparation(self, preparation: PreparationConfig) -> None:
        """Split and scale the same data set in another way."""
        if preparation == self._preparation:
            return
        self._preparation = preparation
        loaded = self._loaded
        if self._loader.restart(preparation) or loaded is None:
            return
        self._start_loading(
            loaded.table.name,
            lambda preparation: prepare_loaded(loaded.table, loaded.dataset, preparation, loaded.key, loaded.generator),
        )

    def _start_loading(self, name: str, work: Work, restoration: _Restoration | None = None) -> None:
        self._restoration = restoration
        self.busy_changed.emit(self.tr("Loading {name} …").format(name=name))
        self._loader.start(work, self._preparation)

    def _loading_done(self, loaded: LoadedData) -> None:
        was_ready = self._state is RunState.READY
        was_active = self._state in (RunState.RUNNING, RunState.PAUSED)
        same_examples = self._loaded is not None and self._loaded.table is loaded.table
        self._end_run()
        self._loaded = loaded
        if not same_examples or self._example >= loaded.dataset.n_examples:
            self._example = 0
        restoration, self._restoration = self._restoration, None
        if restoration is not None:
            self._take_config(restoration.config)
        full_batch = self._fit_batch(loaded)
        self._back_to_start()
        self.busy_changed.emit("")
        self.data_changed.emit()
        if not was_ready:
            self.state_changed.emit()
        self.example_changed.emit()
        if full_batch:
            self.message.emit(self.tr("The batch is larger than the training set; it is now the full batch."))
        if was_active:
            self.message.emit(self.tr("The training was ended because its data changed."))
        if restoration is not None:
            self.config_changed.emit()
            if restoration.done is not None:
                restoration.done(loaded)

    def _take_config(self, config: TrainingConfig) -> None:
        """Use other settings for the next run; what a field holds in vain gives way to them."""
        old, self._config = self._config, config
        for key in list(self._refused):
            if getattr(old, key, None) != getattr(config, key, None):
                self.accept_setting(key)

    def _fit_batch(self, loaded: LoadedData) -> bool:
        """Take the full batch where the batch was larger than the new training set; whether that was so."""
        has_batches = not self._config.optimizer_entry.full_batch
        too_large = has_batches and self._config.batch_size > len(loaded.data.y_train)
        if too_large:
            self._config = replace(self._config, batch_size=0)
        return too_large

    def _loading_failed(self, error: Exception) -> None:
        restoration, self._restoration = self._restoration, None
        if self._loaded is not None:
            self._preparation = self._loaded.data.config
        elif restoration is not None:
            self._preparation = restoration.preparation_before
        self.busy_changed.emit("")
        self.failed.emit(self._describe(error))

    def _describe(self, error: Exception) -> str:
        if isinstance(error, EngineError):
            return str(error)
        return self.tr("Something unexpected went wrong: {error}").format(error=f"{type(error).__name__}: {error}")

    # Settings

    def set_config(self, config: TrainingConfig) -> None:
        """Use other settings: live ones at once, the others with the next run.

        Raises SettingError where a run is under way and a setting needs a new one.
        """
        if config == self._config:
            return
        if self._run is not None and self._state in (RunState.RUNNING, RunState.PAUSED):
            self._run.change(config)
        self._config = config
        if self._run is None and self._loaded is not None:
            self._draw_initial_theta()
            self.progressed.emit()
        self.config_changed.emit()

    def refuse_setting(self, key: str, reason: str) -> None:
        """Note that a field holds what cannot be used; nothing trains until it is put right."""
        self._refused[key] = reason

    def accept_setting(self, key: str) -> None:
        """Note that the field of a setting has been put right."""
        self._refused.pop(key, None)

    def set_pace(self, steps_per_second: float | None) -> None:
        """Train no faster than this; None is full speed."""
        self._pace = steps_per_second
        if self._run is not None:
            self._run.set_pace(steps_per_second)

    # The run

    def train(self) -> None:
        """Start a new run, or go on with a paused one."""
        if self._state is RunState.RUNNING or (run := self._ensured_run()) is None:
            return
        run.resume()
        self._set_state(RunState.RUNNING)
        self._poll_timer.start()

    def pause(self) -> None:
        """Rest after the slice in hand."""
        if self._state is RunState.RUNNING and self._run is not None:
            self._run.pause()
            self._set_state(RunState.PAUSED)

    def ask(self, key: str, work: Callable[[], R], done: Callable[[R], None]) -> None:
        """Do ``work`` in the background, then call ``done`` with its result."""
        if not self._at_once:
            self._work.ask(key, work, done)
            return
        self._work.forget(key)
        try:
            super().ask(key, work, done)
        except Exception as error:  # as in the background, it is told
            self.failed.emit(self._describe(error))

    @property
    def is_working(self) -> bool:
        """Whether something that was asked for is still to come."""
        return self._work.busy

    @contextmanager
    def working_at_once(self) -> Iterator[None]:
        """Do what is asked for within the context at once, for a picture that has to show it."""
        before, self._at_once = self._at_once, True
        try:
            yield
        finally:
            self._at_once = before

    def is_asked(self, key: str) -> bool:
        """Whether the answer to ``ask`` with that key is still to come."""
        return self._work.is_waiting(key)

    def fork(self, moment: Moment) -> None:
        """Start a new run from the weights of ``moment`` with the present settings; it waits for Train."""
        if self._loaded is None or self.network is None or self.network.n_parameters != len(moment.theta):
            return
        self._end_run()
        self._back_to_start()
        if (run := self._ensured_run(start=moment.theta)) is None:
            self.state_changed.emit()
            self.progressed.emit()
            return
        run.pause()
        self._set_state(RunState.PAUSED)
        self._poll_timer.start()
        self.message.emit(
            self.tr("A new run starts from step {step} of the last one. Train goes on from there.").format(
                step=f"{moment.step:,}"
            )
        )

    def step(self) -> None:
        """Make one step of a new or a paused run; a run that has ended stays as it is."""
        if self._state is RunState.ENDED or (run := self._ensured_run()) is None:
            return
        run.step()
        self._set_state(RunState.PAUSED)
        self._poll_timer.start()

    def stop(self) -> None:
        """End the run and keep what it learned."""
        if self._run is None or self._state not in (RunState.RUNNING, RunState.PAUSED):
            return
        self._run.stop(_PATIENCE_SECONDS)
        self._poll()

    def reset(self) -> None:
        """Forget the run: weights, curves and counters return to the start."""
        self._end_run()
        self._back_to_start()
        self.state_changed.emit()
        self.progressed.emit()

    def close(self) -> None:
        """End everything that runs in the background."""
        self.closing.emit()
        self._poll_timer.stop()
        self._end_run()
        for run in self._leaving:
            run.stop()
        self._loader.close()
        self._work.close()

    def _ensured_run(self, start: RealArray | None = None) -> TrainingThread | None:
        """A run that can go on, a new one from ``start`` if that is given; None, after saying why, where none can."""
        reasons = [*self._refused.values(), *([str(self.config_misfit)] if self.config_misfit else [])]
        if self._loaded is None or reasons:
            self.message.emit(reasons[0] if reasons else self.tr("Choose a data set first."))
            return None
        if self._run is None or self._state is RunState.ENDED:
            self._forget_weights()
            self._initial_theta = start
            if start is None:
                self._draw_initial_theta()
            self._run = TrainingThread(self._loaded.data, self._config, start)
            self._run.set_pace(self._pace)
        return self._run

    def _end_run(self) -> None:
        self._leaving = [run for run in self._leaving if not run.ended]
        if self._run is not None and not self._run.stop(_PATIENCE_SECONDS):
            self._leaving.append(self._run)
        self._run = None

    def _back_to_start(self) -> None:
        self._poll_timer.stop()
        self._forget_weights()
        self._state = RunState.READY
        self._initial_theta = None
        self._draw_initial_theta()

    def _draw_initial_theta(self) -> None:
        """Draw the weights of the start, where there are very many of them in the background."""
        loaded, config = self._loaded, self._config
        if loaded is None:
            return
        if network_for(loaded.data, config).n_parameters <= MOST_WEIGHTS_AT_ONCE:
            self._initial_theta = initial_theta(loaded.data, config)
            return

        def done(theta: RealArray) -> None:
            if self._loaded is loaded and self._config is config:
                self._initial_theta = theta
                self.progressed.emit()

        self._initial_theta = None
        self.ask("initial weights", lambda: initial_theta(loaded.data, config), done)

    def _poll(self) -> None:
        """Look at the run; tell the listeners where there is something new."""
        run = self._run
        if run is None:
            return
        ended = run.ended  # asked before looking, so that the last progress is not missed
        latest = run.history.latest
        if latest is not self._seen:
            self._seen = latest
            run.begin_frame()
            self.progressed.emit()
            QTimer.singleShot(0, run.end_frame)  # comes after the paint events that the listeners asked for
        if ended and self._state is not RunState.ENDED:
            self._poll_timer.stop()
            self._set_state(RunState.ENDED)
            self._report_end(run)

    def _report_end(self, run: TrainingThread) -> None:
        if run.error is not None:
            self.failed.emit(self._describe(run.error))
        elif run.stop_reason is not None:
            self.message.emit(run.stop_reason.sentence)

    def _set_state(self, state: RunState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit()
