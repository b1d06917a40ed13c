import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driving import click, click_button, find, focus, pixels, press, set_section_open, text_of, type_over
from plots import IN_FRONT
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QMessageBox,
    QProgressBar,
    QTableView,
    QToolButton,
    QWidget,
)

from engine.hyperparameters import TRAINING_GROUPS, TrainingConfig
from engine.stopping import StopReason
from gui import dialogs
from gui.forms.fields import ListField
from gui.main_window import MainWindow
from gui.plots.base import Plot
from gui.run_view import RunState
from gui.session import Session

PLOTS = IN_FRONT
SECTIONS = [title.lower() for title, _ in TRAINING_GROUPS]


def choose(box: QComboBox, key: str) -> None:
    """Choose the entry of that key."""
    box.setCurrentIndex(box.findData(key))


def epoch(window: MainWindow) -> int:
    """The epoch that the bar shows."""
    return int(text_of(window, "epoch").removeprefix("epoch ").split("/")[0].replace(",", ""))


def has_button(window: MainWindow, name: str) -> bool:
    return find(window, name, QToolButton).isVisible()


def training_threads() -> int:
    return sum(thread.name == "training" for thread in threading.enumerate())


@pytest.fixture
def session(shared_session: Session) -> Session:
    return shared_session


@pytest.fixture
def endless(window: MainWindow, session: Session) -> MainWindow:
    """The window with so many epochs that no training ends by itself, one step an epoch."""
    session.set_config(TrainingConfig(epochs=1_000_000, batch_size=0))
    return window


@pytest.fixture
def running(endless: MainWindow, qtbot) -> MainWindow:
    """The window in a training that has got going."""
    click_button(endless, "train")
    qtbot.waitUntil(lambda: epoch(endless) > 0)
    return endless


class TestStart:
    def test_iris_is_there_and_train_is_ready(self, window: MainWindow) -> None:
        assert window.windowTitle().startswith("Iris")
        assert "150 rows × 4 features, 3 classes" in text_of(window, "data_summary")
        assert "120 for training, 30 for validation" in text_of(window, "data_summary")
        assert find(window, "dataset", QComboBox).currentText() == "Iris"
        assert find(window, "target", QComboBox).currentText() == "species"
        assert [name for name in ("train", "pause") if has_button(window, name)] == ["train"]
        assert find(window, "train", QToolButton).isEnabled()
        assert not find(window, "stop", QToolButton).isEnabled()
        assert not find(window, "reset", QToolButton).isEnabled()
        assert text_of(window, "epoch") == "epoch 0/2,000"
        assert not find(window, "banner").isVisible()

    def test_every_plot_is_painted(self, window: MainWindow) -> None:
        for name in PLOTS:
            picture = pixels(find(window, name, Plot))
            assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 10, name


