from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from engine.hyperparameters import TrainingConfig
from engine.network import Network
from engine.objective import Objective, SoftmaxObjective
from engine.optimizers import REGISTRY, Adam, GradientDescent, Momentum, Optimizer

Theta = NDArray[np.float64]


class Parabola:
    """J(w) = w^2 - 10 w + 25 = (w - 5)^2, the course's TensorFlow example."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        return float(theta[0] ** 2 - 10 * theta[0] + 25), 2 * theta - 10


class Bowl:
    """J = (a theta_0^2 + b theta_1^2) / 2, minimum 0 at the origin; four times as steep one way as the other."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        curvature = np.array([1.0, 4.0])
        return float((curvature * theta**2).sum() / 2), curvature * theta


class Rosenbrock:
    """J = (1 - x)^2 + 100 (y - x^2)^2, a bent valley with minimum 0 at (1, 1) (Rosenbrock 1960)."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        x, y = theta.tolist()
        gradient = np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2, gradient


@dataclass
class Scripted:
    """Gives out ``gradients`` one after another, whatever theta is, and remembers where it was asked."""

    gradients: list[list[float]]
    asked: list[Theta] = field(default_factory=list)

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        self.asked.append(theta.copy())
        return float(len(self.asked)), np.array(self.gradients[len(self.asked) - 1])


def small_softmax() -> SoftmaxObjective:
    """Thirty overlapping examples of three classes, with a penalty that makes the minimum unique."""
    rng = np.random.default_rng(3)
    y = np.arange(30) % 3
    X = rng.normal(size=(30, 2)) + np.array([[0.0, 2.0], [-2.0, -1.0], [2.0, -1.0]])[y]
    return SoftmaxObjective(Network(2, 3), X, y, l2=0.01)


@dataclass(frozen=True)
class Member:
    """One objective of the crowd: where to start, and the cost at its minimum."""

    objective: Objective
    start: list[float]
    minimum: float


def crowd() -> dict[str, Member]:
    softmax = small_softmax()
    optimum = minimize(softmax.cost_and_gradient, np.zeros(9), jac=True, method="BFGS", options={"gtol": 1e-9})
    return {
        "bowl": Member(Bowl(), [3.0, -2.0], 0.0),
        "rosenbrock": Member(Rosenbrock(), [-1.2, 1.0], 0.0),
        "softmax": Member(softmax, [0.0] * 9, float(optimum.fun)),
    }


# Learning rate and steps that suit each pair. A steady gradient is enlarged tenfold by momentum 0.9.
PACE = {
    "gradient_descent": {"bowl": (0.2, 200), "rosenbrock": (1e-3, 40_000), "softmax": (0.5, 3000)},
    "momentum": {"bowl": (0.02, 500), "rosenbrock": (1e-4, 40_000), "softmax": (0.1, 2000)},
    "adam": {"bowl": (0.05, 1500), "rosenbrock": (0.01, 15_000), "softmax": (0.05, 3000)},
}


def descend(optimizer: Optimizer[Any], objective: Objective, start: list[float], steps: int) -> tuple[Theta, Any]:
    theta = np.array(start)
    state = optimizer.init(theta)
    for _ in range(steps):
        theta, state = optimizer.step(objective, theta, state)
    return theta, state


def made(key: str, learning_rate: float) -> Optimizer[Any]:
    return TrainingConfig(optimizer=key, learning_rate=learning_rate).make_optimizer()


def test_every_registered_optimizer_meets_the_crowd() -> None:
    assert set(PACE) == set(REGISTRY)


@pytest.mark.parametrize("key", REGISTRY)
def test_reaches_the_minimum_of_everything_in_the_crowd(key: str) -> None:
    for name, member in crowd().items():
        learning_rate, steps = PACE[key][name]
        theta, _ = descend(made(key, learning_rate), member.objective, member.start, steps)
        cost, gradient = member.objective.cost_and_gradient(theta)
        assert cost - member.minimum == pytest.approx(0.0, abs=1e-6), name
        assert np.abs(gradient).max() < 1e-3, name


def test_gradient_descent_repeats_the_tensorflow_example() -> None:
    optimizer = GradientDescent(learning_rate=0.01)
    assert descend(optimizer, Parabola(), [0.0], 1)[0].tolist() == [0.1]
    theta, _ = descend(optimizer, Parabola(), [0.0], 1000)
    # w_k = 5 - 5 * 0.98^k, to the digits the example prints.
    assert f"{theta[0]:.10f}" == "4.9999999916"
    assert theta[0] == pytest.approx(5 - 5 * 0.98**1000, abs=1e-13)


def test_gradient_descent_steps_by_hand() -> None:
    script = Scripted([[1.0, -2.0], [0.5, 0.0]])
    theta, _ = descend(GradientDescent(learning_rate=0.5), script, [10.0, 20.0], 2)
    assert script.asked[1].tolist() == [9.5, 21.0]
    assert theta.tolist() == [9.25, 21.0]


def test_momentum_steps_by_hand() -> None:
    # v: (1, -2), (1, -1), (0.5, 3.5); powers of two, so that the arithmetic is exact.
    script = Scripted([[1.0, -2.0], [0.5, 0.0], [0.0, 4.0]])
    theta, state = descend(Momentum(learning_rate=0.25, momentum=0.5), script, [0.0, 0.0], 3)
    assert script.asked[1].tolist() == [-0.25, 0.5]
    assert script.asked[2].tolist() == [-0.5, 0.75]
    assert theta.tolist() == [-0.625, -0.125]
    assert state.velocity.tolist() == [0.5, 3.5]


def test_momentum_is_polyaks_heavy_ball() -> None:
    """Polyak's form has no velocity: x_{k+1} = x_k - alpha g(x_k) + beta (x_k - x_{k-1})."""
    alpha, beta = 0.01, 0.9
    previous = current = 0.0
    for _ in range(50):
        previous, current = current, current - alpha * (2 * current - 10) + beta * (current - previous)
    theta, _ = descend(Momentum(alpha, beta), Parabola(), [0.0], 50)
    assert theta[0] == pytest.approx(current, rel=1e-12)


