"""What a frame of the decision regions costs away from the window's thread, and the density of a million examples.

Run from the repository's root as ``python tests/benchmarks/regions.py``; it prints one table. Nothing here passes or
fails. A frame is all that depends on the weights: grid, colours, borders, lines of equal probability and up to 2,000
markers.
"""

from __future__ import annotations

from functools import partial

import gui  # noqa: F401 - first, because it settles how many threads NumPy uses

# isort: split
import numpy as np
from timing import alternate, load, machine, median, spread

from engine.data.dataset import Dataset
from engine.data.encoding import FeatureEncoder
from engine.data.preparation import PreparationConfig, prepare
from engine.decision_regions import PrincipalComponents, RegionGrid, Window, density, nearest_example
from engine.network import Network
from gui.plots.decision_regions.picture import Look, Wish, draw_density, draw_picture

SIDE = 300
ROUNDS = 7
SHAPES = {"iris": (150, 4, 3), "iris, 10 classes": (150, 4, 10), "digits": (1_797, 64, 10), "MNIST": (10_000, 784, 10)}
HIDDEN = ((), (16, 16))
MOST_MARKERS = 2_000
MILLION = 1_000_000


def frame(n_examples: int, n_features: int, n_classes: int, hidden: tuple[int, ...]) -> tuple[Wish, RegionGrid]:
    """A wish for a frame on data made up in that shape, and its grid alone."""
    rng = np.random.default_rng(0)
    y = np.arange(n_examples) % n_classes
    dataset = Dataset(
        name="made up",
        X=rng.normal(size=(n_classes, n_features))[y] + rng.normal(size=(n_examples, n_features)),
        y=y,
        feature_names=tuple(f"x{d}" for d in range(n_features)),
        class_names=tuple(f"class {c}" for c in range(n_classes)),
        target_name="class",
        encoder=FeatureEncoder(()),
        rows=np.arange(n_examples),
    )
    data = prepare(dataset, PreparationConfig())
    projection = PrincipalComponents.of(data)
    network = Network(n_features, n_classes, hidden)
    theta = rng.normal(size=network.n_parameters) * (2.0 / np.sqrt(max(n_features, 1)))
    (left, bottom), (right, top) = projection.coordinates.min(axis=0), projection.coordinates.max(axis=0)
    window = Window(left, bottom, right, top)
    wish = Wish(
        network=network,
        theta=theta.astype(np.float32),
        projection=projection,
        window=window,
        side=SIDE,
        look=Look(flat=False, strongest=0.72, borders=True, contours=True),
        examples=np.arange(min(n_examples, MOST_MARKERS)),
        inputs=data.X_all[:MOST_MARKERS],
        predictions=None,
    )
    return wish, RegionGrid.over(projection, window, SIDE, SIDE)


def main() -> None:
    print(machine())
    functions = {}
    for name, shape in SHAPES.items():
        for hidden in HIDDEN:
            wish, grid = frame(*shape, hidden)
            title = f"{name} {shape}, hidden {hidden}"
            functions[f"{title}: grid"] = partial(grid.field, wish.network, wish.theta)
            functions[f"{title}: whole frame"] = partial(draw_picture, wish)
    rng = np.random.default_rng(0)
    columns, y = rng.normal(size=(2, MILLION)), rng.integers(0, 10, MILLION)
    window = Window(-4.0, -4.0, 4.0, 4.0)
    functions["10^6 examples, 10 classes, 300 x 200 cells: counted"] = partial(
        density, columns, y, 10, window, 300, 200
    )
    functions["10^6 examples, 10 classes, 300 x 200 cells: as a picture"] = partial(
        draw_density, columns, y, 10, window, (300, 200), dark=False
    )
    functions["10^6 examples: the nearest to a click"] = partial(nearest_example, columns, 0.3, 0.2, (0.01, 0.02))
    seconds = alternate(functions, ROUNDS)
    print(f"{SIDE} x {SIDE} points, {ROUNDS} rounds, medians (least to greatest), {load()}:")
    for name, figures in seconds.items():
        least, greatest = spread(figures)
        rate = f"{1 / median(figures):6.0f} a second" if "hidden" in name else ""
        print(f"{name:62} {median(figures) * 1e3:7.2f} ms ({least * 1e3:.2f} to {greatest * 1e3:.2f}) {rate}")


if __name__ == "__main__":
    main()