class TestRun:
    def test_click_train(self, endless: MainWindow, qtbot) -> None:
        assert text_of(endless, "cost_value") == ""
        before = {name: pixels(find(endless, name, Plot)) for name in PLOTS}
        click_button(endless, "train")
        qtbot.waitUntil(lambda: has_button(endless, "pause") and not has_button(endless, "train"))
        qtbot.waitUntil(lambda: text_of(endless, "cost_value").startswith("J "))
        first, epoch_then = text_of(endless, "cost_value"), epoch(endless)
        qtbot.waitUntil(lambda: text_of(endless, "cost_value") != first and epoch(endless) > epoch_then)
        for name, picture in before.items():
            qtbot.waitUntil(lambda name=name, picture=picture: not np.array_equal(pixels(find(endless, name)), picture))

    def test_the_figures_of_a_running_training(self, running: MainWindow, qtbot) -> None:
        qtbot.waitUntil(lambda: text_of(running, "rate").endswith("examples/s"))
        qtbot.waitUntil(lambda: text_of(running, "time_left").endswith("left"))
        assert " % / " in text_of(running, "accuracy_value")
        assert find(running, "progress", QProgressBar).value() > 0

    def test_to_the_end(self, window: MainWindow, qtbot) -> None:
        type_over(find(window, "epochs"), "7")
        click_button(window, "train")
        qtbot.waitUntil(lambda: text_of(window, "message") == StopReason.EPOCHS_REACHED.sentence)
        assert text_of(window, "epoch") == "epoch 7/7"
        qtbot.waitUntil(lambda: has_button(window, "train"))
        assert find(window, "progress", QProgressBar).value() == 7
        assert training_threads() == 0

    def test_the_bar_shows_what_the_engine_computed(self, window: MainWindow, session: Session, qtbot) -> None:
        type_over(find(window, "epochs"), "20")
        click_button(window, "train")
        qtbot.waitUntil(lambda: epoch(window) == 20)
        last = [column[-1] for column in session.history.epochs]
        assert text_of(window, "cost_value") == f"J {last[1]:.4g}"
        assert text_of(window, "accuracy_value") == f"accuracy {100 * last[2]:.1f} % / {100 * last[4]:.1f} %"

    def test_pause_and_go_on(self, running: MainWindow, qtbot) -> None:
        click_button(running, "pause")
        qtbot.waitUntil(lambda: has_button(running, "train"))
        qtbot.wait(80)
        held = epoch(running)
        qtbot.wait(60)
        assert epoch(running) == held
        click_button(running, "train")
        qtbot.waitUntil(lambda: epoch(running) > held)

    def test_stop(self, running: MainWindow) -> None:
        click_button(running, "stop")
        assert text_of(running, "message") == StopReason.STOPPED.sentence
        assert training_threads() == 0
        assert epoch(running) > 0

    def test_reset(self, running: MainWindow, qtbot) -> None:
        click_button(running, "reset")
        assert epoch(running) == 0
        assert text_of(running, "cost_value") == ""
        assert training_threads() == 0
        assert not find(running, "reset", QToolButton).isEnabled()

    def test_reset_returns_the_plots_to_their_start(self, endless: MainWindow, qtbot) -> None:
        plots = [find(endless, name, Plot) for name in PLOTS]
        for plot in plots:
            plot.clearFocus()
        before = [pixels(plot) for plot in plots]
        click_button(endless, "step")
        qtbot.waitUntil(lambda: epoch(endless) == 1)
        assert any(not np.array_equal(pixels(p), picture) for p, picture in zip(plots, before, strict=True))
        click_button(endless, "reset")
        for plot, picture in zip(plots, before, strict=True):
            qtbot.waitUntil(lambda plot=plot, picture=picture: np.array_equal(pixels(plot), picture))

    def test_step(self, endless: MainWindow, qtbot) -> None:
        for n in (1, 2, 3):
            click_button(endless, "step")
            qtbot.waitUntil(lambda n=n: epoch(endless) == n)
        qtbot.wait(50)
        assert epoch(endless) == 3

    def test_train_clicked_twice_quickly(self, endless: MainWindow, session: Session, qtbot) -> None:
        button = find(endless, "train", QToolButton)
        place = button.mapTo(endless, button.rect().center())
        click(button)
        QApplication.processEvents()
        click(endless.childAt(place))  # whatever is there by now
        assert training_threads() == 1
        if session.state is RunState.PAUSED:  # the second click found Pause in the place of Train, maybe before a step
            qtbot.waitUntil(lambda: has_button(endless, "train"))
            click(button)
        now = epoch(endless)
        qtbot.waitUntil(lambda: epoch(endless) > now)

    def test_two_trainings_one_after_the_other(self, window: MainWindow, session: Session, qtbot) -> None:
        type_over(find(window, "epochs"), "3")
        for _ in range(2):
            click_button(window, "train")
            qtbot.waitUntil(lambda: session.state is RunState.ENDED)
            qtbot.waitUntil(lambda: has_button(window, "train"))
            assert epoch(window) == 3

    def test_divergence_is_explained(self, window: MainWindow, qtbot) -> None:
        type_over(find(window, "learning_rate"), "1e6")
        set_section_open(window, "cost")
        type_over(find(window, "l2"), "1")
        click_button(window, "train")
        qtbot.waitUntil(lambda: "Diverged" in text_of(window, "message"))
        assert "smaller learning rate" in text_of(window, "message")
        window.grab()

    def test_hidden_layers_bend_the_borders_on_the_screen(self, window: MainWindow, session: Session, qtbot) -> None:
        with qtbot.waitSignal(session.data_changed):
            session.open_entry("xor")
        choose(find(window, "optimizer", QComboBox), "lbfgs")
        pictures, accuracies = [], []
        for text in ("none", "8"):
            type_over(find(window, "hidden_layers"), text)
            click_button(window, "train")
            qtbot.waitUntil(lambda: session.state is RunState.ENDED)
            QApplication.processEvents()
            pictures.append(pixels(find(window, "decision_regions", Plot)))
            accuracies.append(float(session.history.epochs.train_accuracy[-1]))
        assert accuracies[0] < 0.75
        assert accuracies[1] >= 0.97
        assert not np.array_equal(*pictures)

    def test_no_lower_cost_is_explained(self, window: MainWindow, qtbot) -> None:
        choose(find(window, "optimizer", QComboBox), "newton_cg")
        click_button(window, "train")
        qtbot.waitUntil(lambda: text_of(window, "message") == StopReason.NO_LOWER_COST.sentence)
        qtbot.waitUntil(lambda: has_button(window, "train"))

    def test_speed(self, endless: MainWindow, qtbot) -> None:
        box = find(endless, "speed", QComboBox)
        box.setCurrentIndex(box.count() - 1)
        assert box.currentText() == "10 steps/s"
        started = time.perf_counter()
        click_button(endless, "train")
        qtbot.wait(350)
        assert 1 <= epoch(endless) <= 10 * (time.perf_counter() - started) + 1
        box.setCurrentIndex(0)  # full speed, also for the tests that follow
        qtbot.waitUntil(lambda: epoch(endless) > 50)


