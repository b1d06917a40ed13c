from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.decision_regions import FeaturePair, PrincipalComponents, Projection, RegionGrid, Window
from engine.hyperparameters import TrainingConfig
from engine.network import Layer, Network
from engine.problem import network_for
from engine.softmax import softmax
from engine.training import train

PreparedFrom: TypeAlias = Callable[..., PreparedData]

WINDOW = Window(left=-3.0, bottom=-1.0, right=2.0, top=4.0)

PROJECTIONS: dict[str, Callable[[PreparedData], Projection]] = {
    "first pair": lambda data: FeaturePair(data, 0, 1),
    "last pair": lambda data: FeaturePair(data, 3, 2),
    "principal components": PrincipalComponents.of,
}

projections = pytest.mark.parametrize("project", PROJECTIONS.values(), ids=PROJECTIONS)
hidden = pytest.mark.parametrize(
    ("hidden_layers", "activation"), [((), "tanh"), ((16,), "tanh"), ((9, 5), "relu"), ((7, 3), "sigmoid")], ids=str
)


@pytest.fixture(scope="module", params=[True, False], ids=["standardised", "raw"])
def data(request: pytest.FixtureRequest, iris: PreparedData) -> PreparedData:
    return prepare(iris.dataset, PreparationConfig(standardize=request.param))


def cell_centres(window: Window, width: int, height: int) -> NDArray[np.float64]:
    """The centres (H * W, 2) of the cells, row by row from the bottom left."""
    dx, dy = (window.right - window.left) / width, (window.top - window.bottom) / height
    return np.array(
        [[window.left + (i + 0.5) * dx, window.bottom + (j + 0.5) * dy] for j in range(height) for i in range(width)]
    )


def network_of(data: PreparedData, hidden_layers: tuple[int, ...] = (), activation: str = "tanh") -> Network:
    return network_for(data, TrainingConfig(hidden_layers=hidden_layers, activation=activation))


def random_theta(network: Network, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=network.n_parameters)


def assert_regions_are_the_classifiers(
    network: Network,
    projection: Projection,
    theta: NDArray[np.float64],
    window: Window = WINDOW,
    width: int = 13,
    height: int = 7,
) -> None:
    """At every point the probability of the network itself, and its class where two do not tie to float32."""
    regions = RegionGrid.over(projection, window, width, height).regions(network, theta)
    points = projection.lift(cell_centres(window, width, height))
    expected = softmax(network.logits(theta, points)).reshape(height, width, -1)
    assert regions.winner.shape == regions.probability.shape == (height, width)
    np.testing.assert_allclose(regions.probability, expected.max(axis=-1), rtol=1e-4)
    first, second = np.sort(expected, axis=-1)[..., ::-1][..., :2].transpose(2, 0, 1)
    clear = first - second > 1e-4
    assert clear.mean() > 0.9
    assert np.array_equal(regions.winner[clear], expected.argmax(axis=-1)[clear])


