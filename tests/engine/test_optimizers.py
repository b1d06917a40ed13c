from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, fields
from operator import mul
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from objectives import Bowl, Case, Parabola, Rosenbrock, Scripted, descend, largest_deviation
from scipy.optimize import minimize

from engine.fused import FusedBatch, FusedObjective
from engine.hyperparameters import TrainingConfig
from engine.initialization import initial_weights
from engine.network import Network
from engine.objective import Objective, QuadraticObjective, SoftmaxObjective
from engine.optimizers import REGISTRY, Adam, AdamW, GradientDescent, Momentum, Nesterov, Optimizer, RmsProp
from engine.schedules import Constant, Schedule

Theta = NDArray[np.float64]

FIRST_ORDER = [key for key, entry in REGISTRY.items() if not entry.full_batch]
SECOND_ORDER = [key for key, entry in REGISTRY.items() if entry.full_batch]
RATES = [0.1, 0.02, 0.3, 0.05, 0.05, 0.2, 0.01, 0.1]


def listed(step: int) -> float:
    """A schedule that jumps about."""
    return RATES[step % len(RATES)]


def small_softmax(hidden: tuple[int, ...] = (), activation: str = "tanh", l2: float = 0.01) -> SoftmaxObjective:
    """Thirty overlapping examples of three classes, with a penalty that makes a softmax layer's minimum unique."""
    rng = np.random.default_rng(3)
    y = np.arange(30) % 3
    X = rng.normal(size=(30, 2)) + np.array([[0.0, 2.0], [-2.0, -1.0], [2.0, -1.0]])[y]
    return SoftmaxObjective(Network(2, 3, hidden, activation), X, y, l2)


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
        "parabola": Member(QuadraticObjective(), [0.0], 0.0),
        "rosenbrock": Member(Rosenbrock(), [-1.2, 1.0], 0.0),
        "softmax": Member(softmax, [0.0] * 9, float(optimum.fun)),
        "softmax on the fast path": Member(FusedObjective(softmax).whole(), [0.0] * 9, float(optimum.fun)),
    }


CROWD = crowd()

# Learning rate and steps that suit each pair. A steady gradient is enlarged tenfold by momentum 0.9; RMSProp comes to
# rest only as its rate falls.
PACE: dict[str, dict[str, tuple[float, int]]] = {
    "gradient_descent": {
        "bowl": (0.2, 200),
        "parabola": (0.1, 200),
        "rosenbrock": (1e-3, 40_000),
        "softmax": (0.5, 3000),
    },
    "momentum": {"bowl": (0.02, 500), "parabola": (0.02, 500), "rosenbrock": (1e-4, 40_000), "softmax": (0.1, 2000)},
    "nesterov": {"bowl": (0.02, 500), "parabola": (0.02, 500), "rosenbrock": (1e-4, 40_000), "softmax": (0.1, 2000)},
    "rmsprop": {"bowl": (0.05, 3000), "parabola": (0.05, 3000), "rosenbrock": (0.01, 20_000), "softmax": (0.05, 3000)},
    "adam": {"bowl": (0.05, 1500), "parabola": (0.05, 1500), "rosenbrock": (0.01, 15_000), "softmax": (0.05, 3000)},
    "adamw": {"bowl": (0.05, 1500), "parabola": (0.05, 1500), "rosenbrock": (0.01, 15_000), "softmax": (0.05, 3000)},
    "lbfgs": dict.fromkeys(("bowl", "parabola", "rosenbrock", "softmax"), (0.1, 60)),
    "newton_cg": dict.fromkeys(("bowl", "parabola", "rosenbrock", "softmax"), (0.1, 100)),
}


def made(key: str, learning_rate: float, **settings: Any) -> Optimizer[Any]:
    """The optimizer of that key; AdamW without its decay, which moves the minimum."""
    settings = {"weight_decay": 0.0} | settings
    return TrainingConfig(optimizer=key, learning_rate=learning_rate, **settings).make_optimizer(1)


def with_schedule(key: str, schedule: Schedule) -> Optimizer[Any]:
    return REGISTRY[key].make(TrainingConfig(optimizer=key), schedule)


