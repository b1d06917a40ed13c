from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from engine.data.encoding import encode
from engine.data.generators import GENERATOR_SPECS, GENERATORS, GeneratorConfig, generate
from engine.errors import DataError, SettingError
from engine.specs import check_all

LIMITS = {"blobs": (2, 10), "cats_dogs": (4, 4), "circles": (2, 5), "xor": (2, 2), "spirals": (2, 5)}
KEYS = sorted(LIMITS)
EVERY_COUNT = [(key, count) for key, (low, high) in LIMITS.items() for count in range(low, high + 1)]


def points(key: str, **settings: Any) -> tuple[np.ndarray, np.ndarray]:
    frame = generate(key, replace(GENERATORS[key].default_config, **settings)).frame
    return frame.select("x₁", "x₂").to_numpy(), np.array(frame["class"].cast(str).to_list())


def test_the_generators_are_the_ones_promised() -> None:
    assert sorted(GENERATORS) == KEYS
    assert all(key == generator.key for key, generator in GENERATORS.items())


@pytest.mark.parametrize(("key", "count"), EVERY_COUNT)
def test_classes_are_balanced_and_all_present(key: str, count: int) -> None:
    _, y = points(key, class_count=count, n_points=101)
    sizes = Counter(y.tolist())
    assert len(sizes) == count
    assert sum(sizes.values()) == 101
    assert max(sizes.values()) - min(sizes.values()) <= 1


@pytest.mark.parametrize("key", KEYS)
def test_table_is_two_numbers_and_a_class(key: str) -> None:
    table = generate(key)
    assert table.frame.columns == ["x₁", "x₂", "class"]
    assert table.frame.height == 300
    assert table.name == GENERATORS[key].title
    X, _ = points(key)
    assert X.dtype == np.float64
    assert np.isfinite(X).all()


@pytest.mark.parametrize("key", KEYS)
def test_same_seed_same_bits(key: str) -> None:
    first, again, other = (points(key, generator_seed=seed)[0].tobytes() for seed in (7, 7, 8))
    assert first == again
    assert first != other


@pytest.mark.parametrize(("key", "count"), EVERY_COUNT)
@pytest.mark.parametrize("n_points", [20, 100_000])
def test_every_size_in_range_is_drawn(key: str, count: int, n_points: int) -> None:
    X, y = points(key, class_count=count, n_points=n_points)
    assert X.shape == (n_points, 2)
    assert len(set(y.tolist())) == count


@pytest.mark.parametrize(
    ("key", "count"),
    [(key, limits[0] - 1) for key, limits in LIMITS.items()] + [(k, v[1] + 1) for k, v in LIMITS.items()],
)
def test_class_count_outside_the_limits_is_refused_with_the_range(key: str, count: int) -> None:
    low, high = LIMITS[key]
    wanted = f"always has {low} classes" if low == high and count >= 2 else "from 2 to"
    with pytest.raises(SettingError, match=wanted) as caught:
        points(key, class_count=count)
    assert caught.value.key == "class_count"
    if 2 <= count <= 10:
        assert str(high) in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("n_points", 19),
        ("n_points", 100_001),
        ("n_points", 20.5),
        ("class_count", 1),
        ("class_count", 11),
        ("noise", -0.01),
        ("noise", 1.01),
        ("noise", float("nan")),
        ("generator_seed", -1),
    ],
)
def test_settings_outside_their_spec_are_refused(key: str, value: Any) -> None:
    with pytest.raises(SettingError) as caught:
        GeneratorConfig(**{key: value})
    assert caught.value.key == key


@pytest.mark.parametrize("key", KEYS)
def test_form_of_a_generator_offers_exactly_what_it_accepts(key: str) -> None:
    generator = GENERATORS[key]
    config = generator.default_config
    check_all(generator.specs, config)
    assert all(getattr(config, spec.key) == spec.default for spec in generator.specs)
    counts = [spec for spec in generator.specs if spec.key == "class_count"]
    low, high = LIMITS[key]
    assert [(spec.low, spec.high) for spec in counts] == ([] if low == high else [(low, high)])


