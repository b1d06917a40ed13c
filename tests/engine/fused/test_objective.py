from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from objectives import COSTS, STRUCTURES, Case, largest_deviation

from engine.fused import FusedObjective, ThreadTeam
from engine.network import Network
from engine.objective import SoftmaxObjective

Array = NDArray[np.floating[Any]]

ROW_COUNTS = [1, 2, 63, 64, 65, 127, 128, 129, 500, 512, 5000]
SHALLOW = [structure for structure in STRUCTURES if len(structure[0]) <= 2]
SILENCED: dict[str, Any] = {"over": "ignore", "invalid": "ignore"}  # as callers do
ALL_AT_ONCE = {"l2": 0.3, "l1": 0.2, "weighted": True, "label_smoothing": 0.15}


@pytest.fixture(params=[1, 2], ids=["1 thread", "2 threads"])
def team(request: pytest.FixtureRequest, small_shares: None) -> Iterator[ThreadTeam]:
    with ThreadTeam(request.param) as team:
        yield team


def assert_equal_to_rounding(found: Any, objective: SoftmaxObjective, theta: Array, tolerance: float = 1e-12) -> None:
    """Cost and gradient of ``found`` are those of the readable ``objective``."""
    expected_cost, expected_gradient = objective.cost_and_gradient(theta)
    cost, gradient = found.cost_and_gradient(theta)
    assert cost == pytest.approx(expected_cost, rel=tolerance)
    assert type(cost) is float
    assert gradient.dtype == theta.dtype
    assert largest_deviation(gradient, expected_gradient) < tolerance


def in_float64(objective: SoftmaxObjective) -> SoftmaxObjective:
    return replace(objective, X=objective.X.astype(np.float64))


@cache
def images(dtype: str) -> tuple[SoftmaxObjective, Array]:
    """Wide enough for stacked products, and for several blocks a thread."""
    objective, theta = Case(N=5000, D=784, C=10, **ALL_AT_ONCE, dtype=dtype).make()
    return objective, theta * np.array(0.05, dtype)


