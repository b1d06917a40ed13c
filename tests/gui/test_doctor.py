"""The doctor and its card together: a person trains, reads what is wrong, and clicks what helps."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from driving import click, click_button, find, focus, pixels, press, text_of
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton, QVBoxLayout, QWidget

import gui.doctor
from engine.data.preparation import PreparationConfig
from engine.diagnosis import Cause, Course, Cure, Diagnosis, Symptom, find_symptom
from engine.hyperparameters import TrainingConfig
from gui.doctor import Doctor
from gui.panels.doctor_card import DoctorCard
from gui.run_view import RunState
from gui.session import Session
from gui.settings import Settings
from gui.theme import DARK, LIGHT, apply_to_application

ABSURD = TrainingConfig(learning_rate=1e6)
SWINGING = TrainingConfig(learning_rate=100.0, epochs=1_000_000)


class Ward(QWidget):
    """A window with nothing but the card."""

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self.doctor = Doctor(session, settings, self)
        self.card = DoctorCard(self.doctor, self)
        layout = QVBoxLayout(self)
        layout.addWidget(self.card)
        layout.addStretch(1)
        self.resize(900, 300)
        self.looks: list[Symptom | None] = []


@pytest.fixture
def ward(iris_session: Session, settings_file, qtbot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    """The doctor and the card beside iris; what each look has found is noted."""
    ward = Ward(iris_session, Settings(settings_file))

    def noted_find(course: Course) -> Symptom | None:
        ward.looks.append(find_symptom(course))
        return ward.looks[-1]

    monkeypatch.setattr(gui.doctor, "find_symptom", noted_find)
    monkeypatch.setattr(gui.doctor, "SECONDS_BETWEEN_LOOKS", 0.03)
    qtbot.addWidget(ward)
    with qtbot.waitExposed(ward):
        ward.show()
    qtbot.waitUntil(ward.isActiveWindow)
    yield ward
    if iris_session.state is not RunState.READY:
        iris_session.reset()


def fall_ill(ward: Ward, session: Session, qtbot, config: TrainingConfig) -> None:
    """Train until the card is there."""
    session.set_config(config)
    session.train()
    qtbot.waitUntil(ward.card.isVisible)


def costs(session: Session) -> np.ndarray:
    return session.history.epochs.train_cost if session.history else np.empty(0)


def reload(session: Session, qtbot, **preparation: Any) -> None:
    with qtbot.waitSignal(session.data_changed):
        session.set_preparation(PreparationConfig(**preparation))


def diagnosis(**settings: Any) -> Diagnosis:
    config = TrainingConfig()
    cures = tuple(Cure(f"Set the learning rate to {rate}", replace(config, learning_rate=rate)) for rate in (0.2, 0.3))
    figures = {"rate": "1", "bound": "0.5", "times": "2"}
    return Diagnosis(
        **{"symptom": Symptom.RISEN, "cause": Cause.LEARNING_RATE_TOO_LARGE, "figures": figures, "cures": cures}
        | settings
    )


def test_a_healthy_training_shows_no_card(ward: Ward, iris_session: Session, qtbot) -> None:
    iris_session.set_config(TrainingConfig(epochs=300))
    iris_session.train()
    qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
    assert set(ward.looks) == {None}
    assert not ward.card.isVisible()
    assert ward.doctor.diagnosis is None


def test_a_divergence_and_its_first_cure(ward: Ward, iris_session: Session, qtbot) -> None:
    reload(iris_session, qtbot, standardize=False)
    fall_ill(ward, iris_session, qtbot, ABSURD)
    assert iris_session.state is RunState.ENDED
    assert text_of(ward, "doctor_symptom") == Symptom.NOT_FINITE.sentence
    assert "learning rate 1,000,000 is" in text_of(ward, "doctor_cause")
    assert not find(ward, "doctor_go_on", QToolButton).isVisible()  # there is nothing that could go on
    button = find(ward, "doctor_cure_1", QToolButton)
    assert button.text().startswith("Set the learning rate to 0.0")
    click(button)
    assert not ward.card.isVisible()
    assert iris_session.config.learning_rate == float(button.text().split()[-1])
    qtbot.waitUntil(lambda: len(costs(iris_session)) > 50)
    assert costs(iris_session)[-1] < 0.9 * costs(iris_session)[0]
    assert not iris_session.preparation.standardize


def test_the_cure_that_standardises_loads_and_trains(ward: Ward, iris_session: Session, qtbot) -> None:
    reload(iris_session, qtbot, standardize=False)
    fall_ill(ward, iris_session, qtbot, ABSURD)
    button = find(ward, "doctor_cure_2", QToolButton)
    assert button.text().startswith("Switch Standardise on and set the learning rate to ")
    with qtbot.waitSignal(iris_session.data_changed):
        click(button)
    assert iris_session.preparation.standardize
    qtbot.waitUntil(lambda: len(costs(iris_session)) > 50)
    assert costs(iris_session)[-1] < 0.5 * costs(iris_session)[0]


class TestHeldTraining:
    @pytest.fixture
    def ill(self, ward: Ward, iris_session: Session, qtbot) -> Ward:
        fall_ill(ward, iris_session, qtbot, SWINGING)
        return ward

    def test_it_is_paused(self, ill: Ward, iris_session: Session) -> None:
        assert iris_session.state is RunState.PAUSED
        assert ill.doctor.diagnosis is not None
        assert ill.doctor.diagnosis.cause is Cause.LEARNING_RATE_TOO_LARGE

    def test_a_cure_goes_on_from_the_best_weights(self, ill: Ward, iris_session: Session, qtbot) -> None:
        best = iris_session.history.best
        assert f"of epoch {best.moment.epoch:,}" in find(ill, "doctor_cure_1", QToolButton).toolTip()
        click_button(ill, "doctor_cure_1")
        assert iris_session.state is RunState.RUNNING
        qtbot.waitUntil(lambda: len(costs(iris_session)) > 20)
        assert costs(iris_session)[0] == best.record.train_cost
        assert costs(iris_session)[-1] < best.record.train_cost

    def test_what_was_edited_meanwhile_is_kept(self, ill: Ward, iris_session: Session) -> None:
        iris_session.set_config(replace(iris_session.config, epochs=777))
        click_button(ill, "doctor_cure_1")
        assert iris_session.config.epochs == 777
        assert iris_session.config.learning_rate < 1.0

    def test_it_can_go_on_regardless_and_is_not_told_again(self, ill: Ward, iris_session: Session, qtbot) -> None:
        ill.looks.clear()
        click_button(ill, "doctor_go_on")
        assert iris_session.state is RunState.RUNNING
        assert not ill.card.isVisible()
        qtbot.waitUntil(lambda: ill.looks.count(Symptom.RISEN) > 3)
        assert not ill.card.isVisible()
        assert iris_session.state is RunState.RUNNING

    def test_train_goes_on_too(self, ill: Ward, iris_session: Session) -> None:
        iris_session.train()
        assert not ill.card.isVisible()

    def test_closing_leaves_it_paused(self, ill: Ward, iris_session: Session) -> None:
        click_button(ill, "doctor_close")
        assert not ill.card.isVisible()
        assert iris_session.state is RunState.PAUSED

    @pytest.mark.parametrize("act", [Session.reset, lambda session: session.open_entry("wine")])
    def test_another_run_or_data_set_ends_it(self, ill: Ward, iris_session: Session, qtbot, act) -> None:
        act(iris_session)
        qtbot.waitUntil(lambda: not ill.card.isVisible())
        qtbot.waitUntil(lambda: iris_session.state is RunState.READY)

    def test_a_new_run_is_told_of_again(self, ill: Ward, iris_session: Session, qtbot) -> None:
        iris_session.reset()
        assert not ill.card.isVisible()
        fall_ill(ill, iris_session, qtbot, SWINGING)

    def test_every_button_by_keyboard(self, ill: Ward, iris_session: Session) -> None:
        names = ["doctor_cure_1", "doctor_go_on", "doctor_off"]
        focus(find(ill, names[0]))
        for name in names[1:]:
            press(ill, Qt.Key.Key_Tab)
            assert ill.focusWidget().objectName() == name
        focus(find(ill, names[0]))
        press(ill, Qt.Key.Key_Space)
        assert iris_session.state is RunState.RUNNING


class TestSwitch:
    def test_off_and_remembered(self, ward: Ward, iris_session: Session, settings_file, qtbot) -> None:
        fall_ill(ward, iris_session, qtbot, ABSURD)
        click_button(ward, "doctor_off")
        assert not ward.card.isVisible()
        assert not ward.doctor.action.isChecked()
        assert not Settings(settings_file).doctor
        ward.looks.clear()
        iris_session.train()
        qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
        assert ward.looks == []
        assert not ward.card.isVisible()

    def test_on_again_looks_at_once(self, ward: Ward, iris_session: Session, qtbot) -> None:
        ward.doctor.action.trigger()
        iris_session.set_config(ABSURD)
        iris_session.train()
        qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
        ward.doctor.action.trigger()
        qtbot.waitUntil(ward.card.isVisible)


def test_a_training_that_was_stopped_is_left_alone(ward: Ward, iris_session: Session, qtbot) -> None:
    iris_session.set_config(SWINGING)
    iris_session.step()
    iris_session.stop()
    qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
    assert ward.looks == []


class TestCard:
    def show(self, ward: Ward, found: Diagnosis) -> None:
        ward.doctor._diagnosis = found
        ward.doctor.changed.emit()

    def test_one_button_a_cure(self, ward: Ward) -> None:
        self.show(ward, diagnosis())
        texts = [find(ward, f"doctor_cure_{i}", QToolButton).text() for i in (1, 2)]
        assert texts == ["Set the learning rate to 0.2", "Set the learning rate to 0.3"]
        assert not find(ward, "doctor_cure_3", QToolButton).isVisible()
        self.show(ward, diagnosis(cures=()))
        assert not find(ward, "doctor_cure_1", QToolButton).isVisible()

    def test_assistive_tools_read_all_of_it(self, ward: Ward) -> None:
        self.show(ward, diagnosis())
        assert ward.card.accessibleName() == diagnosis().sentence
        for button in ward.card.findChildren(QToolButton):
            if button.isVisible():
                assert button.accessibleName() or button.text()
                assert button.toolTip()

    @pytest.mark.parametrize(
        "column", ["", "x" * 39, "<b>bold</b>", "한국어 열", "\u05e2\u05de\u05d5\u05d3\u05d4", "🌷"]
    )
    def test_names_of_columns_are_shown_to_the_letter(self, ward: Ward, column: str) -> None:
        figures = {"column": column, "scale": "10,000", "times": "300", "rate": "0.1"}
        self.show(ward, diagnosis(cause=Cause.UNSCALED_COLUMN, figures=figures))
        assert f"“{column}”" in text_of(ward, "doctor_cause")

    @pytest.mark.parametrize("width", [300, 500, 1200])
    def test_nothing_is_cut_off_at_any_width(self, ward: Ward, width: int, qtbot) -> None:
        self.show(ward, diagnosis())
        ward.resize(width, 400)
        qtbot.waitUntil(lambda: ward.width() == width)
        QApplication.processEvents()
        for child in ward.card.findChildren(QWidget):
            if child.isVisible():
                place = child.rect().translated(child.mapTo(ward.card, child.rect().topLeft()))
                assert ward.card.rect().contains(place), child.objectName()
        for name in ("doctor_cause", "doctor_symptom"):
            label = find(ward, name)
            assert label.height() >= label.heightForWidth(label.width())

    def test_it_wears_both_themes(self, ward: Ward, qapp: QApplication) -> None:
        self.show(ward, diagnosis())
        corners = []
        for theme in (LIGHT, DARK):
            apply_to_application(qapp, theme)
            QApplication.processEvents()
            corners.append(pixels(ward.card)[20, 5].tolist())
        apply_to_application(qapp, LIGHT)
        assert corners[0] != corners[1]