def test_momentum_0_is_gradient_descent_to_the_bit() -> None:
    start = [-1.2, 1.0]
    heavy, _ = descend(Momentum(1e-3, momentum=0.0), Rosenbrock(), start, 100)
    plain, _ = descend(GradientDescent(1e-3), Rosenbrock(), start, 100)
    assert heavy.tobytes() == plain.tobytes()


def test_momentum_approaches_the_learning_rate_divided_by_1_minus_beta() -> None:
    thetas = Scripted([[1.0]] * 300)
    descend(Momentum(0.1, momentum=0.9), thetas, [0.0], 300)
    assert thetas.asked[-2][0] - thetas.asked[-1][0] == pytest.approx(0.1 / (1 - 0.9), rel=1e-9)


def test_adams_first_step_has_the_length_of_the_learning_rate_whatever_the_gradient() -> None:
    theta, _ = descend(Adam(learning_rate=0.01), Scripted([[1e-3, -1e6, 0.0]]), [0.0, 0.0, 7.0], 1)
    np.testing.assert_allclose(theta, [-0.01 / (1 + 1e-5), 0.01, 7.0], rtol=1e-12)


def test_adam_is_algorithm_1_of_its_paper_with_the_moments_written_as_sums() -> None:
    """m_t = (1 - b1) sum_i b1^(t-i) g_i, likewise v_t with g_i^2 (Kingma and Ba 2015, section 3)."""
    gradients = np.random.default_rng(0).normal(size=(40, 3)).tolist()
    alpha, beta1, beta2, epsilon = 0.02, 0.9, 0.999, 1e-8
    expected = [1.0, -1.0, 0.5]
    for t in range(1, 41):
        for p in range(3):
            past = [(t - i, gradients[i - 1][p]) for i in range(1, t + 1)]
            m_hat = (1 - beta1) * math.fsum(beta1**age * g for age, g in past) / (1 - beta1**t)
            v_hat = (1 - beta2) * math.fsum(beta2**age * g * g for age, g in past) / (1 - beta2**t)
            expected[p] -= alpha * m_hat / (math.sqrt(v_hat) + epsilon)
    theta, state = descend(Adam(alpha, beta1, beta2, epsilon), Scripted(gradients), [1.0, -1.0, 0.5], 40)
    np.testing.assert_allclose(theta, expected, rtol=1e-11)
    assert state.step == 40