class TestEqualsTheReference:
    @pytest.mark.parametrize(("hidden", "activation"), SHALLOW)
    def test_on_any_number_of_rows(self, hidden: tuple[int, ...], activation: str, team: ThreadTeam) -> None:
        for cost in COSTS:
            objective, theta = Case(N=5000, hidden=hidden, activation=activation, **cost).make()
            fused = FusedObjective(objective, team)
            for n_rows in ROW_COUNTS:
                rows = slice(5000 - n_rows, 5000)
                assert_equal_to_rounding(fused.batch(rows), objective.batch(rows), theta)

    @pytest.mark.parametrize("cost", [{}, ALL_AT_ONCE])
    @pytest.mark.parametrize(("hidden", "activation"), SHALLOW)
    def test_on_rows_in_any_order_and_repeated(
        self, hidden: tuple[int, ...], activation: str, cost: dict[str, float], team: ThreadTeam
    ) -> None:
        objective, theta = Case(N=5000, hidden=hidden, activation=activation, **cost).make()
        fused = FusedObjective(objective, team)
        rng = np.random.default_rng(0)
        for n_rows in ROW_COUNTS:
            rows = rng.integers(0, 5000, size=n_rows)
            assert_equal_to_rounding(fused.batch(rows), objective.batch(rows), theta)

    @pytest.mark.parametrize("n_rows", ROW_COUNTS)
    def test_on_images(self, n_rows: int, team: ThreadTeam) -> None:
        objective, theta = images("float64")
        fused = FusedObjective(objective, team)
        for rows in (slice(0, n_rows), np.random.default_rng(0).integers(0, 5000, size=n_rows)):
            assert_equal_to_rounding(fused.batch(rows), objective.batch(rows), theta)

    @pytest.mark.parametrize("n_rows", ROW_COUNTS)
    def test_on_images_in_float32(self, n_rows: int, team: ThreadTeam) -> None:
        objective, theta = images("float32")
        rows = slice(0, n_rows)
        batch = FusedObjective(objective, team).batch(rows)
        expected_cost, expected_gradient = in_float64(objective.batch(rows)).cost_and_gradient(theta.astype(float))
        cost, gradient = batch.cost_and_gradient(theta)
        assert gradient.dtype == np.float32
        assert cost == pytest.approx(expected_cost, rel=1e-6)
        assert largest_deviation(gradient, expected_gradient) < 3e-6

    @pytest.mark.parametrize("cost", [{}, ALL_AT_ONCE])
    @pytest.mark.parametrize(("hidden", "activation"), SHALLOW)
    def test_in_float32(self, hidden: tuple[int, ...], activation: str, cost: dict[str, float]) -> None:
        objective, theta = Case(N=5000, hidden=hidden, activation=activation, **cost, dtype="float32").make()
        exact = in_float64(objective)
        for n_rows in ROW_COUNTS:
            rows = slice(0, n_rows)
            expected_cost, expected_gradient = exact.batch(rows).cost_and_gradient(theta.astype(np.float64))
            found, gradient = FusedObjective(objective).batch(rows).cost_and_gradient(theta)
            assert found == pytest.approx(expected_cost, rel=2e-6, abs=1e-7)
            size = float(np.abs(expected_gradient).max())  # y hat - y rounds by eps even where it is next to nothing
            np.testing.assert_allclose(gradient, expected_gradient, rtol=0, atol=5e-6 * size + 3e-7)

    @pytest.mark.parametrize(
        ("N", "D", "C"), [(1, 1, 2), (1, 4, 3), (200, 1, 2), (200, 1, 5), (300, 20, 1000), (3, 784, 1000), (2, 2000, 3)]
    )
    @pytest.mark.parametrize("cost", [{}, ALL_AT_ONCE])
    def test_on_one_example_one_feature_and_a_thousand_classes(
        self, N: int, D: int, C: int, cost: dict[str, float], team: ThreadTeam
    ) -> None:
        objective, theta = Case(N=N, D=D, C=C, **cost).make()
        theta /= math.sqrt(D)
        fused = FusedObjective(objective, team)
        assert_equal_to_rounding(fused, objective, theta)
        assert fused.evaluate(theta).cost == pytest.approx(objective.evaluate(theta).cost, rel=1e-12)
        assert fused.evaluate(theta).accuracy == objective.evaluate(theta).accuracy

    @pytest.mark.parametrize("hidden", [(300,), (300, 200), (1, 1)])
    def test_on_wide_and_narrow_hidden_layers(self, hidden: tuple[int, ...], team: ThreadTeam) -> None:
        objective, theta = Case(N=2500, D=30, hidden=hidden, **ALL_AT_ONCE).make()
        assert_equal_to_rounding(FusedObjective(objective, team), objective, theta * 0.1)

    def test_on_duplicated_rows_and_constant_columns(self, team: ThreadTeam) -> None:
        objective, theta = Case(N=3000).make()
        X = np.column_stack([np.ones(3000), np.zeros(3000), objective.X[:, 0], objective.X[:, 0]])
        X[1500:] = X[0]
        degenerate = replace(objective, X=X)
        assert_equal_to_rounding(FusedObjective(degenerate, team), degenerate, theta)


class TestEvaluate:
    @pytest.mark.parametrize(("hidden", "activation"), SHALLOW)
    def test_is_the_references(self, hidden: tuple[int, ...], activation: str, team: ThreadTeam) -> None:
        for cost in COSTS:
            objective, theta = Case(N=5000, hidden=hidden, activation=activation, **cost).make()
            found, expected = FusedObjective(objective, team).evaluate(theta), objective.evaluate(theta)
            assert found.cost == pytest.approx(expected.cost, rel=1e-12)
            assert found.accuracy == expected.accuracy
            assert (type(found.cost), type(found.accuracy)) == (float, float)

    def test_is_the_cost_that_comes_with_the_gradient(self, team: ThreadTeam) -> None:
        objective, theta = Case(N=5000, **ALL_AT_ONCE).make()
        fused = FusedObjective(objective, team)
        assert fused.evaluate(theta).cost == pytest.approx(fused.cost_and_gradient(theta)[0], rel=1e-14)

    @pytest.mark.parametrize("C", [2, 3, 10, 1000])
    @pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 3e-7), ("float64", 1e-15)])
    def test_zero_weights_cost_ln_c_and_guess_the_first_class(self, C: int, dtype: str, tolerance: float) -> None:
        objective, theta = Case(N=64, C=C, l2=3.0, l1=2.0, dtype=dtype).make()
        cost, accuracy = FusedObjective(objective).evaluate(np.zeros_like(theta))
        assert cost == pytest.approx(math.log(C), rel=tolerance)
        assert accuracy == np.mean(objective.y == 0)

    @given(X=arrays(np.float64, (20, 4), elements=st.integers(-1, 1).map(float)), data=st.data())
    def test_of_equal_logits_the_first_counts(self, X: Array, data: st.DataObject) -> None:
        y = data.draw(arrays(np.int64, 20, elements=st.integers(0, 3)))
        fused, theta = with_logits(X, y)
        right = sum(row.index(max(row)) == true for row, true in zip(X.tolist(), y.tolist(), strict=True))
        assert fused.evaluate(theta).accuracy == right / 20

    def test_no_examples_have_neither_cost_nor_accuracy(self) -> None:
        objective, theta = Case().make()
        empty = FusedObjective(replace(objective, X=objective.X[:0], y=objective.y[:0]))
        assert all(map(math.isnan, empty.evaluate(theta)))


