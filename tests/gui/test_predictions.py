from __future__ import annotations

import numpy as np
import pytest

import gui.predictions
from engine.hyperparameters import TrainingConfig
from engine.softmax import softmax
from gui.predictions import predict
from gui.run_view import RunState
from gui.session import Session


@pytest.mark.parametrize("hidden", [(), (5, 4)])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_they_are_what_the_network_says(iris_session: Session, hidden: tuple[int, ...], precision: str) -> None:
    iris_session.set_config(TrainingConfig(hidden_layers=hidden, precision=precision))
    loaded, network = iris_session.loaded, iris_session.network
    theta = np.random.default_rng(0).normal(size=network.n_parameters).astype(precision)
    found = predict(loaded, network, theta)
    P = softmax(network.logits(theta.astype(np.float64), loaded.data.X_all))
    np.testing.assert_allclose(found.P, P, atol=1e-5)
    losses = [-np.log(P[i, label]) for i, label in enumerate(loaded.dataset.y)]
    np.testing.assert_allclose(found.loss, losses, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found.predicted, P.argmax(axis=1))
    np.testing.assert_array_equal(np.flatnonzero(found.in_training), loaded.data.split.train)
    assert found.finite
    assert found.theta is theta


def test_after_a_divergence_they_are_no_numbers(iris_session: Session) -> None:
    theta = np.full(iris_session.network.n_parameters, np.nan, dtype=np.float32)
    assert not predict(iris_session.loaded, iris_session.network, theta).finite


def test_of_too_many_examples_evenly_spread_ones_are_looked_at(
    iris_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gui.predictions, "MOST_PROBABILITIES", 3 * 50)
    found = predict(iris_session.loaded, iris_session.network, iris_session.theta)
    assert len(found.examples) == len(found.P) == len(found.in_training) == 50
    assert found.examples[0] == 0
    assert found.examples[-1] == 149
    assert set(np.diff(found.examples)) <= {3, 4}
    np.testing.assert_array_equal(found.y, iris_session.loaded.dataset.y[found.examples])


class TestAsking:
    def test_new_ones_come_once_for_each_weights(self, iris_session: Session, qtbot) -> None:
        told = []
        iris_session.predicted.connect(lambda: told.append(iris_session.predictions.theta))
        assert iris_session.predictions is None
        for _ in range(3):
            iris_session.ask_predictions()
        qtbot.waitUntil(lambda: bool(told))
        iris_session.ask_predictions()
        qtbot.wait(30)
        assert len(told) == 1
        assert told[0] is iris_session.theta

    def test_they_follow_the_chosen_moment(self, iris_session: Session, qtbot) -> None:
        iris_session.set_config(TrainingConfig(epochs=5))
        iris_session.train()
        qtbot.waitUntil(lambda: iris_session.state is RunState.ENDED)
        for moment in (iris_session.history.moments[0], None):
            iris_session.choose_moment(moment)
            iris_session.ask_predictions()
            qtbot.waitUntil(lambda: iris_session.predictions is not None and not iris_session.is_asked("predictions"))
            assert iris_session.predictions.theta is iris_session.theta

    def test_a_reset_forgets_them(self, iris_session: Session, qtbot) -> None:
        iris_session.ask_predictions()
        qtbot.waitUntil(lambda: iris_session.predictions is not None)
        iris_session.step()
        iris_session.reset()
        assert iris_session.predictions is None

    def test_those_of_the_data_before_are_never_shown(self, iris_session: Session, qtbot) -> None:
        iris_session.ask_predictions()
        with qtbot.waitSignal(iris_session.data_changed):
            iris_session.open_entry("digits")
        qtbot.wait(50)
        found = iris_session.predictions
        assert found is None or found.P.shape == (1797, 10)
        iris_session.ask_predictions()
        qtbot.waitUntil(lambda: iris_session.predictions is not None)
        assert iris_session.predictions.P.shape == (1797, 10)
