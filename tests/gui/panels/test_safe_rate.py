from collections.abc import Iterator
from dataclasses import replace

import pytest
from driving import find
from PySide6.QtWidgets import QWidget

from engine.analysis import safe_learning_rate
from engine.data.preparation import PreparationConfig
from engine.hyperparameters import TrainingConfig
from engine.problem import objectives
from gui.panels.hyperparameters import HyperparametersPanel
from gui.panels.safe_rate import SafeRateStrip
from gui.session import Session

FULL_BATCH = TrainingConfig(batch_size=0)


@pytest.fixture
def panel(session: Session, qtbot) -> Iterator[HyperparametersPanel]:
    panel = HyperparametersPanel(session)
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    panel.show()
    return panel


@pytest.fixture
def strip(panel: HyperparametersPanel, session: Session, qtbot) -> SafeRateStrip:
    """That of iris, with its bound."""
    with qtbot.waitSignal(session.data_changed):
        session.open_entry("iris")
    strip = find(panel, "learning_rate_range", SafeRateStrip)
    session.set_config(FULL_BATCH)
    qtbot.waitUntil(lambda: "2/L is" in strip.toolTip())
    return strip


def bound_of(session: Session) -> str:
    assert session.loaded is not None
    return f"{safe_learning_rate(objectives(session.loaded.data, session.config)[0]):.3g}"


def test_nothing_to_see_without_data(panel: HyperparametersPanel) -> None:
    assert not find(panel, "learning_rate_range").isVisible()


def test_it_lies_right_under_its_field(strip: SafeRateStrip, panel: HyperparametersPanel) -> None:
    field = find(panel, "learning_rate", QWidget)
    assert strip.isVisible()
    assert strip.x() == field.x()
    assert strip.width() == field.width()
    assert 0 < strip.y() - field.geometry().bottom() < 12


def test_it_names_the_bound_and_what_it_is_worth(strip: SafeRateStrip, session: Session) -> None:
    assert strip.toolTip() == (
        f"2/L is {bound_of(session)} for this data. Below it, a step of full-batch gradient descent never raises the "
        "cost. The learning rate is 0.072 of it."
    )
    session.set_config(replace(FULL_BATCH, learning_rate=4.0))
    assert "The learning rate is 2.87 times as large." in strip.toolTip()


def test_it_follows_penalty_and_class_weights(strip: SafeRateStrip, session: Session, qtbot) -> None:
    for change in ({"l2": 0.5}, {"class_weighting": "given", "class_weights": (9.0, 1.0, 1.0)}):
        session.set_config(replace(session.config, **change))
        qtbot.waitUntil(lambda: f"2/L is {bound_of(session)} " in strip.toolTip())


def test_it_follows_the_data(strip: SafeRateStrip, session: Session, qtbot) -> None:
    with qtbot.waitSignal(session.data_changed):
        session.set_preparation(PreparationConfig(standardize=False))
    qtbot.waitUntil(lambda: f"2/L is {bound_of(session)} " in strip.toolTip())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"batch_size": 32}, "a guide only"),
        ({"optimizer": "momentum"}, "a guide only"),
        ({"optimizer": "adam"}, "scales the step"),
        ({"hidden_layers": (4,)}, "no known bound"),
        ({"l1": 0.1}, "kink"),
    ],
)
def test_it_says_where_there_is_no_promise(strip: SafeRateStrip, session: Session, change: dict, words: str) -> None:
    session.set_config(replace(FULL_BATCH, **change))
    assert words in strip.toolTip()
    assert strip.isVisible()


def test_an_optimizer_without_learning_rate_has_no_strip(strip: SafeRateStrip, session: Session) -> None:
    session.set_config(replace(FULL_BATCH, optimizer="lbfgs"))
    assert not strip.isVisible()
    session.set_config(FULL_BATCH)
    assert strip.isVisible()


def test_settings_that_do_not_fit_the_data_show_no_bound(strip: SafeRateStrip, session: Session, qtbot) -> None:
    session.set_config(replace(FULL_BATCH, class_weighting="given", class_weights=(1.0, 2.0)))
    qtbot.wait(50)
    assert "2/L is" not in strip.toolTip()
