import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

import gui.training_thread
from engine.data.preparation import PreparedData
from engine.errors import SettingError
from engine.hyperparameters import TrainingConfig
from engine.problem import initial_theta
from engine.progress import Request
from engine.stopping import StopReason
from engine.training import train
from gui.training_thread import TrainingThread

ENDLESS = TrainingConfig(epochs=1_000_000, batch_size=0)


def wait_for(what: Callable[[], object], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.001)


def settled_step(run: TrainingThread) -> int:
    """The step count once it has stood still for as long as several slices take."""
    while True:
        step = run.history.latest.step
        time.sleep(0.05)
        if run.history.latest.step == step:
            return step


@pytest.fixture
def start(iris: PreparedData) -> Iterator[Callable[..., TrainingThread]]:
    runs: list[TrainingThread] = []

    def start(config: TrainingConfig = ENDLESS) -> TrainingThread:
        run = TrainingThread(iris, config)
        runs.append(run)
        wait_for(lambda: run.history.latest is not None or run.ended)
        return run

    yield start
    for run in runs:
        assert run.stop()


def test_made_paused_at_the_start(start, iris: PreparedData) -> None:
    run = start()
    assert settled_step(run) == 0
    assert not run.running
    assert not run.ended
    assert run.stop_reason is None
    assert np.array_equal(run.history.latest.theta, initial_theta(iris, ENDLESS))
    assert run.history.epochs.epoch.tolist() == [0]


def test_each_step_is_one_step(start) -> None:
    run = start()
    for n in range(1, 4):
        run.step()
        wait_for(lambda n=n: run.history.latest.step == n)
    assert settled_step(run) == 3
    run.step()
    run.step()
    wait_for(lambda: run.history.latest.step == 5)
    assert settled_step(run) == 5
    assert run.history.steps.n_steps == 5


def test_step_holds_a_running_training(start) -> None:
    run = start()
    run.resume()
    wait_for(lambda: run.history.latest.step > 0)
    assert run.running
    run.step()
    assert not run.running
    settled_step(run)


def test_pause_and_go_on(start) -> None:
    run = start()
    run.resume()
    wait_for(lambda: run.history.latest.step > 10)
    run.pause()
    step = settled_step(run)
    run.resume()
    wait_for(lambda: run.history.latest.step > step)
    epochs = run.history.epochs.epoch
    assert np.array_equal(epochs, np.arange(len(epochs)))  # nothing was lost or told twice


def test_all_epochs_as_the_generator_makes_them(start, iris: PreparedData) -> None:
    config = TrainingConfig(epochs=40, batch_size=16, seed=3)
    run = start(config)
    run.resume()
    wait_for(lambda: run.ended)
    assert run.stop_reason is StopReason.EPOCHS_REACHED
    *_, last = train(iris, config)
    assert np.array_equal(run.history.latest.theta, last.theta)
    assert run.history.latest.step == last.step == run.history.steps.n_steps
    assert run.history.epochs.epoch.tolist() == list(range(41))


def test_live_change_takes_effect_with_the_next_step(start, iris: PreparedData) -> None:
    config = TrainingConfig(batch_size=8, seed=1)
    faster = replace(config, learning_rate=3.0, l2=0.5)
    run = start(config)
    run.step()
    wait_for(lambda: run.history.latest.step == 1)
    run.change(faster)
    run.step()
    wait_for(lambda: run.history.latest.step == 2)

    by_hand = train(iris, config)
    next(by_hand)
    by_hand.send(Request(max_steps=1))
    expected = by_hand.send(Request(faster, max_steps=1))
    assert np.array_equal(run.history.latest.theta, expected.theta)
    assert run.config == faster


def test_a_network_with_hidden_layers_trains_as_the_generator_makes_it(start, iris: PreparedData) -> None:
    config = TrainingConfig(epochs=20, hidden_layers=(6, 4), optimizer="lbfgs")
    run = start(config)
    assert run.network.hidden_layers == (6, 4)
    run.resume()
    wait_for(lambda: run.ended)
    *_, last = train(iris, config)
    assert np.array_equal(run.history.latest.theta, last.theta)
    assert run.history.latest.theta.shape == (run.network.n_parameters,)


def test_an_end_of_the_engines_own_is_kept(start) -> None:
    run = start(TrainingConfig(optimizer="newton_cg", l2=0.01))
    run.resume()
    wait_for(lambda: run.ended)
    assert run.stop_reason is StopReason.NO_LOWER_COST


@pytest.mark.parametrize("change", [{"batch_size": 7}, {"seed": 5}, {"optimizer": "adam"}, {"hidden_layers": (4,)}])
def test_change_that_needs_a_new_run_is_refused(start, change: dict[str, object]) -> None:
    run = start()
    with pytest.raises(SettingError, match="takes effect with the next run") as caught:
        run.change(replace(ENDLESS, **change))
    assert caught.value.key == next(iter(change))
    assert run.config == ENDLESS
    run.step()
    wait_for(lambda: run.history.latest.step == 1)


def test_stop_ends_the_thread_within_100_ms(start) -> None:
    durations = []
    for _ in range(3):  # the best of three: the machine may be busy with other things
        run = start(TrainingConfig(epochs=1_000_000, batch_size=1))
        run.resume()
        wait_for(lambda run=run: run.history.latest.step > 0)
        started = time.perf_counter()
        assert run.stop()
        durations.append(time.perf_counter() - started)
        assert run.ended
        assert run.stop_reason is StopReason.STOPPED
    assert min(durations) < 0.1


def test_stop_before_the_first_step_and_again_after_the_end(start) -> None:
    run = start()
    assert run.stop()
    assert run.stop()
    assert run.stop_reason is StopReason.STOPPED
    assert not [thread for thread in threading.enumerate() if thread.name == "training"]


def test_stop_after_the_last_epoch_keeps_the_reason(start) -> None:
    run = start(TrainingConfig(epochs=2))
    run.resume()
    wait_for(lambda: run.ended)
    run.stop()
    assert run.stop_reason is StopReason.EPOCHS_REACHED


def test_pace_limits_the_steps(start) -> None:
    run = start()
    run.set_pace(100.0)
    started = time.perf_counter()
    run.resume()
    time.sleep(0.3)
    steps = run.history.latest.step
    assert 0 < steps <= 100.0 * (time.perf_counter() - started) + 1
    run.set_pace(None)
    wait_for(lambda: run.history.latest.step > steps + 200)


def test_a_slow_pace_does_not_hold_up_pause_or_stop(start) -> None:
    run = start()
    run.set_pace(0.01)  # a step every hundred seconds
    run.resume()
    time.sleep(0.05)
    started = time.perf_counter()
    assert run.stop(timeout=1.0)
    assert time.perf_counter() - started < 0.5


def test_divergence_is_a_reason_with_finite_weights(start) -> None:
    run = start(TrainingConfig(learning_rate=1e6, l2=1.0))
    run.resume()
    wait_for(lambda: run.ended)
    assert run.stop_reason is StopReason.DIVERGED
    assert run.error is None
    assert np.isfinite(run.history.latest.theta).all()


def test_an_unforeseen_error_is_kept_for_the_window(start, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> Iterator[None]:
        raise ZeroDivisionError("in the engine")
        yield

    monkeypatch.setattr(gui.training_thread, "train", broken)
    run = start()
    wait_for(lambda: run.ended)
    assert isinstance(run.error, ZeroDivisionError)
    assert run.stop_reason is None
