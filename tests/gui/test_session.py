import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from crowd import CROWD

import gui.training_thread
from engine.data.gallery import find_entry
from engine.data.preparation import PreparationConfig
from engine.errors import DataError, SettingError
from engine.hyperparameters import TrainingConfig
from engine.problem import initial_theta
from engine.progress import Request
from engine.stopping import StopReason
from engine.training import train
from gui.run_view import RunState
from gui.session import Session

ENDLESS = TrainingConfig(epochs=1_000_000, batch_size=0)

Event = tuple[object, ...]


def listen(session: Session) -> list[Event]:
    """Every signal from now on, in order, each with what it says or what has changed."""
    events: list[Event] = []
    session.busy_changed.connect(lambda text: events.append(("busy", text)))
    session.message.connect(lambda text: events.append(("message", text)))
    session.failed.connect(lambda text: events.append(("failed", text)))
    session.data_changed.connect(lambda: events.append(("data", session.loaded and session.loaded.dataset.name)))
    session.config_changed.connect(lambda: events.append(("config", session.config)))
    session.state_changed.connect(lambda: events.append(("state", session.state)))
    session.example_changed.connect(lambda: events.append(("example", session.example)))
    session.progressed.connect(lambda: events.append(("progress", steps(session))))
    return events


def steps(session: Session) -> int | None:
    latest = session.history.latest if session.history else None
    return latest.step if latest else None


def without_progress(events: list[Event]) -> list[Event]:
    return [event for event in events if event[0] != "progress"]


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in ("training", "background job")]


@pytest.fixture
def running(iris_session: Session, qtbot) -> Session:
    """Iris in an endless training that has made its first steps."""
    iris_session.set_config(ENDLESS)
    iris_session.train()
    qtbot.waitUntil(lambda: (steps(iris_session) or 0) > 0)
    return iris_session


@pytest.fixture
def empty_file(tmp_path: Path) -> Path:
    path = tmp_path / "empty.csv"
    path.write_bytes(CROWD["empty"])
    return path