class TestKeys:
    def test_space_trains_and_pauses(self, endless: MainWindow, qtbot) -> None:
        press(endless, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: epoch(endless) > 0)
        qtbot.waitUntil(lambda: has_button(endless, "pause"))
        press(endless, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: has_button(endless, "train"))
        assert training_threads() == 1
        now = epoch(endless)
        press(endless, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: epoch(endless) > now)

    def test_space_trains_in_a_fresh_window(self, window: MainWindow, qtbot) -> None:
        press(window, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: epoch(window) > 0)

    def test_right_makes_one_step(self, endless: MainWindow, qtbot) -> None:
        for n in (1, 2):
            press(endless, Qt.Key.Key_Right)
            qtbot.waitUntil(lambda n=n: epoch(endless) == n)
        qtbot.wait(50)
        assert epoch(endless) == 2

    def test_escape_stops(self, running: MainWindow) -> None:
        press(running, Qt.Key.Key_Escape)
        assert text_of(running, "message") == StopReason.STOPPED.sentence
        assert training_threads() == 0

    def test_r_resets(self, running: MainWindow) -> None:
        press(running, Qt.Key.Key_R)
        assert epoch(running) == 0
        assert training_threads() == 0

    def test_space_in_a_text_field_is_a_space(self, endless: MainWindow) -> None:
        field = find(endless, "learning_rate", QAbstractSpinBox)
        focus(field)
        press(endless, Qt.Key.Key_End)
        press(endless, Qt.Key.Key_Space)
        assert field.text() == "0.1 "
        assert training_threads() == 0

    def test_r_and_right_in_a_text_field_are_its_own(self, running: MainWindow) -> None:
        field = find(running, "learning_rate", QAbstractSpinBox)
        focus(field)
        press(running, Qt.Key.Key_Home)
        press(running, Qt.Key.Key_Right)
        press(running, Qt.Key.Key_R)
        assert field.text() == "0r.1"
        assert training_threads() == 1
        assert has_button(running, "pause")

    def test_space_on_a_checkbox_ticks_it(self, endless: MainWindow, session: Session, qtbot) -> None:
        box = find(endless, "standardize", QCheckBox)
        focus(box)
        with qtbot.waitSignal(session.data_changed):
            press(endless, Qt.Key.Key_Space)
        assert not box.isChecked()
        assert training_threads() == 0

    def test_space_on_a_focused_button_presses_it(self, running: MainWindow) -> None:
        focus(find(running, "stop", QToolButton))
        press(running, Qt.Key.Key_Space)
        assert text_of(running, "message") == StopReason.STOPPED.sentence

    def test_ctrl_o(self, window: MainWindow, session: Session, qtbot, monkeypatch, tmp_path: Path) -> None:
        path = tmp_path / "mine.csv"
        path.write_text("x,y,class\n" + "1,2,a\n3,4,b\n" * 5)
        monkeypatch.setattr(dialogs, "choose_table_file", lambda *_: path)
        with qtbot.waitSignal(session.data_changed):
            press(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
        assert window.windowTitle().startswith("mine.csv")

    def test_ctrl_o_cancelled(self, window: MainWindow, monkeypatch) -> None:
        monkeypatch.setattr(dialogs, "choose_table_file", lambda *_: None)
        press(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
        assert window.windowTitle().startswith("Iris")

    @pytest.mark.parametrize(
        ("name", "words"), [("help", ["Space", "Train", "Ctrl+E"]), ("about", ["Softmax Lab", "MIT"])]
    )
    def test_help_and_about(self, window: MainWindow, qtbot, name: str, words: list[str]) -> None:
        texts = []

        def look() -> None:
            box = QApplication.activeModalWidget()
            assert isinstance(box, QMessageBox)
            texts.append(box.text())
            box.close()

        QTimer.singleShot(30, look)
        if name == "help":
            press(window, Qt.Key.Key_F1)
        else:
            find(window, name, QAction).trigger()
        qtbot.waitUntil(lambda: bool(texts))
        for word in words:
            assert word in texts[0]


class TestSettings:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("0", "greater than 0"),
            ("-0.5", "greater than 0"),
            ("nan", "greater than 0"),
            ("quick", "must be a number, not “quick”"),
            ("", "must be a number"),
        ],
    )
    def test_bad_learning_rate_is_refused_in_place(
        self, endless: MainWindow, session: Session, text: str, reason: str
    ) -> None:
        field = find(endless, "learning_rate", QAbstractSpinBox)
        type_over(field, text)
        assert reason in text_of(endless, "learning_rate_error")
        assert field.text() == text
        click_button(endless, "train")
        find(endless, "cost", Plot).setFocus()
        press(endless, Qt.Key.Key_Space)
        press(endless, Qt.Key.Key_Right)
        assert training_threads() == 0
        assert reason in text_of(endless, "message")
        assert session.config.learning_rate == 0.1

    def test_put_right_it_trains(self, endless: MainWindow, qtbot) -> None:
        field = find(endless, "learning_rate", QAbstractSpinBox)
        type_over(field, "0")
        type_over(field, "0.3")
        assert text_of(endless, "learning_rate_error") == ""
        click_button(endless, "train")
        qtbot.waitUntil(lambda: epoch(endless) > 0)

    @pytest.mark.parametrize("text", ["-1", "0.7"])
    def test_what_was_typed_counts_when_train_is_clicked_without_enter(
        self, endless: MainWindow, session: Session, text: str
    ) -> None:
        type_over(find(endless, "learning_rate"), text, enter=False)
        click_button(endless, "train")
        if text == "-1":
            assert training_threads() == 0
            assert text_of(endless, "learning_rate_error") != ""
        else:
            assert training_threads() == 1
            assert session.config.learning_rate == 0.7

    def test_arrows_step(self, window: MainWindow, session: Session) -> None:
        focus(find(window, "learning_rate"))
        press(window, Qt.Key.Key_Up)
        assert session.config.learning_rate == 0.2
        press(window, Qt.Key.Key_Down, times=2)
        assert session.config.learning_rate == 0.05

    def test_batch_larger_than_n(self, endless: MainWindow, qtbot) -> None:
        field = find(endless, "batch_size", QAbstractSpinBox)
        type_over(field, "121")
        assert "larger than the 120 training rows" in text_of(endless, "batch_size_error")
        click_button(endless, "train")
        assert training_threads() == 0
        assert "larger than the 120 training rows" in text_of(endless, "message")
        type_over(field, "full batch")
        assert text_of(endless, "batch_size_error") == ""
        click_button(endless, "train")
        qtbot.waitUntil(lambda: epoch(endless) > 0)

    def test_batch_that_fits_the_next_data_set_is_welcome_there(
        self, endless: MainWindow, session: Session, qtbot
    ) -> None:
        type_over(find(endless, "batch_size"), "400")
        assert text_of(endless, "batch_size_error") != ""
        with qtbot.waitSignal(session.data_changed):
            session.open_entry("breast_cancer")
        assert text_of(endless, "batch_size_error") == ""
        click_button(endless, "train")
        qtbot.waitUntil(lambda: epoch(endless) > 0)

    def test_settings_of_an_optimizer_appear_with_it(self, window: MainWindow, session: Session) -> None:
        assert not find(window, "momentum").isVisible()
        box = find(window, "optimizer", QComboBox)
        box.setCurrentIndex(box.findData("momentum"))
        assert find(window, "momentum").isVisible()
        assert session.config.optimizer == "momentum"

    def test_sections_start_as_they_are_needed(self, window: MainWindow) -> None:
        opened = {name: find(window, f"{name}_section", QToolButton).isChecked() for name in SECTIONS}
        assert opened == {"training": True, "model": True, "cost": True, "stopping": False}
        for key, visible in (("learning_rate", True), ("l2", True), ("hidden_layers", True), ("patience", False)):
            assert find(window, key).isVisible() is visible

    def test_a_section_opens_to_a_setting_that_works(self, window: MainWindow, session: Session) -> None:
        click_button(window, "stopping_section")
        type_over(find(window, "patience"), "5")
        assert session.config.patience == 5
        click_button(window, "cost_section")
        assert not find(window, "l2").isVisible()
        click_button(window, "cost_section")
        type_over(find(window, "l2"), "0.25")
        assert session.config.l2 == 0.25

    def test_a_misfit_opens_its_section(self, window: MainWindow, session: Session) -> None:
        set_section_open(window, "cost", False)
        session.set_config(TrainingConfig(class_weighting="given", class_weights=(1.0, 2.0)))
        assert find(window, "class_weights").isVisible()
        assert "3 classes" in text_of(window, "class_weights_error")
        type_over(find(window, "class_weights"), "1, 2, 3")
        assert text_of(window, "class_weights_error") == ""
        assert session.config.class_weights == (1.0, 2.0, 3.0)

    def test_a_choice_that_another_setting_forbids_goes_back_and_says_why(
        self, endless: MainWindow, session: Session, qtbot
    ) -> None:
        """What the form shows is what is trained."""
        set_section_open(endless, "cost")
        type_over(find(endless, "l1"), "0.1")
        set_section_open(endless, "cost", False)
        box = find(endless, "optimizer", QComboBox)
        choose(box, "lbfgs")
        assert "L-BFGS needs a cost without kinks" in text_of(endless, "l1_error")
        assert box.currentData() == session.config.optimizer == "gradient_descent"
        click_button(endless, "train")
        qtbot.waitUntil(lambda: epoch(endless) > 0)
        click_button(endless, "reset")
        type_over(find(endless, "l1"), "0")
        assert text_of(endless, "l1_error") == ""
        choose(box, "lbfgs")
        assert session.config.optimizer == "lbfgs"

    def test_what_another_setting_forbade_is_forgotten_with_the_next_edit(
        self, window: MainWindow, session: Session
    ) -> None:
        session.set_config(TrainingConfig(l1=0.1))
        choose(find(window, "optimizer", QComboBox), "newton_cg")
        assert text_of(window, "l1_error") != ""
        choose(find(window, "optimizer", QComboBox), "adam")
        assert text_of(window, "l1_error") == ""
        assert (session.config.optimizer, session.config.l1) == ("adam", 0.1)
        assert find(window, "l1", QAbstractSpinBox).text() == "0.1"

    def test_a_value_that_another_setting_forbids_stops_the_training_until_it_is_put_right(
        self, endless: MainWindow, session: Session, qtbot
    ) -> None:
        choose(find(endless, "optimizer", QComboBox), "lbfgs")
        set_section_open(endless, "cost")
        field = find(endless, "l1", QAbstractSpinBox)
        type_over(field, "0.1")
        assert "needs a cost without kinks" in text_of(endless, "l1_error")
        assert field.text() == "0.1"
        click_button(endless, "train")
        assert training_threads() == 0
        assert "needs a cost without kinks" in text_of(endless, "message")
        type_over(field, "0")
        assert text_of(endless, "l1_error") == ""
        click_button(endless, "train")
        qtbot.waitUntil(lambda: epoch(endless) > 0)

    @pytest.mark.parametrize(("text", "reason"), [("16, 0", "from 1 to 1,024"), ("deep", "not “deep”")])
    def test_bad_layers_are_refused_in_place(
        self, endless: MainWindow, session: Session, text: str, reason: str
    ) -> None:
        type_over(find(endless, "hidden_layers"), text)
        assert reason in text_of(endless, "hidden_layers_error")
        click_button(endless, "train")
        assert training_threads() == 0
        assert reason in text_of(endless, "message")
        type_over(find(endless, "hidden_layers"), "16, 4")
        assert session.config.hidden_layers == (16, 4)
        assert text_of(endless, "hidden_layers_error") == ""

    def test_settings_of_hidden_layers_appear_with_them(self, window: MainWindow) -> None:
        names = ("activation", "initialization_scale")
        assert [find(window, name).isVisible() for name in names] == [False, False]
        type_over(find(window, "hidden_layers"), "4")
        assert [find(window, name).isVisible() for name in names] == [True, True]

    def test_a_refused_setting_that_no_longer_applies_stops_nothing(self, endless: MainWindow, qtbot) -> None:
        box = find(endless, "optimizer", QComboBox)
        box.setCurrentIndex(box.findData("momentum"))
        type_over(find(endless, "momentum"), "7")
        assert text_of(endless, "momentum_error") != ""
        box.setCurrentIndex(box.findData("adam"))
        assert not find(endless, "momentum").isVisible()
        click_button(endless, "train")
        qtbot.waitUntil(lambda: epoch(endless) > 0)

    def test_in_mid_run_the_learning_rate_changes_and_the_rest_is_locked(
        self, running: MainWindow, session: Session, qtbot
    ) -> None:
        type_over(find(running, "learning_rate"), "0.02")
        assert session.config.learning_rate == 0.02
        assert session.state is RunState.RUNNING
        assert not find(running, "batch_size").isEnabled()
        assert not find(running, "optimizer").isEnabled()
        click_button(running, "stop")
        assert find(running, "batch_size").isEnabled()

    def test_bad_learning_rate_in_mid_run_leaves_the_run_alone(
        self, running: MainWindow, session: Session, qtbot
    ) -> None:
        type_over(find(running, "learning_rate"), "-1")
        assert text_of(running, "learning_rate_error") != ""
        assert session.config.learning_rate == 0.1
        now = epoch(running)
        qtbot.waitUntil(lambda: epoch(running) > now)


