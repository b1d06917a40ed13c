"""The one place that iterates ``engine.training.train``: a background thread that the window starts, holds and ends."""

from __future__ import annotations

import threading

from engine.data.preparation import PreparedData
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.training import Request, StopReason, network_for, steps_per_epoch, train

SLICE_SECONDS = 0.002
# While a frame is drawn, short steps and painting would hand the interpreter to each other hundreds of times, and each
# time cost both more than they do in between (tests/benchmarks/window.py). So the thread rests for the time of a frame,
# never longer than this; steps that take longer than the limit spend it outside the interpreter and go on.
LONGEST_FRAME_SECONDS = 0.05
SHORT_STEP_SECONDS = 5e-4


class TrainingThread:
    """Drives one training; made paused, at its start.

    Every method returns at once, but ``stop``, which waits for the slice in hand. The history can be read at any time.
    """

    def __init__(self, data: PreparedData, config: TrainingConfig) -> None:
        self.data = data
        self.network = network_for(data)
        self.history = History(steps_per_epoch(data, config))
        self.config = config
        self.stop_reason: StopReason | None = None
        self.error: Exception | None = None
        self._pace: float | None = None
        self._steps_wanted = 0
        self._running = False
        self._stopping = False
        self._frame_is_drawn = False
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
        """Go on with other live settings; raises SettingError where one needs a new run."""
        self.config.check_change(config)
        with self._wake:
            self.config = self._new_config = config
            self._wake.notify()

    def set_pace(self, steps_per_second: float | None) -> None:
        """Train no faster than this; None is full speed."""
        with self._wake:
            self._pace = steps_per_second
            self._wake.notify()

    def begin_frame(self) -> None:
        """Leave the interpreter to the window until ``end_frame``."""
        self._frame_is_drawn = True

    def end_frame(self) -> None:
        """The window has drawn; go on."""
        with self._wake:
            self._frame_is_drawn = False
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
        training = train(self.data, self.config, SLICE_SECONDS)
        self.history.append(progress := next(training))
        while (request := self._next_request()) is not None:
            before = progress
            progress = training.send(request)
            self.history.append(progress)
            if progress.stop_reason is not None:
                self.stop_reason = progress.stop_reason
                return
            steps, seconds = progress.step - before.step, progress.seconds - before.seconds
            self._steps_are_short = seconds < SHORT_STEP_SECONDS * steps
        self.stop_reason = StopReason.STOPPED

    def _next_request(self) -> Request | None:
        """What to do next, once there is something to do; None to end."""
        with self._wake:
            self._wake.wait_for(lambda: self._running or self._steps_wanted or self._stopping)
            if self._running and self._pace is not None:
                self._wait_for_pace(self._pace)
            if self._frame_is_drawn and self._steps_are_short:
                self._wake.wait_for(lambda: not self._frame_is_drawn or self._stopping, LONGEST_FRAME_SECONDS)
            if self._stopping:
                return None
            config, self._new_config = self._new_config, None
            return Request(config, self._max_steps())

    def _max_steps(self) -> int | None:
        if self._steps_wanted:
            self._steps_wanted -= 1
            return 1
        return 1 if self._pace is not None else None

    def _wait_for_pace(self, steps_per_second: float) -> None:
        """Sleep out what is left of this step's time; any command ends the sleep."""
        self._wake.wait(1.0 / steps_per_second)