@dataclass(frozen=True)
class WithoutGuess:
    """An objective that keeps its preconditioner to itself, which the readable one does not have."""

    hidden: FusedBatch

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        return self.hidden.cost_and_gradient(theta)

    def hessian_vector_product(self, theta: Theta, vector: Theta) -> Theta:
        return self.hidden.hessian_vector_product(theta, vector)


def arrays_in(state: Any) -> Iterator[NDArray[Any]]:
    """All arrays of a state, those in tuples of tuples too."""
    if isinstance(state, np.ndarray):
        yield state
    elif isinstance(state, tuple):
        for part in state:
            yield from arrays_in(part)


def test_every_registered_optimizer_meets_the_crowd() -> None:
    assert set(PACE) == set(REGISTRY)


@pytest.mark.parametrize("name", CROWD)
@pytest.mark.parametrize("key", REGISTRY)
def test_reaches_the_minimum_of_everything_in_the_crowd(key: str, name: str) -> None:
    member = CROWD[name]
    learning_rate, steps = PACE[key][name.removesuffix(" on the fast path")]
    falling = {"schedule": "exponential", "decay_epochs": steps // 15} if key == "rmsprop" else {}
    optimizer = made(key, learning_rate, **falling)
    theta, _ = descend(optimizer, member.objective, member.start, steps)
    cost, gradient = member.objective.cost_and_gradient(theta)
    assert cost - member.minimum == pytest.approx(0.0, abs=1e-6)
    assert np.abs(gradient).max() < 1e-3


@pytest.mark.parametrize(("hidden", "activation"), [((4,), "tanh"), ((6, 5), "relu"), ((5, 4, 3), "sigmoid")])
@pytest.mark.parametrize("key", REGISTRY)
def test_learns_with_hidden_layers(key: str, hidden: tuple[int, ...], activation: str) -> None:
    objective = small_softmax(hidden, activation, l2=0.0)
    start = initial_weights(objective.network, "normal", 1.0, np.random.default_rng(0))
    learning_rate = {"gradient_descent": 0.5, "momentum": 0.1, "nesterov": 0.1}.get(key, 0.03)
    steps = 1500 if key in FIRST_ORDER else 100
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        theta, _ = descend(made(key, learning_rate), FusedObjective(objective).whole(), start, steps)
    assert objective.evaluate(theta).cost < 0.6 < objective.evaluate(start).cost
    assert objective.evaluate(theta).accuracy > 0.9


class TestGradientDescent:
    def test_repeats_the_tensorflow_example(self) -> None:
        optimizer = GradientDescent(Constant(0.01))
        for objective in (QuadraticObjective(), Parabola()):
            assert descend(optimizer, objective, [0.0], 1)[0].tolist() == [0.1]
            theta, _ = descend(optimizer, objective, [0.0], 1000)
            # w_k = 5 - 5 * 0.98^k, to the digits the example prints.
            assert f"{theta[0]:.10f}" == "4.9999999916"
            assert theta[0] == pytest.approx(5 - 5 * 0.98**1000, abs=1e-13)

    def test_steps_by_hand(self) -> None:
        script = Scripted([[1.0, -2.0], [0.5, 0.0]])
        theta, _ = descend(GradientDescent(Constant(0.5)), script, [10.0, 20.0], 2)
        assert script.asked[1].tolist() == [9.5, 21.0]
        assert theta.tolist() == [9.25, 21.0]


class TestMomentum:
    def test_steps_by_hand(self) -> None:
        # v: (1, -2), (1, -1), (0.5, 3.5); powers of two, so that the arithmetic is exact.
        script = Scripted([[1.0, -2.0], [0.5, 0.0], [0.0, 4.0]])
        theta, state = descend(Momentum(Constant(0.25), momentum=0.5), script, [0.0, 0.0], 3)
        assert script.asked[1].tolist() == [-0.25, 0.5]
        assert script.asked[2].tolist() == [-0.5, 0.75]
        assert theta.tolist() == [-0.625, -0.125]
        assert state.velocity.tolist() == [0.5, 3.5]

    def test_is_polyaks_heavy_ball(self) -> None:
        """Polyak's form has no velocity: x_{k+1} = x_k - alpha g(x_k) + beta (x_k - x_{k-1})."""
        alpha, beta = 0.01, 0.9
        previous = current = 0.0
        for _ in range(50):
            previous, current = current, current - alpha * (2 * current - 10) + beta * (current - previous)
        theta, _ = descend(Momentum(Constant(alpha), beta), Parabola(), [0.0], 50)
        assert theta[0] == pytest.approx(current, rel=1e-12)

    @pytest.mark.parametrize("kind", [Momentum, Nesterov])
    def test_of_0_is_gradient_descent_to_the_bit(self, kind: type[Momentum] | type[Nesterov]) -> None:
        start = [-1.2, 1.0]
        heavy, _ = descend(kind(Constant(1e-3), momentum=0.0), Rosenbrock(), start, 100)
        plain, _ = descend(GradientDescent(Constant(1e-3)), Rosenbrock(), start, 100)
        assert heavy.tobytes() == plain.tobytes()

    @pytest.mark.parametrize("kind", [Momentum, Nesterov])
    def test_approaches_the_rate_divided_by_1_minus_beta(self, kind: type[Momentum] | type[Nesterov]) -> None:
        script = Scripted([[1.0]] * 300)
        descend(kind(Constant(0.1), momentum=0.9), script, [0.0], 300)
        assert script.asked[-2][0] - script.asked[-1][0] == pytest.approx(0.1 / (1 - 0.9), rel=1e-9)


class TestNesterov:
    @pytest.mark.parametrize(
        ("slope", "start", "alpha"), [(lambda w: 2 * w - 10, 0.0, 0.01), (lambda w: 4 * w**3 - w, -1.3, 0.005)]
    )
    def test_is_the_look_ahead_of_sutskevers_form(
        self, slope: Callable[[float], float], start: float, alpha: float
    ) -> None:
        """v <- mu v - eps f'(x + mu v); x <- x + v (Sutskever and others 2013, eq. 3 and 4); ours is x + mu v."""
        mu, x, v = 0.9, start, 0.0
        for _ in range(40):
            v = mu * v - alpha * slope(x + mu * v)
            x += v

        class Curve:
            def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
                return 0.0, slope(theta)

        theta, _ = descend(Nesterov(Constant(alpha), mu), Curve(), [start], 40)
        assert theta[0] == pytest.approx(x + mu * v, rel=1e-11)

    def test_steps_by_hand(self) -> None:
        # v: (1, -2), (1, -1); steps 1/4 (g + v/2).
        script = Scripted([[1.0, -2.0], [0.5, 0.0]])
        theta, state = descend(Nesterov(Constant(0.25), momentum=0.5), script, [0.0, 0.0], 2)
        assert script.asked[1].tolist() == [-0.375, 0.75]
        assert theta.tolist() == [-0.625, 0.875]
        assert state.velocity.tolist() == [1.0, -1.0]

    def test_swings_less_than_momentum_where_it_is_steep(self) -> None:
        """On a parabola of curvature 40 with rate 0.02, heavy-ball overshoots further than the look-ahead."""

        def lowest(optimizer: Optimizer[Any]) -> float:
            objective = QuadraticObjective(a=20.0, b=0.0, c=0.0)
            return min(descend(optimizer, objective, [1.0], steps)[0][0] for steps in range(1, 12))

        assert lowest(Momentum(Constant(0.02), 0.9)) < lowest(Nesterov(Constant(0.02), 0.9)) < 0.0


class TestRmsProp:
    def test_is_the_lectures_rule_with_the_mean_square_written_as_a_sum(self) -> None:
        """s_t = (1 - rho) sum_i rho^(t-i) g_i^2 (Tieleman and Hinton 2012, lecture 6e)."""
        gradients = np.random.default_rng(0).normal(size=(40, 3)).tolist()
        rho, epsilon = 0.8, 1e-8
        expected = [1.0, -1.0, 0.5]
        for t in range(1, 41):
            for p in range(3):
                mean_square = (1 - rho) * math.fsum(rho ** (t - i) * gradients[i - 1][p] ** 2 for i in range(1, t + 1))
                expected[p] -= listed(t - 1) * gradients[t - 1][p] / (math.sqrt(mean_square) + epsilon)
        theta, state = descend(RmsProp(listed, rho, epsilon), Scripted(gradients), [1.0, -1.0, 0.5], 40)
        np.testing.assert_allclose(theta, expected, rtol=1e-11)
        assert state.step == 40

    def test_the_first_step_is_the_rate_over_the_root_of_1_minus_rho(self) -> None:
        theta, _ = descend(RmsProp(Constant(0.01), decay=0.75), Scripted([[1e-3, -1e6, 0.0]]), [0.0, 0.0, 7.0], 1)
        np.testing.assert_allclose(theta, [-0.02, 0.02, 7.0], rtol=1e-4)


def adam_loop(gradients: list[list[float]], start: list[float], weight_decay: float = 0.0) -> list[float]:
    """Algorithm 1 of Kingma and Ba 2015, the moments written as sums (section 3): m_t = (1 - b1) sum_i b1^(t-i) g_i.

    With the decay of Loshchilov and Hutter 2019, algorithm 2, line 12, both terms times the rate of the step.
    """
    beta1, beta2, epsilon = 0.9, 0.999, 1e-8
    theta = list(start)
    for t in range(1, len(gradients) + 1):
        for p in range(len(theta)):
            past = [(t - i, gradients[i - 1][p]) for i in range(1, t + 1)]
            m_hat = (1 - beta1) * math.fsum(beta1**age * g for age, g in past) / (1 - beta1**t)
            v_hat = (1 - beta2) * math.fsum(beta2**age * g * g for age, g in past) / (1 - beta2**t)
            theta[p] -= listed(t - 1) * (m_hat / (math.sqrt(v_hat) + epsilon) + weight_decay * theta[p])
    return theta


class TestAdam:
    GRADIENTS = np.random.default_rng(0).normal(size=(40, 3)).tolist()
    START = [1.0, -1.0, 0.5]  # noqa: RUF012

    def test_is_algorithm_1_of_its_paper(self) -> None:
        theta, state = descend(Adam(listed), Scripted(self.GRADIENTS), self.START, 40)
        np.testing.assert_allclose(theta, adam_loop(self.GRADIENTS, self.START), rtol=1e-11)
        assert state.step == 40

    def test_with_decay_is_algorithm_2_of_the_other_paper(self) -> None:
        theta, _ = descend(AdamW(listed, weight_decay=0.3), Scripted(self.GRADIENTS), self.START, 40)
        np.testing.assert_allclose(theta, adam_loop(self.GRADIENTS, self.START, weight_decay=0.3), rtol=1e-11)

    def test_decay_shrinks_all_at_one_rate_whatever_the_gradients(self) -> None:
        """Without any gradient theta_t = theta_0 prod (1 - alpha_t w); a penalty in the cost would not do that."""
        theta, _ = descend(AdamW(listed, weight_decay=0.5), Scripted([[0.0, 0.0]] * 8), [8.0, -4.0], 8)
        left = math.prod(1 - rate * 0.5 for rate in RATES)
        np.testing.assert_allclose(theta, [8.0 * left, -4.0 * left], rtol=1e-14)

    def test_a_decay_of_0_is_adam(self) -> None:
        plain, _ = descend(Adam(listed), Scripted(self.GRADIENTS), self.START, 40)
        decayed, _ = descend(AdamW(listed, weight_decay=0.0), Scripted(self.GRADIENTS), self.START, 40)
        assert decayed.tolist() == plain.tolist()

    def test_the_moments_do_not_see_the_decay(self) -> None:
        _, plain = descend(Adam(listed), Scripted(self.GRADIENTS), self.START, 40)
        _, decayed = descend(AdamW(listed, weight_decay=0.3), Scripted(self.GRADIENTS), self.START, 40)
        assert decayed.m.tolist() == plain.m.tolist()
        assert decayed.v.tolist() == plain.v.tolist()

    def test_the_first_step_has_the_length_of_the_rate_whatever_the_gradient(self) -> None:
        theta, _ = descend(Adam(Constant(0.01)), Scripted([[1e-3, -1e6, 0.0]]), [0.0, 0.0, 7.0], 1)
        np.testing.assert_allclose(theta, [-0.01 / (1 + 1e-5), 0.01, 7.0], rtol=1e-12)

    @pytest.mark.parametrize("kind", [Adam, RmsProp])
    def test_the_scale_of_the_gradient_does_not_matter(self, kind: type[Adam] | type[RmsProp]) -> None:
        gradients = np.random.default_rng(1).normal(size=(30, 2))
        small, _ = descend(kind(Constant(0.1)), Scripted(gradients.tolist()), [0.0, 0.0], 30)
        large, _ = descend(kind(Constant(0.1)), Scripted((1e6 * gradients).tolist()), [0.0, 0.0], 30)
        np.testing.assert_allclose(small, large, rtol=1e-6)


@pytest.mark.parametrize("key", REGISTRY)
class TestEveryOptimizer:
    """What ``engine.optimizers.base`` promises of all of them."""

    START = np.zeros(9)

    def test_a_run_resumes_from_theta_and_state_to_the_bit(self, key: str) -> None:
        objective = small_softmax()
        whole, _ = descend(made(key, 0.1), objective, self.START, 12)
        theta, state = descend(made(key, 0.1), objective, self.START, 5)
        kept, kept_state = theta.copy(), deepcopy(state)
        other_optimizer = made(key, 0.1)
        descend(other_optimizer, Bowl(), [5.0, 5.0], 3)  # nothing of this may linger
        for _ in range(7):
            kept, kept_state = other_optimizer.step(objective, kept, kept_state)
        assert kept.tobytes() == whole.tobytes()
        assert kept_state.step == 12

    def test_theta_and_state_are_never_modified_in_place(self, key: str) -> None:
        objective, optimizer = FusedObjective(small_softmax()).whole(), made(key, 0.1)
        theta, state = descend(optimizer, objective, self.START, 3)
        before = [array.copy() for array in (theta, *arrays_in(state))]
        for array in (theta, *arrays_in(state)):
            array.flags.writeable = False
        new_theta, new_state = optimizer.step(objective, theta, state)
        optimizer.step(objective, new_theta, new_state)
        assert not np.shares_memory(new_theta, theta)
        assert new_state is not state
        assert new_theta.tobytes() != theta.tobytes()
        after = (theta, *arrays_in(state))
        assert [array.tobytes() for array in after] == [array.tobytes() for array in before]

    def test_the_state_tells_the_cost_that_the_step_set_out_from(self, key: str) -> None:
        objective, optimizer = small_softmax(), made(key, 0.1)
        theta, state = descend(optimizer, objective, self.START, 5)
        _, after = optimizer.step(objective, theta, state)
        assert after.cost == objective.evaluate(theta).cost
        assert math.isnan(optimizer.init(theta).cost)

    def test_the_state_counts_steps(self, key: str) -> None:
        optimizer = made(key, 0.1)
        assert optimizer.init(self.START).step == 0
        assert descend(optimizer, small_softmax(), self.START, 4)[1].step == 4

    def test_stays_where_the_gradient_is_0(self, key: str) -> None:
        theta, _ = descend(made(key, 0.1), Bowl(), [0.0, 0.0], 5)
        assert theta.tolist() == [0.0, 0.0]

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_theta_keeps_its_type(self, key: str, dtype: str) -> None:
        objective, theta = Case(N=30, l2=0.01, dtype=dtype).make()
        for minimised in (objective, FusedObjective(objective).whole()):
            found, state = descend(made(key, 0.1), minimised, theta, 3)
            assert found.dtype == dtype
            assert {array.dtype for array in arrays_in(state)} <= {np.dtype(dtype)}

    def test_settings_are_frozen(self, key: str) -> None:
        optimizer = made(key, 0.1)
        for setting in fields(optimizer):
            with pytest.raises(AttributeError):
                setattr(optimizer, setting.name, 1.0)

    def test_goes_the_same_way_on_the_fast_path(self, key: str) -> None:
        objective = small_softmax()
        theta, _ = descend(made(key, 0.1), objective, self.START, 6)
        fast, _ = descend(made(key, 0.1), WithoutGuess(FusedObjective(objective).whole()), self.START, 6)
        assert largest_deviation(fast, theta) < 1e-6


@pytest.mark.parametrize("key", FIRST_ORDER)
class TestRates:
    def test_every_step_has_the_rate_of_the_schedule(self, key: str) -> None:
        objective, scheduled = small_softmax(), with_schedule(key, listed)
        theta = np.zeros(9)
        state = scheduled.init(theta)
        assert scheduled.rate(state) == RATES[0]
        for rate in RATES:
            by_constant, _ = with_schedule(key, Constant(rate)).step(objective, theta, state)
            theta, state = scheduled.step(objective, theta, state)
            assert theta.tobytes() == by_constant.tobytes()
            assert scheduled.rate(state) == rate

    def test_steps_grow_with_the_rate(self, key: str) -> None:
        steps = [descend(made(key, rate), Bowl(), [3.0, -2.0], 1)[0] - [3.0, -2.0] for rate in (0.01, 0.02)]
        np.testing.assert_allclose(2 * steps[0], steps[1], rtol=1e-12)

    def test_takes_any_batch(self, key: str) -> None:
        objective = FusedObjective(small_softmax())
        optimizer, theta = made(key, 0.1), np.zeros(9)
        state = optimizer.init(theta)
        for rows in np.random.default_rng(0).integers(0, 30, size=(200, 10)):
            theta, state = optimizer.step(objective.batch(rows), theta, state)
        assert objective.evaluate(theta).cost < 0.6


class TestRegistry:
    OTHERS: dict[str, Any] = {  # noqa: RUF012
        "learning_rate": 0.7,
        "schedule": "cosine",
        "momentum": 0.3,
        "rmsprop_decay": 0.3,
        "beta1": 0.3,
        "beta2": 0.3,
        "weight_decay": 0.3,
        "lbfgs_memory": 3,
    }

    def test_second_order_methods_need_all_rows_and_have_no_rate(self) -> None:
        assert SECOND_ORDER == ["lbfgs", "newton_cg"]
        for key in SECOND_ORDER:
            optimizer = made(key, 0.1)
            assert math.isnan(optimizer.rate(descend(optimizer, small_softmax(), np.zeros(9), 2)[1]))

    @pytest.mark.parametrize("key", REGISTRY)
    def test_an_entry_makes_what_it_names(self, key: str) -> None:
        entry = REGISTRY[key]
        assert type(made(key, 0.1)) is entry.optimizer
        assert entry.full_batch == entry.optimizer.full_batch == made(key, 0.1).full_batch

    def test_labels_tell_optimizers_apart(self) -> None:
        assert len({entry.label for entry in REGISTRY.values()}) == len(REGISTRY)

    @pytest.mark.parametrize("setting", OTHERS)
    @pytest.mark.parametrize("key", REGISTRY)
    def test_listens_to_exactly_the_settings_that_it_names(self, key: str, setting: str) -> None:
        usual = TrainingConfig(optimizer=key).make_optimizer(10)
        changed = TrainingConfig(optimizer=key, **{setting: self.OTHERS[setting]}).make_optimizer(10)
        assert (changed != usual) == (setting in REGISTRY[key].settings)

    def test_every_setting_named_is_known_here(self) -> None:
        assert {setting for entry in REGISTRY.values() for setting in entry.settings} == set(self.OTHERS)

    def test_settings_arrive_where_they_belong(self) -> None:
        config = {
            "learning_rate": 0.25,
            "momentum": 0.11,
            "rmsprop_decay": 0.22,
            "beta1": 0.33,
            "beta2": 0.44,
            "weight_decay": 0.55,
            "lbfgs_memory": 6,
        }
        rate = Constant(0.25)
        expected = {
            "gradient_descent": GradientDescent(rate),
            "momentum": Momentum(rate, momentum=0.11),
            "nesterov": Nesterov(rate, momentum=0.11),
            "rmsprop": RmsProp(rate, decay=0.22),
            "adam": Adam(rate, beta1=0.33, beta2=0.44),
            "adamw": AdamW(rate, weight_decay=0.55, beta1=0.33, beta2=0.44),
        }
        found = {key: TrainingConfig(optimizer=key, **config).make_optimizer(1) for key in expected}
        assert found == expected
        assert TrainingConfig(optimizer="lbfgs", **config).make_optimizer(1).memory == 6


class TestTwoClasses:
    """With C = 2 gradient descent on the softmax is gradient descent on logistic regression.

    Let w_0, w_1 be the weights of the two classes and w = w_1 - w_0, so that p = y hat_1 = 1 / (1 + e^-(w x + b)), the
    logistic model. The gradients are dJ/dw_1 = mean (p - y) x + l2 w_1 and dJ/dw_0 = -mean (p - y) x + l2 w_0.
    From w_0 + w_1 = 0, zero for instance, their sum -alpha l2 (w_0 + w_1) stays 0. Subtract the two updates:

        w <- w - alpha (2 mean (p - y) x + l2 (w_1 - w_0)) = w - 2 alpha (mean (p - y) x + l2/2 w).

    Logistic regression with cost mean L + lambda/2 |w|^2 makes w <- w - eta (mean (p - y) x + lambda w). The paths are
    one where eta = 2 alpha and lambda = l2/2: the softmax has half the learning rate and twice the L2 penalty. The same
    holds for the bias b = b_1 - b_0, which neither penalises.
    """

    STEPS = 300

    @staticmethod
    def data() -> tuple[Theta, NDArray[np.int64]]:
        rng = np.random.default_rng(2)
        y = rng.integers(0, 2, size=80)
        return rng.normal(size=(80, 3)) + y[:, np.newaxis] * [1.0, -0.5, 0.2], y

    def logistic_path(self, eta: float, penalty: float) -> list[list[float]]:
        """w and b after every step, by a loop over plain numbers."""
        X, y = self.data()
        rows = list(zip(X.tolist(), y.tolist(), strict=True))
        w, b, path = [0.0, 0.0, 0.0], 0.0, []
        for _ in range(self.STEPS):
            residuals = [1.0 / (1.0 + math.exp(-(math.fsum(map(mul, w, x)) + b))) - true for x, true in rows]
            slopes = [
                math.fsum(r * x[d] for r, (x, _) in zip(residuals, rows, strict=True)) / len(rows) for d in range(3)
            ]
            w = [w_d - eta * (slope + penalty * w_d) for w_d, slope in zip(w, slopes, strict=True)]
            b -= eta * math.fsum(residuals) / len(rows)
            path.append([*w, b])
        return path

    def softmax_path(self, alpha: float, l2: float) -> list[list[float]]:
        """The differences of the two classes' parameters after every step."""
        X, y = self.data()
        objective, optimizer = SoftmaxObjective(Network(3, 2), X, y, l2), GradientDescent(Constant(alpha))
        theta, path = np.zeros(8), []
        state = optimizer.init(theta)
        for _ in range(self.STEPS):
            theta, state = optimizer.step(objective, theta, state)
            path.append([*(theta[3:6] - theta[:3]), theta[7] - theta[6]])
        return path

    @pytest.mark.parametrize(("eta", "penalty"), [(0.5, 0.0), (0.5, 0.01), (1.0, 0.1), (0.05, 2.0)])
    def test_half_the_rate_and_twice_the_penalty_walk_the_same_path(self, eta: float, penalty: float) -> None:
        expected = self.logistic_path(eta, penalty)
        assert largest_deviation(self.softmax_path(eta / 2, 2 * penalty), expected) < 1e-12

    @pytest.mark.parametrize(("rate_factor", "penalty_factor"), [(1.0, 1.0), (1.0, 2.0), (0.5, 1.0), (0.5, 4.0)])
    def test_no_other_factors_do(self, rate_factor: float, penalty_factor: float) -> None:
        expected = self.logistic_path(0.5, 0.1)
        found = self.softmax_path(rate_factor * 0.5, penalty_factor * 0.1)
        assert largest_deviation(found, expected) > 1e-2