def with_logits(Z: Array, y: NDArray[np.int64], **cost: Any) -> tuple[FusedObjective, Array]:
    """An objective whose logits at the theta returned are exactly ``Z`` (N, C): inputs times the unit matrix."""
    C = Z.shape[1]
    theta = np.concatenate([np.eye(C, dtype=Z.dtype).ravel(), np.zeros(C, Z.dtype)])
    return FusedObjective(SoftmaxObjective(Network(C, C), np.ascontiguousarray(Z), y, **cost)), theta


EDGE = {"float32": 88.72, "float64": 709.78}  # the largest z whose e^z is finite
HARD_ROWS = {
    "1e4 at one class": [1e4, 0.0, -3.0],
    "-1e4 at one class": [-1e4, 0.0, 2.0],
    "1e4 everywhere": [1e4, 1e4, 1e4 - 1.0],
    "-1e4 everywhere": [-1e4, -1e4 + 2.0, -1e4],
    "1e4 and -1e4": [1e4, -1e4, 0.0],
    "e^z vanishes for all": [-200.0, -200.5, -201.0],
    "e^z vanishes for all in float64": [-800.0, -800.5, -801.0],
    "just finite": ["edge", "edge", "edge"],
    "just infinite": ["beyond", 0.0, 1.0],
    "just not 0": ["-edge", "-edge", "-edge"],
    "just 0": ["-beyond", "-beyond", "-beyond"],
    "safe": [1.0, -2.0, 0.5],
}


def hard_logits(names: list[str], dtype: str) -> Array:
    edge = EDGE[dtype]
    words = {"edge": edge, "beyond": edge + 0.5, "-edge": -edge, "-beyond": -edge - 20.0}
    return np.array([[words.get(z, z) if isinstance(z, str) else z for z in HARD_ROWS[name]] for name in names], dtype)


def looped_cost(Z: Array, y: NDArray[np.int64], smoothing: float) -> float:
    """The mean loss in float64, one row at a time, by the largest logit's exponent."""
    losses = []
    for z, true in zip(Z.astype(np.float64).tolist(), y.tolist(), strict=True):
        log_sum = max(z) + math.log(math.fsum(math.exp(value - max(z)) for value in z))
        losses.append(log_sum - (1.0 - smoothing) * z[true] - smoothing * math.fsum(z) / len(z))
    return math.fsum(losses) / len(losses)


@pytest.mark.parametrize("smoothing", [0.0, 0.15])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
class TestExtremeLogits:
    """Callers silence overflow; that is all they have to do."""

    def check(self, Z: Array, y: NDArray[np.int64], smoothing: float) -> None:
        fused, theta = with_logits(Z, y, label_smoothing=smoothing)
        with np.errstate(**SILENCED):
            cost, gradient = fused.cost_and_gradient(theta)
            evaluation = fused.evaluate(theta)
        eps = float(np.finfo(Z.dtype).eps)
        size = max(1.0, float(np.abs(Z).max()))
        # Logits round by eps of their size, and so do the sums that losses are differences of.
        assert cost == pytest.approx(looped_cost(Z, y, smoothing), rel=4 * eps, abs=4 * eps * size)
        assert evaluation.cost == pytest.approx(cost, rel=4 * eps, abs=4 * eps * size)
        assert evaluation.accuracy == np.mean(Z.argmax(axis=1) == y)
        _, expected = in_float64(fused.reference).cost_and_gradient(theta.astype(np.float64))
        assert gradient.dtype == Z.dtype
        n_weights = Z.shape[1] ** 2
        np.testing.assert_allclose(gradient[:n_weights], expected[:n_weights], rtol=0, atol=16 * eps * size)
        np.testing.assert_allclose(gradient[n_weights:], expected[n_weights:], rtol=0, atol=16 * eps)

    @pytest.mark.parametrize("name", HARD_ROWS)
    def test_every_class_of_a_hard_row(self, name: str, dtype: str, smoothing: float) -> None:
        for true in range(3):
            self.check(hard_logits([name], dtype), np.array([true]), smoothing)

    @pytest.mark.parametrize("name", HARD_ROWS)
    def test_a_hard_row_among_easy_ones(self, name: str, dtype: str, smoothing: float) -> None:
        for place in (0, 2, 4):
            rows = ["safe"] * 5
            rows[place] = name
            self.check(hard_logits(rows, dtype), np.arange(5) % 3, smoothing)

    def test_all_hard_rows_at_once(self, dtype: str, smoothing: float) -> None:
        rows = [name for name in HARD_ROWS for _ in range(3)]
        self.check(hard_logits(rows, dtype), np.arange(len(rows)) % 3, smoothing)

    @given(data=st.data())
    def test_any_logits_up_to_1e4(self, dtype: str, smoothing: float, data: st.DataObject) -> None:
        width = 32 if dtype == "float32" else 64
        near_an_edge = [
            st.floats(low, high, width=width) for low, high in ((-105, -86), (86, 90), (-1e4, 1e4), (-1, 1))
        ]
        Z = data.draw(arrays(dtype, (6, 3), elements=st.one_of(near_an_edge)))
        y = data.draw(arrays(np.int64, 6, elements=st.integers(0, 2)))
        self.check(Z, y, smoothing)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_overflow_is_silent_and_harmless_on_every_thread(team: ThreadTeam, dtype: str) -> None:
    objective, theta = Case(N=5000, dtype=dtype).make()
    theta *= np.array(1e4, dtype)
    with np.errstate(**SILENCED):
        fused = FusedObjective(objective, team)
        cost, gradient = fused.cost_and_gradient(theta)
        evaluation = fused.evaluate(theta)
    expected_cost, expected_gradient = in_float64(objective).cost_and_gradient(theta.astype(np.float64))
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    assert cost == pytest.approx(expected_cost, rel=tolerance)
    assert evaluation.cost == pytest.approx(expected_cost, rel=tolerance)
    assert largest_deviation(gradient, expected_gradient) < tolerance


