"""What is left of a training: a classifier that can be kept, given away and asked, without the data it learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.arrays import FloatArray, RealArray, read_only
from engine.errors import DataError
from engine.network import Network
from engine.softmax import softmax

if TYPE_CHECKING:
    from engine.data.encoding import FeatureEncoder
    from engine.data.preparation import PreparedData, Preprocessor
    from engine.data.table import Table


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Classifier:
    """A table goes in, a probability for each of C classes comes out.

    ``encoder`` turns a table into D features, ``preprocessor`` brings them to the scale of training, ``network`` with
    the weights ``theta`` (read-only) makes logits of them. ``data_name`` names the data set it was trained on.

    Raises DataError where theta, class names and preprocessor do not fit the network.
    """

    network: Network
    theta: FloatArray
    preprocessor: Preprocessor
    encoder: FeatureEncoder
    class_names: tuple[str, ...]
    target_name: str
    data_name: str

    def __post_init__(self) -> None:
        theta = np.ascontiguousarray(self.theta, dtype=np.float64)
        D, C = self.network.n_features, self.network.n_classes
        if theta.shape != (self.network.n_parameters,):
            raise DataError(
                f"theta has shape {theta.shape}; layers of {', '.join(map(str, self.network.sizes))} units need "
                f"({self.network.n_parameters},)."
            )
        if len(self.class_names) != C:
            raise DataError(f"{len(self.class_names)} classes are named; the network has {C}.")
        if len(self.preprocessor.imputer.feature_names) != D:
            raise DataError(f"The preprocessor knows {len(self.preprocessor.imputer.feature_names)} features, not {D}.")
        object.__setattr__(self, "theta", read_only(theta))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the D features, in the order of the columns of X."""
        return self.preprocessor.imputer.feature_names

    def logits(self, X: FloatArray) -> FloatArray:
        """Z (N, C) for encoded features X (N, D) in their own units, NaN where a number is missing.

        Raises DataError where X is not a table of D columns.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # weights kept from a divergence may be that large
            return self.network.logits(self.theta, self.preprocessor.transform(X)).astype(np.float64, copy=False)

    def probabilities(self, X: FloatArray) -> FloatArray:
        """y hat (N, C) for X as ``logits`` takes it; each row sums to 1, or is NaN where a logit is not finite."""
        with np.errstate(over="ignore", invalid="ignore"):
            return softmax(self.logits(X)).astype(np.float64, copy=False)

    def predict_table(self, table: Table) -> tuple[FloatArray, tuple[str, ...]]:
        """y hat (N, C) for the rows of ``table``, and notes on what its encoding met, such as unknown categories.

        Columns that were not trained on, the target among them, are not looked at.
        Raises DataError where a column is absent, or holds text where numbers are expected.
        """
        X, notes = self.encoder.encode(table)
        return self.probabilities(X), notes


def classifier_from(data: PreparedData, network: Network, theta: RealArray) -> Classifier:
    """Return what was trained on ``data``, ``network`` with the weights ``theta``, ready to be kept."""
    dataset = data.dataset
    return Classifier(
        network=network,
        theta=np.array(theta, dtype=np.float64),
        preprocessor=data.preprocessor,
        encoder=dataset.encoder,
        class_names=dataset.class_names,
        target_name=dataset.target_name,
        data_name=dataset.name,
    )