def test_adam_does_not_care_about_the_scale_of_the_gradient() -> None:
    gradients = np.random.default_rng(1).normal(size=(30, 2))
    small, _ = descend(Adam(0.1), Scripted(gradients.tolist()), [0.0, 0.0], 30)
    large, _ = descend(Adam(0.1), Scripted((1e6 * gradients).tolist()), [0.0, 0.0], 30)
    np.testing.assert_allclose(small, large, rtol=1e-6)


@pytest.mark.parametrize("key", REGISTRY)
class TestEveryOptimizer:
    """What ``engine.optimizers.base`` promises of all of them."""

    def test_a_run_resumes_from_theta_and_state_to_the_bit(self, key: str) -> None:
        objective = small_softmax()
        whole, _ = descend(made(key, 0.1), objective, [0.0] * 9, 20)
        theta, state = descend(made(key, 0.1), objective, [0.0] * 9, 8)
        kept, kept_state = theta.copy(), type(state)(*(np.copy(part) for part in state))
        other_optimizer = made(key, 0.1)
        descend(other_optimizer, Bowl(), [5.0, 5.0], 3)  # nothing of this may linger
        for _ in range(12):
            kept, kept_state = other_optimizer.step(objective, kept, kept_state)
        assert kept.tobytes() == whole.tobytes()

    def test_theta_and_state_are_never_modified_in_place(self, key: str) -> None:
        objective, optimizer = small_softmax(), made(key, 0.1)
        theta, state = descend(optimizer, objective, [0.0] * 9, 3)
        for array in (theta, *(part for part in state if isinstance(part, np.ndarray))):
            array.flags.writeable = False
        new_theta, new_state = optimizer.step(objective, theta, state)
        assert not np.shares_memory(new_theta, theta)
        assert new_state is not state
        assert new_theta.tobytes() != theta.tobytes()

    def test_the_state_tells_the_cost_that_the_step_set_out_from(self, key: str) -> None:
        objective, optimizer = small_softmax(), made(key, 0.1)
        theta, state = descend(optimizer, objective, [0.0] * 9, 5)
        _, after = optimizer.step(objective, theta, state)
        assert after.cost == objective.evaluate(theta).cost
        assert math.isnan(optimizer.init(theta).cost)

    def test_stays_where_the_gradient_is_0(self, key: str) -> None:
        theta, _ = descend(made(key, 0.1), Bowl(), [0.0, 0.0], 5)
        assert theta.tolist() == [0.0, 0.0]

    def test_settings_are_frozen(self, key: str) -> None:
        with pytest.raises(AttributeError):
            made(key, 0.1).learning_rate = 1.0

    def test_takes_its_learning_rate_from_the_configuration(self, key: str) -> None:
        steps = [descend(made(key, rate), Bowl(), [3.0, -2.0], 1)[0] - [3.0, -2.0] for rate in (0.01, 0.02)]
        np.testing.assert_allclose(2 * steps[0], steps[1], rtol=1e-12)


def test_momentum_takes_its_momentum_from_the_configuration() -> None:
    config = TrainingConfig(optimizer="momentum", learning_rate=0.5, momentum=0.25)
    theta, _ = descend(config.make_optimizer(), Scripted([[4.0], [0.0]]), [0.0], 2)
    assert theta.tolist() == [-2.5]
