"""The one place that iterates ``engine.training.train``: a background thread that the window starts, holds and ends."""

from __future__ import annotations

import math
import threading
import time

from engine.arrays import RealArray
from engine.data.preparation import PreparedData
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.problem import check_fit, network_for, steps_per_epoch
from engine.progress import Request
from engine.stopping import StopReason
from engine.training import train

SLICE_SECONDS = 0.002
# While a frame is drawn, short steps and painting would hand the interpreter to each other hundreds of times, and each
# time cost both more than they do in between (tests/benchmarks/window.py). So the thread rests for the time of a frame,
# never longer than this; steps that take longer than the limit spend it outside the interpreter and go on.
LONGEST_FRAME_SECONDS = 0.05
SHORT_STEP_SECONDS = 5e-4
_MOST_BEHIND_SECONDS = 0.05
# At first a slice is a step, later a thirty-second of all so far: the history can then keep the moments of the start,
# when everything changes, as closely as those of the end.
STEPS_A_MOMENT = 32


class TrainingThread:
    """Drives one training; made paused, at its start.

    Every method returns at once, but ``stop``, which waits for the slice in hand. The history can be read at any time.
    """

    def __init__(self, data: PreparedData, config: TrainingConfig, start: RealArray | None = None) -> None:
        self.data = data
        self._start = start
        self.network = network_for(data, config)
        self.history = History(steps_per_epoch(data, config))
        self.config = self.first_config = config
        self.changes: tuple[tuple[int, TrainingConfig], ...] = ()
        self.stop_reason: StopReason | None = None
        self.error: Exception | None = None
        self._pace: float | None = None
        self._steps_wanted = 0
        self._running = False
        self._stopping = False
        self._frame_ends_by = 0.0
        self._step_due = 0.0
        self._steps_are_short = True
        self._new_config: TrainingConfig | None = None
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="training", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the training is over and nothing will be appended any more."""
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether it trains without being asked for each step."""
        return self._running and not self.ended

    def resume(self) -> None:
        """Train until told otherwise."""
        with self._wake:
            self._running = True
            self._wake.notify()

    def pause(self) -> None:
        """Rest after the slice in hand."""
        with self._wake:
            self._running = False
            self._steps_wanted = 0
            self._wake.notify()

    def step(self) -> None:
        """Make one more step, then rest."""
        with self._wake:
            self._running = False
            self._steps_wanted += 1
            self._wake.notify()

    def change(self, config: TrainingConfig) -> None:
        """Go on with other live settings; raises SettingError where one needs a new run or does not fit."""
        self.config.check_change(config)
        check_fit(self.data, config)
        with self._wake:
            self.config = self._new_config = config
            self._wake.notify()

    def set_pace(self, steps_per_second: float | None) -> None:
        """Train no faster than this; None is full speed."""
        with self._wake:
            self._pace = steps_per_second
            self._step_due = time.perf_counter()
            self._wake.notify()

    def begin_frame(self) -> None:
        """Leave the interpreter to the window until ``end_frame``."""
        self._frame_ends_by = time.perf_counter() + LONGEST_FRAME_SECONDS

    def end_frame(self) -> None:
        """The window has drawn; go on."""
        with self._wake:
            self._frame_ends_by = 0.0
            self._wake.notify()

    def stop(self, timeout: float = 2.0) -> bool:
        """End the training and wait for its thread; False where it has not ended in ``timeout`` seconds."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout)
        return self.ended

    def _run(self) -> None:
        try:
            self._drive()
        except Exception as error:  # shown by the window; the thread has nobody to raise to
            self.error = error

    def _drive(self) -> None:
        training = train(self.data, self.config, SLICE_SECONDS, start=self._start)
        self.history.append(progress := next(training))
        while (request := self._next_request(progress.step)) is not None:
            before = progress
            if request.config is not None:
                self.changes = (*self.changes, (before.step, request.config))
            progress = training.send(request)
            self.history.append(progress)
            if progress.stop_reason is not None:
                self.stop_reason = progress.stop_reason
                return
            steps, seconds = progress.step - before.step, progress.seconds - before.seconds
            self._steps_are_short = seconds < SHORT_STEP_SECONDS * steps
        self.stop_reason = StopReason.STOPPED

    def _next_request(self, steps: int) -> Request | None:
        """What to do next after so many steps, once there is something to do; None to end."""
        with self._wake:
            while rest := self._rest():
                self._wake.wait(None if math.isinf(rest) else rest)
            if self._stopping:
                return None
            config, self._new_config = self._new_config, None
            if self._steps_wanted:
                self._steps_wanted -= 1
                return Request(config, max_steps=1)
            if self._pace is None:
                return Request(config, max_steps=max(1, steps // STEPS_A_MOMENT))
            # From when it was due, so that waking late does not slow the whole down; never far behind.
            now = time.perf_counter()
            self._step_due = max(self._step_due, now - _MOST_BEHIND_SECONDS) + 1.0 / self._pace
            return Request(config, max_steps=1)

    def _rest(self) -> float:
        """Seconds to rest unless something changes; infinite while paused, 0 when there is something to do."""
        if self._stopping or self._steps_wanted:
            return 0.0
        if not self._running:
            return math.inf
        frame = self._frame_ends_by if self._steps_are_short else 0.0
        step = self._step_due if self._pace is not None else 0.0
        return max(0.0, max(frame, step) - time.perf_counter())