class TestRegionGrid:
    @projections
    @hidden
    @pytest.mark.parametrize("seed", range(3))
    def test_shows_what_the_network_says_at_every_point(
        self,
        data: PreparedData,
        project: Callable[[PreparedData], Projection],
        hidden_layers: tuple[int, ...],
        activation: str,
        seed: int,
    ) -> None:
        network = network_of(data, hidden_layers, activation)
        assert_regions_are_the_classifiers(network, project(data), random_theta(network, seed))

    @hidden
    @pytest.mark.parametrize(("width", "height"), [(100, 90), (4096, 3), (5000, 2), (3, 5000), (64, 64)])
    def test_large_grids_are_right_at_every_point_too(
        self, iris: PreparedData, hidden_layers: tuple[int, ...], activation: str, width: int, height: int
    ) -> None:
        """With hidden layers a grid is worked out in parts; none may be lost, doubled or misplaced."""
        network = network_of(iris, hidden_layers, activation)
        assert_regions_are_the_classifiers(
            network, PrincipalComponents.of(iris), random_theta(network), width=width, height=height
        )

    @hidden
    def test_weights_of_either_precision_show_the_same(
        self, iris: PreparedData, hidden_layers: tuple[int, ...], activation: str
    ) -> None:
        network = network_of(iris, hidden_layers, activation)
        theta = random_theta(network).astype(np.float32)
        grid = RegionGrid.over(PrincipalComponents.of(iris), WINDOW, 9, 8)
        one, other = grid.regions(network, theta), grid.regions(network, theta.astype(np.float64))
        np.testing.assert_allclose(one.probability, other.probability, rtol=1e-4)

    def test_hidden_layers_bend_the_borders(self, prepared_from: PreparedFrom) -> None:
        """Two ReLU units make |x| of x: class 1 owns both sides of the plane, class 0 a strip between them."""
        data = prepared_from(np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2)
        network = Network(2, 2, (2,), "relu")
        fold = Layer(np.array([[1.0, -1.0], [0.0, 0.0]]), np.zeros(2))
        compare = Layer(np.array([[-1.0, 1.0], [-1.0, 1.0]]), np.array([1.0, -1.0]))
        grid = RegionGrid.over(FeaturePair(data, 0, 1), Window(-4.0, -4.0, 4.0, 4.0), 8, 4)
        winner = grid.regions(network, network.theta_of([fold, compare])).winner
        assert winner.tolist() == [[1, 1, 1, 0, 0, 1, 1, 1]] * 4

    def test_after_training_each_class_owns_the_cell_of_its_mean(self, iris: PreparedData) -> None:
        theta = list(train(iris, TrainingConfig(epochs=50)))[-1].theta
        projection = PrincipalComponents.of(iris)
        winner = (
            RegionGrid.over(projection, Window(-4.0, -4.0, 4.0, 4.0), 80, 80).regions(network_of(iris), theta).winner
        )
        for c in range(3):
            x, y = projection.coordinates[iris.dataset.y == c].mean(axis=0)
            assert winner[int((y + 4) * 10), int((x + 4) * 10)] == c

    def test_theta_0_finds_every_class_equally_likely(self, iris: PreparedData) -> None:
        grid = RegionGrid.over(PrincipalComponents.of(iris), WINDOW, 5, 4)
        winner, probability = grid.regions(network_of(iris), np.zeros(15))
        assert winner.tolist() == [[0] * 5] * 4
        np.testing.assert_allclose(probability, 1 / 3, rtol=1e-6)

    def test_follows_theta_without_being_made_anew(self, iris: PreparedData) -> None:
        grid = RegionGrid.over(PrincipalComponents.of(iris), WINDOW, 20, 20)
        network = network_of(iris)
        first = grid.regions(network, random_theta(network, 0))
        kept = first.probability.copy()
        second = grid.regions(network, random_theta(network, 1))
        assert not np.array_equal(first.winner, second.winner)
        assert np.array_equal(first.probability, kept)

    @hidden
    @pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 5), (5, 1)])
    def test_may_be_one_cell_wide_or_high(
        self, iris: PreparedData, hidden_layers: tuple[int, ...], activation: str, width: int, height: int
    ) -> None:
        projection = PrincipalComponents.of(iris)
        network = network_of(iris, hidden_layers, activation)
        theta = random_theta(network)
        regions = RegionGrid.over(projection, WINDOW, width, height).regions(network, theta)
        expected = softmax(network.logits(theta, projection.lift(cell_centres(WINDOW, width, height))))
        np.testing.assert_allclose(regions.probability.ravel(), expected.max(axis=-1), rtol=1e-4)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308, -1e308])
    @projections
    @hidden
    def test_broken_weights_neither_raise_nor_warn(
        self,
        iris: PreparedData,
        project: Callable[[PreparedData], Projection],
        hidden_layers: tuple[int, ...],
        activation: str,
        bad: float,
    ) -> None:
        network = network_of(iris, hidden_layers, activation)
        grid = RegionGrid.over(project(iris), WINDOW, 6, 5)
        P = network.n_parameters
        for theta in (np.full(P, bad), *(np.where(np.arange(P) == place, bad, 1.0) for place in (4, P - 1, P - 4))):
            winner, probability = grid.regions(network, theta)
            assert winner.shape == probability.shape == (5, 6)
            assert set(np.unique(winner)) <= {0, 1, 2}

    @given(st.floats(1e-3, 1e3), st.floats(-100, 100), st.floats(-100, 100))
    def test_lies_wherever_the_window_is(self, iris: PreparedData, size: float, x: float, y: float) -> None:
        projection = PrincipalComponents.of(iris)
        grid = RegionGrid.over(projection, Window(x, y, x + size, y + size), 4, 4)
        eighth = size / 8
        corners = [[x + eighth, y + eighth], [x + 7 * eighth, y + eighth], [x + eighth, y + 7 * eighth]]
        np.testing.assert_allclose(grid.corners, projection.lift(np.array(corners)), rtol=1e-12, atol=1e-10)