class TestAccess:
    KINDS = (QAbstractButton, QComboBox, QAbstractSpinBox, ListField, QTableView)
    SETTINGS = (QComboBox, QAbstractSpinBox, QCheckBox, ListField)

    def controls(self, window: MainWindow) -> list[QWidget]:
        return [
            widget
            for kind in self.KINDS
            for widget in window.findChildren(kind)
            if widget.isVisible() and not type(widget).__name__.startswith("QTableCorner")
            and widget.parent().metaObject().className() not in ("QTableView", "QCalendarWidget")
        ]  # fmt: skip

    @pytest.fixture
    def busy_window(self, window: MainWindow, session: Session, qtbot) -> MainWindow:
        """With as many controls as there can be: a generator, features as axes, every section open, a banner."""
        session.set_config(
            TrainingConfig(
                optimizer="adamw", schedule="step", hidden_layers=(4,), class_weighting="given", class_weights=(1, 1, 1)
            )
        )
        for name in SECTIONS:
            set_section_open(window, name)
        with qtbot.waitSignal(session.data_changed):
            session.open_entry("blobs", None)
        axes = find(window, "axes", QComboBox)
        axes.setCurrentIndex(axes.findData("features"))
        session.failed.emit("Something went wrong.")
        return window

    def test_every_control_has_a_name_for_tests_and_one_for_people(self, busy_window: MainWindow) -> None:
        controls = self.controls(busy_window)
        assert len(controls) > 40
        for widget in controls:
            spoken = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
            what = f"{type(widget).__name__} {widget.objectName()!r} in {widget.parent()}"
            assert widget.objectName(), what
            assert spoken, what

    def test_every_setting_explains_itself(self, busy_window: MainWindow) -> None:
        for widget in self.controls(busy_window):
            if isinstance(widget, self.SETTINGS):
                assert widget.toolTip(), widget.objectName()

    def test_object_names_are_unique(self, busy_window: MainWindow) -> None:
        names = [widget.objectName() for widget in self.controls(busy_window) if "qt_" not in widget.objectName()]
        assert sorted(names) == sorted(set(names))

    def test_every_setting_can_be_reached_with_tab(self, busy_window: MainWindow) -> None:
        wanted = {w.objectName() for w in self.controls(busy_window) if isinstance(w, self.SETTINGS) and w.isEnabled()}
        reached = set()
        find(busy_window, "cost").setFocus()
        for _ in range(120):
            QTest.keyClick(busy_window.focusWidget(), Qt.Key.Key_Tab)
            reached.add(busy_window.focusWidget().objectName())
        assert wanted <= reached, wanted - reached

    def test_banner_closes(self, busy_window: MainWindow) -> None:
        assert text_of(busy_window, "banner_text") == "Something went wrong."
        click(find(busy_window, "banner_close"))
        assert not find(busy_window, "banner").isVisible()

    def test_long_messages_are_readable_whole(self, window: MainWindow, session: Session) -> None:
        session.message.emit("word " * 200)
        assert find(window, "message").toolTip().count("word") == 200
        session.failed.emit("<b>not bold</b> " * 50)
        assert "<b>" in text_of(window, "banner_text")
        window.grab()
        assert window.width() <= 1280


def test_the_helper_refuses_what_a_person_could_not_click(window: MainWindow) -> None:
    with pytest.raises(AssertionError, match="disabled"):
        click_button(window, "stop")
    with pytest.raises(AssertionError, match="not visible"):
        click_button(window, "pause")
    with pytest.raises(AssertionError, match="0 children"):
        find(window, "no such control")


def test_live_settings_come_from_the_session_too(window: MainWindow, session: Session) -> None:
    session.set_config(replace(session.config, learning_rate=0.75, optimizer="adam"))
    assert find(window, "learning_rate", QAbstractSpinBox).text() == "0.75"
    assert find(window, "optimizer", QComboBox).currentData() == "adam"
    click(find(window, "table"), QPoint(60, 40))