def test_specs_of_all_generators_have_the_keys_of_the_configuration() -> None:
    assert [spec.key for spec in GENERATOR_SPECS] == ["n_points", "class_count", "noise", "generator_seed"]
    assert all(getattr(GeneratorConfig(), spec.key) == spec.default for spec in GENERATOR_SPECS)


def test_unknown_key_offers_the_nearest() -> None:
    with pytest.raises(DataError, match=r"Did you mean spirals\?"):
        generate("spiral")


def test_cats_and_dogs_have_the_course_s_classes_in_its_order() -> None:
    dtype = generate("cats_dogs").frame["class"].dtype
    assert isinstance(dtype, pl.Enum)
    assert dtype.categories.to_list() == ["other", "cat", "dog", "baby chick"]
    assert "synthetic" in GENERATORS["cats_dogs"].description


def test_cats_and_dogs_keep_the_course_s_order_once_encoded() -> None:
    assert encode(generate("cats_dogs"), "class").class_names == ("other", "cat", "dog", "baby chick")


def test_other_classes_are_letters() -> None:
    assert sorted(set(points("blobs", class_count=10)[1].tolist())) == list("ABCDEFGHIJ")
    assert encode(generate("spirals"), "class").class_names == ("A", "B")


def test_blobs_have_centres_two_apart_and_the_asked_deviation() -> None:
    X, y = points("blobs", class_count=5, noise=0.5, n_points=50_000)
    centres = np.array([X[y == name].mean(axis=0) for name in "ABCDE"])
    steps = np.linalg.norm(centres - np.roll(centres, 1, axis=0), axis=1)
    np.testing.assert_allclose(steps, 2, atol=0.05)
    for name in "ABCDE":
        np.testing.assert_allclose(X[y == name].std(axis=0), 0.5, atol=0.02)


def test_rings_without_noise_have_radius_1_2_3() -> None:
    X, y = points("circles", class_count=3, noise=0)
    for radius, name in enumerate("ABC", start=1):
        np.testing.assert_allclose(np.linalg.norm(X[y == name], axis=1), radius, rtol=1e-12)


def test_xor_without_noise_is_the_sign_of_the_product_in_all_four_quarters() -> None:
    X, y = points("xor", noise=0)
    assert ((X[:, 0] * X[:, 1] > 0) == (y == "A")).all()
    quarters = Counter(map(tuple, np.sign(X).tolist()))
    assert sorted(quarters.values()) == [75, 75, 75, 75]


def test_spiral_arms_without_noise_are_turned_copies() -> None:
    X, y = points("spirals", class_count=3, noise=0, n_points=600)
    radius, angle = np.linalg.norm(X, axis=1), np.arctan2(X[:, 1], X[:, 0])
    # An arm gains C = 3 of radius a turn, so angle - 2 pi r / 3 is the same along an arm.
    arm = np.round(((angle - 2 * np.pi * radius / 3) / (2 * np.pi)) % 1 * 3, 6) % 3
    assert {name: set(arm[y == name].tolist()) for name in "ABC"} == {"A": {0.0}, "B": {1.0}, "C": {2.0}}


@pytest.mark.parametrize("key", ["blobs", "cats_dogs"])
def test_straight_borders_are_enough_for_clouds(key: str) -> None:
    X, y = points(key, n_points=1000)
    assert LogisticRegression().fit(X, y).score(X, y) > 0.93


@pytest.mark.parametrize("key", ["circles", "xor", "spirals"])
def test_bent_shapes_defeat_straight_borders_and_not_neighbours(key: str) -> None:
    X, y = points(key, n_points=1000)
    assert LogisticRegression().fit(X, y).score(X, y) < 0.75
    assert KNeighborsClassifier(5).fit(X[:500], y[:500]).score(X[500:], y[500:]) > 0.9


@pytest.mark.parametrize("key", KEYS)
def test_noise_moves_points_without_redrawing_them(key: str) -> None:
    still, _ = points(key, noise=0)
    moved, _ = points(key, noise=0.1)
    doubled, _ = points(key, noise=0.2)
    np.testing.assert_allclose(doubled - still, 2 * (moved - still), atol=1e-12)