class TestPrincipalComponents:
    def test_are_scikit_learns_up_to_the_sign(self, data: PreparedData) -> None:
        projection = PrincipalComponents.of(data)
        oracle = PCA(n_components=2).fit(data.X_train)
        signs = np.sign((projection.components * oracle.components_).sum(axis=1, keepdims=True))
        np.testing.assert_allclose(projection.components, signs * oracle.components_, atol=1e-10)
        np.testing.assert_allclose(projection.explained, oracle.explained_variance_ratio_, rtol=1e-10)
        expected = (oracle.transform(data.X_all) * signs.T).tolist()
        np.testing.assert_allclose(projection.coordinates, expected, atol=1e-9)

    def test_the_largest_entry_of_each_is_positive(self, data: PreparedData) -> None:
        for component in PrincipalComponents.of(data).components:
            assert component[np.abs(component).argmax()] > 0

    def test_a_lifted_point_has_the_coordinates_it_was_lifted_from(self, data: PreparedData) -> None:
        projection = PrincipalComponents.of(data)
        points = np.array([[0.0, 0.0], [1.5, -2.0], [-30.0, 4.0]])
        back = (projection.lift(points) - data.X_train.mean(axis=0)) @ projection.components.T
        np.testing.assert_allclose(back, points, atol=1e-10)

    def test_axes_tell_the_share_of_the_variance(self, iris: PreparedData) -> None:
        shares = PCA(n_components=2).fit(iris.X_train).explained_variance_ratio_
        expected = tuple(f"PC {i} ({share:.0%} of variance)" for i, share in enumerate(shares, 1))
        assert PrincipalComponents.of(iris).axis_names == expected

    def test_two_features_lose_nothing(self, prepared_from: PreparedFrom) -> None:
        X = np.random.default_rng(0).normal(size=(30, 2))
        data = prepared_from(X, np.arange(30) % 3)
        projection = PrincipalComponents.of(data)
        assert sum(projection.explained) == pytest.approx(1.0, rel=1e-12)
        np.testing.assert_allclose(projection.lift(projection.coordinates), X, atol=1e-12)

    def test_one_feature_leaves_the_second_axis_empty(self, prepared_from: PreparedFrom) -> None:
        X = np.linspace(-1, 3, 12)[:, np.newaxis]
        data = prepared_from(X, np.arange(12) % 3)
        projection = PrincipalComponents.of(data)
        assert projection.explained == (1.0, 0.0)
        np.testing.assert_allclose(projection.coordinates, np.hstack([X - 1.0, np.zeros_like(X)]), atol=1e-12)
        for network in (network_of(data), network_of(data, (6,))):
            assert_regions_are_the_classifiers(network, projection, random_theta(network))

    @pytest.mark.parametrize("D", [1, 2, 5])
    def test_constant_features_do_no_harm(self, prepared_from: PreparedFrom, D: int) -> None:
        data = prepared_from(np.ones((6, D)), np.arange(6) % 2)
        projection = PrincipalComponents.of(data)
        assert projection.explained == (0.0, 0.0)
        assert not projection.coordinates.any()
        assert projection.lift(np.zeros((1, 2))).tolist() == [[1.0] * D]


class TestFeaturePair:
    def test_shows_the_features_in_their_own_units(self, data: PreparedData) -> None:
        projection = FeaturePair(data, 2, 0)
        assert projection.axis_names == (data.dataset.feature_names[2], data.dataset.feature_names[0])
        assert projection.coordinates.tolist() == data.dataset.X[:, [2, 0]].tolist()

    def test_lifts_a_point_as_the_preprocessor_sees_it_with_all_others_at_their_mean(self, data: PreparedData) -> None:
        train_mean = data.dataset.X[data.split.train].mean(axis=0)
        example = np.array([5.0, train_mean[1], 1.5, train_mean[3]])
        lifted = FeaturePair(data, 2, 0).lift(np.array([[1.5, 5.0]]))
        np.testing.assert_allclose(lifted, data.preprocessor.transform(example[np.newaxis]), atol=1e-12)

    def test_or_with_all_others_as_an_example_has_them(self, data: PreparedData) -> None:
        row = data.dataset.X[77].copy()
        row[[2, 0]] = 1.5, 5.0
        lifted = FeaturePair(data, 2, 0, example=77).lift(np.array([[1.5, 5.0]]))
        np.testing.assert_allclose(lifted, data.preprocessor.transform(row[np.newaxis]), atol=1e-12)

    def test_draws_missing_numbers_where_the_imputer_puts_them(self, prepared_from: PreparedFrom) -> None:
        X = np.array([[1.0, 10.0], [np.nan, 20.0], [3.0, np.nan], [8.0, 90.0]])
        data = prepared_from(X, [0, 1, 0, 1])
        assert FeaturePair(data, 0, 1).coordinates.tolist() == [[1.0, 10.0], [3.0, 20.0], [3.0, 20.0], [8.0, 90.0]]
        assert FeaturePair(data, 1, 0).coordinates.tolist() == [[10.0, 1.0], [20.0, 3.0], [20.0, 3.0], [90.0, 8.0]]

    def test_the_only_feature_can_be_both(self, prepared_from: PreparedFrom) -> None:
        data = prepared_from(np.linspace(-1, 3, 12)[:, np.newaxis], np.arange(12) % 3)
        projection = FeaturePair(data, 0, 0)
        assert projection.coordinates[:, 0].tolist() == projection.coordinates[:, 1].tolist()
        for network in (network_of(data), network_of(data, (6,))):
            assert_regions_are_the_classifiers(network, projection, random_theta(network))


@projections
def test_readers_cannot_write(iris: PreparedData, project: Callable[[PreparedData], Projection]) -> None:
    projection = project(iris)
    with pytest.raises(ValueError, match="read-only"):
        projection.coordinates[...] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        RegionGrid.over(projection, WINDOW, 2, 2).corners[...] = 0.0