@pytest.mark.parametrize("lead", [10.0, 20.0, 30.0, 59.0, 100.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_cost_of_certain_classes_is_never_negative(dtype: str, lead: float) -> None:
    """The difference of two large sums is next to nothing here, and their rounding must not show."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 3, size=999)
        Z = rng.normal(size=(999, 3))
        Z[np.arange(999), y] += lead
        fused, theta = with_logits(Z.astype(dtype), y)
        with np.errstate(**SILENCED):
            cost, _ = fused.cost_and_gradient(theta)
            assert cost >= 0.0
            assert fused.evaluate(theta).cost >= 0.0
        assert cost == pytest.approx(looped_cost(Z, y, 0.0), rel=1e-6, abs=lead * float(np.finfo(dtype).eps))


def test_a_cost_that_is_no_number_stays_none() -> None:
    objective, theta = Case(N=20).make()
    theta[0] = np.nan
    with np.errstate(**SILENCED):
        fused = FusedObjective(objective)
        assert math.isnan(fused.cost_and_gradient(theta)[0])
        assert math.isnan(fused.evaluate(theta).cost)


class TestRepeatability:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_calls_in_between_leave_no_trace(self, team: ThreadTeam, dtype: str) -> None:
        objective, theta = images(dtype)
        rng = np.random.default_rng(0)
        fused = FusedObjective(objective, team)
        parts = [slice(0, 5000), slice(0, 500), rng.integers(0, 5000, size=500), slice(17, 49), np.array([3])]
        first = [fused.batch(rows).cost_and_gradient(theta) for rows in parts]
        evaluation = fused.evaluate(theta)
        for rows in (rng.integers(0, 5000, size=500), slice(100, 600), slice(0, 5000), slice(40, 72), np.array([9])):
            with np.errstate(**SILENCED):
                fused.batch(rows).cost_and_gradient(-1e3 * theta)
        again = [fused.batch(rows).cost_and_gradient(theta) for rows in reversed(parts)][::-1]
        assert [cost for cost, _ in again] == [cost for cost, _ in first]
        assert [gradient.tobytes() for _, gradient in again] == [gradient.tobytes() for _, gradient in first]
        assert fused.evaluate(theta) == evaluation

    def test_another_objective_with_as_many_threads_gives_the_same_bits(self, team: ThreadTeam) -> None:
        objective, theta = images("float32")
        cost, gradient = FusedObjective(objective, team).cost_and_gradient(theta)
        with ThreadTeam(team.size) as other_team:
            other_cost, other_gradient = FusedObjective(objective, other_team).cost_and_gradient(theta)
        assert other_cost == cost
        assert other_gradient.tobytes() == gradient.tobytes()

    def test_every_gradient_is_a_new_array(self, team: ThreadTeam) -> None:
        objective, theta = Case(N=5000).make()
        fused = FusedObjective(objective, team)
        for rows in (slice(0, 30), slice(0, 5000)):
            _, gradient = fused.batch(rows).cost_and_gradient(theta)
            kept = gradient.copy()
            _, other = fused.batch(rows).cost_and_gradient(2.0 * theta)
            assert not np.shares_memory(gradient, other)
            assert gradient.tobytes() == kept.tobytes()

    def test_data_and_theta_are_left_as_they_were(self, team: ThreadTeam) -> None:
        objective, theta = Case(N=3000, hidden=(5,), **ALL_AT_ONCE).make()
        for array in (objective.X, objective.y, objective.class_weights, theta):
            array.flags.writeable = False
        fused = FusedObjective(objective, team)
        fused.cost_and_gradient(theta)
        fused.evaluate(theta)
        fused.batch(np.arange(40)).cost_and_gradient(theta)
        fused.whole().hessian_vector_product(theta, theta)


class TestBatches:
    def test_a_batch_is_as_long_as_its_rows(self) -> None:
        fused = FusedObjective(Case(N=50).make()[0])
        lengths = [len(fused.batch(rows)) for rows in (slice(10, 25), np.array([1, 1, 2]))]
        assert [*lengths, len(fused.whole())] == [15, 3, 50]

    def test_a_watched_batch_keeps_the_length_of_its_gradient(self) -> None:
        objective, theta = Case(N=50, **ALL_AT_ONCE).make()
        fused = FusedObjective(objective)
        watched, unwatched = fused.batch(slice(0, 9), watched=True), fused.batch(slice(0, 9))
        assert math.isnan(watched.gradient_norm)
        gradient = watched.cost_and_gradient(theta)[1]
        unwatched.cost_and_gradient(theta)
        assert watched.gradient_norm == pytest.approx(math.sqrt(math.fsum(g * g for g in gradient)), rel=1e-14)
        assert math.isnan(unwatched.gradient_norm)

    def test_equal_batches_average_to_the_whole(self) -> None:
        objective, theta = Case(N=5000, **ALL_AT_ONCE).make()
        fused = FusedObjective(objective)
        order = np.random.default_rng(0).permutation(5000)
        results = [fused.batch(rows).cost_and_gradient(theta) for rows in order.reshape(50, 100)]
        cost, gradient = fused.cost_and_gradient(theta)
        assert np.mean([cost for cost, _ in results]) == pytest.approx(cost, rel=1e-12)
        assert largest_deviation(np.mean([gradient for _, gradient in results], axis=0), gradient) < 1e-12


class TestPenalties:
    @pytest.mark.parametrize("hidden", [(), (5, 4)])
    def test_another_penalty_is_another_objective_on_the_same_buffers(self, hidden: tuple[int, ...]) -> None:
        objective, theta = Case(N=200, hidden=hidden, weighted=True).make()
        plain = FusedObjective(objective)
        cost, gradient = plain.cost_and_gradient(theta)
        other = plain.penalised(0.7, 0.4)
        assert_equal_to_rounding(other, replace(objective, l2=0.7, l1=0.4), theta)
        assert other.evaluate(theta).cost > cost
        again_cost, again_gradient = plain.cost_and_gradient(theta)
        assert again_cost == cost
        assert again_gradient.tobytes() == gradient.tobytes()

    @pytest.mark.parametrize("hidden", [(), (5, 4)])
    def test_weight_norm_is_the_length_of_all_weights_and_no_bias(self, hidden: tuple[int, ...]) -> None:
        objective, theta = Case(hidden=hidden).make()
        layers = objective.network.layers(theta)
        expected = math.sqrt(math.fsum(w * w for layer in layers for w in layer.weights.ravel()))
        assert FusedObjective(objective).weight_norm(theta) == pytest.approx(expected, rel=1e-14)


class TestBlocks:
    @pytest.mark.parametrize(
        ("D", "C", "hidden"), [(1, 2, ()), (784, 10, ()), (784, 10, (1024, 1024)), (50_000, 3, ())]
    )
    def test_a_block_is_a_power_of_2_from_64_to_4096_rows(self, D: int, C: int, hidden: tuple[int, ...]) -> None:
        objective = SoftmaxObjective(Network(D, C, hidden), np.zeros((1, D), np.float32), np.array([0]))
        n_rows = FusedObjective(objective).block_rows
        assert 64 <= n_rows <= 4096
        assert n_rows.bit_count() == 1

    def test_images_make_several_blocks(self) -> None:
        assert all(FusedObjective(images(dtype)[0]).block_rows < 500 for dtype in ("float32", "float64"))