@pytest.fixture
def held_train(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The engine's first report waits for this event."""
    release = threading.Event()

    def held(*args: object, **kwargs: object) -> Iterator[object]:
        release.wait(5)
        return train(*args, **kwargs)

    monkeypatch.setattr(gui.training_thread, "train", held)
    yield release
    release.set()


class TestData:
    def test_nothing_there_at_first(self, session: Session) -> None:
        assert session.loaded is None
        assert session.network is None
        assert session.theta is None
        assert session.history is None
        assert session.config_misfit is None
        assert session.state is RunState.READY

    def test_without_data_nothing_trains(self, session: Session) -> None:
        events = listen(session)
        session.train()
        session.step()
        session.pause()
        session.stop()
        assert events == [("message", "Choose a data set first.")] * 2
        assert threads() == []

    def test_loading_tells_each_step_in_order(self, session: Session, qtbot) -> None:
        events = listen(session)
        session.open_entry("iris")
        assert events == [("busy", "Loading Iris …")]
        with qtbot.waitSignal(session.example_changed):
            pass
        assert events == [
            ("busy", "Loading Iris …"),
            ("busy", ""),
            ("data", "Iris"),
            ("example", 0),
        ]
        assert session.loaded.key == "iris"
        assert session.loaded.dataset.class_names == ("setosa", "versicolor", "virginica")
        assert np.array_equal(session.theta, initial_theta(session.loaded.data, session.config))

    def test_generator_with_its_settings(self, session: Session, qtbot) -> None:
        config = replace(find_entry("blobs").generator.default_config, class_count=7)
        with qtbot.waitSignal(session.data_changed):
            session.open_entry("blobs", config)
        assert session.loaded.dataset.n_classes == 7
        assert session.loaded.generator == config

    def test_unknown_entry(self, session: Session) -> None:
        with pytest.raises(DataError, match="iris"):
            session.open_entry("irsi")
        assert threads() == []

    def test_file(self, session: Session, qtbot, tmp_path: Path) -> None:
        path = tmp_path / "mine.csv"
        path.write_text("x,y,class\n" + "1,2,a\n3,4,b\n" * 5)
        with qtbot.waitSignal(session.data_changed):
            session.open_file(path)
        assert session.loaded.key is None
        assert session.loaded.dataset.target_name == "class"
        assert session.loaded.dataset.name == "mine.csv"

    @pytest.mark.parametrize("name", ["no such file.csv", "."])
    def test_what_cannot_be_opened_leaves_all_as_it_was(
        self, iris_session: Session, qtbot, tmp_path: Path, name: str
    ) -> None:
        before = iris_session.loaded
        with qtbot.waitSignal(iris_session.failed):
            iris_session.open_file(tmp_path / name)
        assert iris_session.loaded is before

    def test_failing_load_keeps_the_previous_data(self, iris_session: Session, qtbot, empty_file: Path) -> None:
        before, events = iris_session.loaded, listen(iris_session)
        with qtbot.waitSignal(iris_session.failed) as failed:
            iris_session.open_file(empty_file)
        assert "is empty" in failed.args[0]
        assert events == [
            ("busy", "Loading empty.csv …"),
            ("busy", ""),
            ("failed", failed.args[0]),
        ]
        assert iris_session.loaded is before
        iris_session.step()
        qtbot.waitUntil(lambda: steps(iris_session) == 1)

    def test_a_split_chosen_during_a_failing_load_returns_to_the_one_in_use(
        self, iris_session: Session, qtbot, empty_file: Path
    ) -> None:
        in_use = iris_session.preparation
        with qtbot.waitSignal(iris_session.failed):
            iris_session.open_file(empty_file)
            iris_session.set_preparation(PreparationConfig(validation_share=0.5))
        assert iris_session.preparation == in_use == iris_session.loaded.data.config
        with qtbot.waitSignal(iris_session.data_changed):
            iris_session.set_preparation(PreparationConfig(validation_share=0.5))
        assert len(iris_session.loaded.data.y_validation) == 75

    def test_the_last_choice_of_a_target_counts(self, session: Session, qtbot) -> None:
        with qtbot.waitSignal(session.data_changed):
            session.open_entry("penguins")
        with qtbot.waitSignal(session.data_changed):
            session.choose_target("sex")
            session.choose_target("species")
        qtbot.wait(100)
        assert session.loaded.dataset.target_name == "species"

    def test_a_batch_larger_than_the_new_training_set_becomes_the_full_batch(
        self, session: Session, qtbot, tmp_path: Path
    ) -> None:
        rows = "".join(f"{i},{i % 2}\n" for i in range(20))
        (tmp_path / "small.csv").write_text(f"x,class\n{rows}")
        with qtbot.waitSignal(session.message) as said, qtbot.waitSignal(session.data_changed):
            session.open_file(tmp_path / "small.csv")
        assert "full batch" in said.args[0]
        assert session.config.batch_size == 0
        session.step()
        qtbot.waitUntil(lambda: steps(session) == 1)

    def test_failing_load_does_not_disturb_a_training(self, running: Session, qtbot, empty_file: Path) -> None:
        with qtbot.waitSignal(running.failed):
            running.open_file(empty_file)
        assert running.state is RunState.RUNNING
        now = steps(running)
        qtbot.waitUntil(lambda: steps(running) > now)

    def test_unforeseen_error_is_told(
        self, iris_session: Session, qtbot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def broken(path: Path) -> None:
            raise RuntimeError("out of order")

        monkeypatch.setattr("gui.session.read_table", broken)
        with qtbot.waitSignal(iris_session.failed) as failed:
            iris_session.open_file(tmp_path / "any.csv")
        assert failed.args == ["Something unexpected went wrong: RuntimeError: out of order"]

    def test_data_change_while_training_ends_the_run_and_says_so(self, running: Session, qtbot) -> None:
        events = listen(running)
        with qtbot.waitSignal(running.data_changed):
            running.open_entry("wine")
        assert without_progress(events) == [
            ("busy", "Loading Wine …"),
            ("busy", ""),
            ("data", "Wine"),
            ("state", RunState.READY),
            ("example", 0),
            ("message", "The training was ended because its data changed."),
        ]
        assert running.history is None
        assert threads() == []
        running.train()
        qtbot.waitUntil(lambda: (steps(running) or 0) > 0)
        assert running.theta.shape == ((13 + 1) * 3,)

    def test_of_two_loads_the_last_wins(self, session: Session, qtbot) -> None:
        events = listen(session)
        session.open_entry("digits")
        session.open_entry("wine")
        with qtbot.waitSignal(session.data_changed):
            pass
        qtbot.waitUntil(lambda: threads() == [])
        qtbot.wait(40)
        assert [event for event in events if event[0] == "data"] == [("data", "Wine")]

    def test_target(self, session: Session, qtbot) -> None:
        with qtbot.waitSignal(session.data_changed):
            session.open_entry("penguins")
        with qtbot.waitSignal(session.data_changed):
            session.choose_target("island")
        assert session.loaded.dataset.target_name == "island"
        assert session.loaded.key == "penguins"
        assert "species" not in session.loaded.dataset.target_name

    def test_target_that_cannot_be_one(self, iris_session: Session, qtbot) -> None:
        with qtbot.waitSignal(iris_session.failed):
            iris_session.choose_target("no such column")
        assert iris_session.loaded.dataset.target_name == "species"

    def test_same_target_again_is_no_change(self, iris_session: Session) -> None:
        events = listen(iris_session)
        iris_session.choose_target("species")
        iris_session.set_preparation(PreparationConfig())
        assert events == []

    def test_preparation_keeps_the_chosen_example(self, iris_session: Session, qtbot) -> None:
        iris_session.choose_example(77)
        with qtbot.waitSignal(iris_session.data_changed):
            iris_session.set_preparation(PreparationConfig(validation_share=0.5, standardize=False))
        assert len(iris_session.loaded.data.y_validation) == 75
        assert iris_session.loaded.data.preprocessor.standardizer is None
        assert iris_session.example == 77
        assert iris_session.loaded.key == "iris"

    def test_preparation_changed_while_another_set_loads(self, iris_session: Session, qtbot) -> None:
        wanted = PreparationConfig(standardize=False)
        iris_session.open_entry("wine")
        iris_session.set_preparation(wanted)
        qtbot.waitUntil(lambda: threads() == [])
        qtbot.wait(40)
        assert iris_session.loaded.key == "wine"
        assert iris_session.loaded.data.config == wanted

    def test_example(self, iris_session: Session) -> None:
        events = listen(iris_session)
        for index in (5, 5, -1, 150, 149):
            iris_session.choose_example(index)
        assert events == [("example", 5), ("example", 149)]


class TestRun:
    def test_train_to_the_end(self, iris_session: Session, qtbot) -> None:
        config = TrainingConfig(epochs=30, seed=4)
        iris_session.set_config(config)
        events = listen(iris_session)
        iris_session.train()
        qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
        assert without_progress(events) == [
            ("state", RunState.RUNNING),
            ("state", RunState.ENDED),
            ("message", StopReason.EPOCHS_REACHED.sentence),
        ]
        told = [event[1] for event in events if event[0] == "progress"]
        assert told == sorted(set(told))
        assert told[-1] == 30 * 4
        assert events.index(("progress", 120)) < events.index(("state", RunState.ENDED))
        *_, last = train(iris_session.loaded.data, config)
        assert np.array_equal(iris_session.theta, last.theta)
        assert iris_session.stop_reason is StopReason.EPOCHS_REACHED

    def test_train_twice_is_train_once(self, iris_session: Session, qtbot) -> None:
        iris_session.set_config(ENDLESS)
        events = listen(iris_session)
        iris_session.train()
        iris_session.train()
        assert threads() == ["training"]
        assert without_progress(events) == [("state", RunState.RUNNING)]

    def test_train_after_the_end_is_a_new_run(self, iris_session: Session, qtbot) -> None:
        iris_session.set_config(TrainingConfig(epochs=3))
        for _ in range(2):
            iris_session.train()
            qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
            assert steps(iris_session) == 3 * 4
            assert iris_session.history.epochs.epoch.tolist() == [0, 1, 2, 3]

    def test_step_by_step(self, iris_session: Session, qtbot) -> None:
        events = listen(iris_session)
        for n in (1, 2, 3):
            iris_session.step()
            qtbot.waitUntil(lambda n=n: events[-1] == ("progress", n))
        assert without_progress(events) == [("state", RunState.PAUSED)]

    def test_pause_and_go_on(self, running: Session, qtbot) -> None:
        events = listen(running)
        running.pause()
        qtbot.wait(60)  # the slice in hand
        held = steps(running)
        qtbot.wait(60)
        assert steps(running) == held
        running.train()
        qtbot.waitUntil(lambda: steps(running) > held)
        assert without_progress(events) == [("state", RunState.PAUSED), ("state", RunState.RUNNING)]

    def test_step_in_a_running_training_pauses_it(self, running: Session, qtbot) -> None:
        running.step()
        assert running.state is RunState.PAUSED
        qtbot.wait(60)
        held = steps(running)
        qtbot.wait(60)
        assert steps(running) == held

    def test_stop_within_100_ms(self, iris_session: Session, qtbot) -> None:
        iris_session.set_config(ENDLESS)
        durations = []
        for _ in range(3):  # the best of three: the machine may be busy with other things
            iris_session.train()
            qtbot.waitUntil(lambda: (steps(iris_session) or 0) > 0)
            started = time.perf_counter()
            iris_session.stop()
            durations.append(time.perf_counter() - started)
            assert iris_session.state is RunState.ENDED
            assert threads() == []
        assert min(durations) < 0.1

    def test_stop_says_so_and_keeps_what_was_learnt(self, running: Session) -> None:
        events = listen(running)
        running.stop()
        assert without_progress(events) == [
            ("state", RunState.ENDED),
            ("message", StopReason.STOPPED.sentence),
        ]
        assert steps(running) > 0
        assert not np.array_equal(running.theta, initial_theta(running.loaded.data, ENDLESS))
        running.stop()
        assert len(without_progress(events)) == 2

    def test_stop_a_paused_run(self, running: Session) -> None:
        running.pause()
        running.stop()
        assert running.state is RunState.ENDED
        assert threads() == []

    def test_reset_returns_to_the_start(self, running: Session) -> None:
        events = listen(running)
        running.reset()
        assert events == [("state", RunState.READY), ("progress", None)]
        assert running.history is None
        assert running.stop_reason is None
        assert threads() == []
        assert np.array_equal(running.theta, initial_theta(running.loaded.data, ENDLESS))

    def test_divergence(self, iris_session: Session, qtbot) -> None:
        iris_session.set_config(TrainingConfig(learning_rate=1e6, l2=1.0))
        with qtbot.waitSignal(iris_session.message) as message:
            iris_session.train()
        assert message.args == [StopReason.DIVERGED.sentence]
        assert "smaller learning rate" in message.args[0]
        assert iris_session.state is RunState.ENDED
        assert iris_session.stop_reason is StopReason.DIVERGED
        assert np.isfinite(iris_session.theta).all()

    def test_unforeseen_error_in_the_engine(
        self, iris_session: Session, qtbot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_args: object, **_kwargs: object) -> Iterator[None]:
            raise MemoryError("too large")
            yield

        monkeypatch.setattr(gui.training_thread, "train", broken)
        events = listen(iris_session)
        iris_session.train()
        qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
        assert without_progress(events)[-1] == ("failed", "Something unexpected went wrong: MemoryError: too large")

    def test_pace(self, iris_session: Session, qtbot) -> None:
        iris_session.set_config(ENDLESS)
        iris_session.set_pace(50.0)
        started = time.perf_counter()
        iris_session.train()
        qtbot.wait(200)
        assert steps(iris_session) <= 50.0 * (time.perf_counter() - started) + 1
        iris_session.set_pace(None)
        qtbot.waitUntil(lambda: steps(iris_session) > 200)


class TestSettings:
    def test_before_a_run_everything_may_change(self, iris_session: Session) -> None:
        config = TrainingConfig(seed=9, initialization="normal", optimizer="adam")
        events = listen(iris_session)
        iris_session.set_config(config)
        iris_session.set_config(config)
        assert events == [("progress", None), ("config", config)]
        assert np.array_equal(iris_session.theta, initial_theta(iris_session.loaded.data, config))
        assert iris_session.theta.any()

    def test_layers_chosen_before_a_run_are_shown_at_once(self, iris_session: Session) -> None:
        iris_session.set_config(TrainingConfig(hidden_layers=(5,)))
        assert iris_session.network.sizes == (4, 5, 3)
        assert iris_session.theta.shape == (iris_session.network.n_parameters,)

    def test_other_layers_after_the_end_leave_the_ended_run_as_it_is(self, running: Session) -> None:
        running.stop()
        theta = running.theta
        running.set_config(replace(ENDLESS, hidden_layers=(5,)))
        assert running.network.sizes == (4, 3)
        assert running.theta is theta
        running.reset()
        assert running.network.sizes == (4, 5, 3)
        assert running.theta.shape == (running.network.n_parameters,)

    def test_before_the_first_report_of_a_run_with_other_layers_weights_and_network_fit(
        self, running: Session, held_train: threading.Event, qtbot
    ) -> None:
        running.stop()
        running.set_config(replace(ENDLESS, hidden_layers=(5,)))
        running.train()
        assert running.network.sizes == (4, 5, 3)
        assert np.array_equal(running.theta, initial_theta(running.loaded.data, running.config))
        held_train.set()
        qtbot.waitUntil(lambda: (steps(running) or 0) > 0)
        assert running.theta.shape == (running.network.n_parameters,)

    def test_settings_that_do_not_fit_the_data_are_said(self, iris_session: Session) -> None:
        iris_session.set_config(TrainingConfig(class_weighting="given", class_weights=(1.0, 2.0)))
        assert iris_session.config_misfit.key == "class_weights"
        events = listen(iris_session)
        iris_session.train()
        assert [event[0] for event in events] == ["message"]
        assert "3 classes" in events[0][1]
        assert threads() == []

    def test_early_stopping_says_so_and_has_the_best_weights(self, iris_session: Session, qtbot) -> None:
        config = TrainingConfig(learning_rate=1.0, l2=0.0, patience=3, epochs=20_000, hidden_layers=(16,))
        iris_session.set_config(config)
        with qtbot.waitSignal(iris_session.message) as message:
            iris_session.train()
        assert message.args == [StopReason.NO_IMPROVEMENT.sentence]
        run = iris_session.finished_run
        assert run.final.validation_cost == run.history.epochs.validation_cost.min()

    def test_learning_rate_reaches_the_run(self, iris_session: Session, qtbot) -> None:
        first = iris_session.config
        second = replace(first, learning_rate=2.5)
        iris_session.step()
        qtbot.waitUntil(lambda: steps(iris_session) == 1)
        iris_session.set_config(second)
        iris_session.step()
        qtbot.waitUntil(lambda: steps(iris_session) == 2)
        by_hand = train(iris_session.loaded.data, first)
        next(by_hand)
        by_hand.send(Request(max_steps=1))
        assert np.array_equal(iris_session.theta, by_hand.send(Request(second, max_steps=1)).theta)

    @pytest.mark.parametrize("hold", [False, True], ids=["running", "paused"])
    def test_what_needs_a_new_run_is_refused(self, running: Session, qtbot, hold: bool) -> None:
        if hold:
            running.pause()
        events = listen(running)
        with pytest.raises(SettingError, match="Batch size takes effect with the next run") as caught:
            running.set_config(replace(ENDLESS, batch_size=16))
        assert caught.value.key == "batch_size"
        assert running.config == ENDLESS
        assert without_progress(events) == []

    def test_after_the_end_it_may_change_for_the_next_run(self, running: Session, qtbot) -> None:
        running.stop()
        running.set_config(replace(ENDLESS, batch_size=16, epochs=2))
        running.train()
        qtbot.waitUntil(lambda: running.state is RunState.ENDED)
        assert steps(running) == 2 * 8

    def test_refused_setting_holds_the_training(self, iris_session: Session) -> None:
        events = listen(iris_session)
        iris_session.refuse_setting("learning_rate", "Learning rate must be a number.")
        iris_session.train()
        iris_session.step()
        assert events == [("message", "Learning rate must be a number.")] * 2
        assert threads() == []
        iris_session.accept_setting("learning_rate")
        iris_session.step()
        assert iris_session.state is RunState.PAUSED

    def test_batch_larger_than_n(self, iris_session: Session) -> None:
        iris_session.set_config(TrainingConfig(batch_size=121))
        assert iris_session.config_misfit.key == "batch_size"
        events = listen(iris_session)
        iris_session.train()
        assert len(events) == 1
        assert events[0][0] == "message"
        assert "larger than the 120 training rows" in events[0][1]
        iris_session.set_config(TrainingConfig(batch_size=120))
        assert iris_session.config_misfit is None


class TestClose:
    def test_while_training(self, running: Session) -> None:
        started = time.perf_counter()
        running.close()
        assert time.perf_counter() - started < 1.0
        assert threads() == []

    def test_while_loading(self, session: Session, qtbot) -> None:
        events = listen(session)
        session.open_entry("digits")
        session.close()
        assert threads() == []
        qtbot.wait(40)
        assert events == [("busy", "Loading Digits …")]

    def test_while_the_engine_prepares(self, iris_session: Session, held_train: threading.Event) -> None:
        iris_session.train()
        assert threads() == ["training"]
        held_train.set()
        iris_session.close()
        assert threads() == []

    def test_twice(self, running: Session) -> None:
        running.close()
        running.close()
        assert threads() == []


def test_every_poll_is_cheap_while_nothing_happens(iris_session: Session, qtbot) -> None:
    iris_session.step()
    qtbot.waitUntil(lambda: steps(iris_session) == 1)
    qtbot.wait(50)
    events = listen(iris_session)
    qtbot.wait(120)
    assert events == []


def test_helper_sees_every_signal(session: Session) -> None:
    signals: dict[str, Callable[[], None]] = {
        "busy": lambda: session.busy_changed.emit("x"),
        "message": lambda: session.message.emit("x"),
        "failed": lambda: session.failed.emit("x"),
        "data": session.data_changed.emit,
        "config": session.config_changed.emit,
        "state": session.state_changed.emit,
        "example": session.example_changed.emit,
        "progress": session.progressed.emit,
    }
    events = listen(session)
    for emit in signals.values():
        emit()
    assert [event[0] for event in events] == list(signals)


def test_the_many_weights_of_a_large_network_are_drawn_in_the_background(iris_session: Session, qtbot) -> None:
    config = TrainingConfig(hidden_layers=(700, 900))
    iris_session.set_config(config)
    assert iris_session.theta is None
    qtbot.waitUntil(lambda: iris_session.theta is not None)
    np.testing.assert_array_equal(iris_session.theta, initial_theta(iris_session.loaded.data, config))
    iris_session.set_config(TrainingConfig(hidden_layers=(700, 901)))
    iris_session.set_config(TrainingConfig())
    assert iris_session.theta.shape == (15,)
    qtbot.wait(100)
    assert iris_session.theta.shape == (15,)
