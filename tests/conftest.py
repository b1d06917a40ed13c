"""What all tests share: repeatable property tests, no thread left behind, and data prepared for training."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

# As the application has it, see gui/__init__.py; scikit-learn's pool and NumPy's would fight for the cores besides.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import ArrayLike

from engine.data.dataset import Dataset
from engine.data.encoding import FeatureEncoder, encode
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig, PreparedData, prepare

settings.register_profile("softmax-lab", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("softmax-lab")

THREAD_GRACE_SECONDS = 1.0


@pytest.fixture(autouse=True)
def _no_thread_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREAD_GRACE_SECONDS
    while (left := set(threading.enumerate()) - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"threads left behind: {sorted(thread.name for thread in left)}"


@pytest.fixture
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads share even what is too little to be worth it."""
    monkeypatch.setattr("engine.fused.objective.FEWEST_BYTES_A_THREAD", 1 << 14)


@pytest.fixture(scope="session")
def iris() -> PreparedData:
    """Iris as the program opens it: 120 training and 30 validation rows, 4 standardised features, 3 classes."""
    return prepare(encode(load_entry("iris"), "species"), PreparationConfig())


@pytest.fixture(scope="session")
def prepared_from() -> Callable[..., PreparedData]:
    """A function of X (N, D), y (N,) and preparation settings; by default every row trains and nothing is scaled."""

    def make(X: ArrayLike, y: ArrayLike, **preparation: Any) -> PreparedData:
        X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.int64)
        dataset = Dataset(
            name="made up",
            X=X,
            y=y,
            feature_names=tuple(f"x{d}" for d in range(X.shape[1])),
            class_names=tuple(f"class {c}" for c in range(int(y.max()) + 1)),
            target_name="class",
            encoder=FeatureEncoder(()),
            rows=np.arange(len(y)),
        )
        return prepare(dataset, PreparationConfig(**{"validation_share": 0.0, "standardize": False} | preparation))

    return make
