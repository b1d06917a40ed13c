"""From a data set to what training sees: split, missing numbers filled in, columns brought to one scale.

Whatever is learnt from data here is learnt from the training rows only, so that the validation rows stay unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray, IntArray, read_only
from engine.data.dataset import Dataset
from engine.data.split import Split, split
from engine.data.standardize import Imputer, Standardizer
from engine.errors import DataError
from engine.specs import IntegerSpec, RealSpec, Spec, SwitchSpec, check_all

_MOST_COLUMNS_ONE_BY_ONE = 4
_COLUMNS_NAMED_IN_SUMMARY = 3

PREPARATION_SPECS: tuple[Spec, ...] = (
    RealSpec(
        key="validation_share",
        label="Validation share",
        help="Share of the examples held back from training. How well the classifier does on these unseen examples "
        "shows what it has learnt rather than memorised.",
        default=0.2,
        low=0.0,
        high=0.9,
    ),
    IntegerSpec(
        key="split_seed",
        label="Split seed",
        help="Start value of the random numbers that choose the validation examples. "
        "The same seed chooses the same ones.",
        default=0,
        low=0,
        high=2**31 - 1,
    ),
    SwitchSpec(
        key="stratified",
        label="Stratified",
        help="Hold back the same share of every class, so that rare classes are in both parts. "
        "Otherwise chance alone decides.",
        default=True,
    ),
    SwitchSpec(
        key="standardize",
        label="Standardise",
        help="Shift and scale every feature to mean 0 and standard deviation 1 in the training examples. "
        "Gradient descent then advances equally fast along all of them.",
        default=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationConfig:
    """How a data set is prepared; raises SettingError where a value is outside its spec."""

    validation_share: float = 0.2
    split_seed: int = 0
    stratified: bool = True
    standardize: bool = True

    def __post_init__(self) -> None:
        check_all(PREPARATION_SPECS, self)


@dataclass(frozen=True, slots=True, eq=False)
class Preprocessor:
    """What turns encoded features into what the classifier sees, as learnt from the training rows."""

    imputer: Imputer
    standardizer: Standardizer | None

    @classmethod
    def fit(cls, X: FloatArray, feature_names: tuple[str, ...], *, standardize: bool) -> Preprocessor:
        """Learn from the training rows ``X`` (N, D), N >= 1, NaN where a number is missing."""
        imputer = Imputer.fit(X, feature_names)
        return cls(imputer, Standardizer.fit(imputer.transform(X)) if standardize else None)

    def transform(self, X: FloatArray) -> FloatArray:
        """Return ``X`` (N, D), NaN where a number is missing, as the classifier sees it: a new array, all finite.

        Raises DataError where X is not a table of D columns.
        """
        X = np.asarray(X, dtype=np.float64)
        D = len(self.imputer.feature_names)
        if X.ndim != 2 or X.shape[1] != D:
            raise DataError(f"The rows have shape {X.shape}; the classifier was trained on rows of {D} features.")
        complete = self.imputer.transform(X)
        return self.standardizer.transform(complete) if self.standardizer else complete


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PreparedData:
    """A data set ready for training; arrays are read-only and C-contiguous.

    ``X_all`` is (N, D), every example in the order of ``dataset``; ``X_train`` and ``X_validation`` are its rows of
    ``split``, ``y_train`` and ``y_validation`` their labels. ``notes`` say in plain words what the preparation did.
    """

    dataset: Dataset
    config: PreparationConfig
    preprocessor: Preprocessor
    split: Split
    X_train: FloatArray
    y_train: IntArray
    X_validation: FloatArray
    y_validation: IntArray
    X_all: FloatArray
    notes: tuple[str, ...]

    @property
    def n_classes(self) -> int:
        """C."""
        return self.dataset.n_classes


def prepare(dataset: Dataset, config: PreparationConfig) -> PreparedData:
    """Split ``dataset``, learn the preprocessing from its training rows, and apply it to every row."""
    parts = split(
        dataset.y, validation_share=config.validation_share, seed=config.split_seed, stratified=config.stratified
    )
    train_rows = dataset.X[parts.train]
    preprocessor = Preprocessor.fit(train_rows, dataset.feature_names, standardize=config.standardize)
    X_all = np.ascontiguousarray(preprocessor.transform(dataset.X))
    X_train = read_only(X_all[parts.train])
    return PreparedData(
        dataset=dataset,
        config=config,
        preprocessor=preprocessor,
        split=parts,
        X_train=X_train,
        y_train=read_only(dataset.y[parts.train]),
        X_validation=read_only(X_all[parts.validation]),
        y_validation=read_only(dataset.y[parts.validation]),
        X_all=read_only(X_all),
        notes=_notes(dataset, parts, preprocessor.imputer, X_train),
    )


def _notes(dataset: Dataset, parts: Split, imputer: Imputer, X_train: FloatArray) -> tuple[str, ...]:
    constant = np.equal(X_train.min(axis=0), X_train.max(axis=0)) & ~imputer.never_seen
    return (
        *_absent_class_notes(dataset, parts),
        *_missing_notes(dataset, imputer),
        *_one_by_one_or_summed_up(
            {
                name: f"{name} is constant in the training rows and carries no information."
                for name, same in zip(dataset.feature_names, constant, strict=True)
                if same
            },
            "are constant in the training rows",
        ),
    )


def _absent_class_notes(dataset: Dataset, parts: Split) -> list[str]:
    in_training = np.bincount(dataset.y[parts.train], minlength=dataset.n_classes)
    return [
        f"No example of {name} is in the training rows, so it cannot be learnt."
        for name, count in zip(dataset.class_names, in_training, strict=True)
        if count == 0
    ]


def _missing_notes(dataset: Dataset, imputer: Imputer) -> list[str]:
    missing = np.count_nonzero(~np.isfinite(dataset.X), axis=0)
    filled, empty = {}, {}
    for name, count, median, never_seen in zip(
        dataset.feature_names, missing, imputer.medians, imputer.never_seen, strict=True
    ):
        if never_seen:
            empty[name] = f"{name} has no value in the training rows; 0 is used instead."
        elif count:
            filled[name] = f"{name}: {count:,} missing, replaced by the training median {median:g}."
    return [
        *_one_by_one_or_summed_up(filled, "have missing values, replaced by their training medians"),
        *_one_by_one_or_summed_up(empty, "have no value in the training rows and 0 is used instead"),
    ]


def _one_by_one_or_summed_up(sentences: dict[str, str], what: str) -> list[str]:
    """The sentence of each column, or one for all of them where they are many."""
    if len(sentences) <= _MOST_COLUMNS_ONE_BY_ONE:
        return list(sentences.values())
    named = list(sentences)[:_COLUMNS_NAMED_IN_SUMMARY]
    return [f"{len(sentences):,} columns {what}: {', '.join(named)} and {len(sentences) - len(named):,} more."]
