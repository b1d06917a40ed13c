"""A classifier as ``model.npz``: a few plain arrays and one JSON document, in an uncompressed zip archive.

W (D, C), b (C,)                            the layer that makes the logits; D inputs, or the last hidden units
hidden_1_W (D, H), hidden_1_b (H,), ...     the hidden layers before it, if any
medians, never_seen (D,)                    what replaces a missing number
exponents, scaled_means,
scaled_deviations (D,)                      the standardiser, absent where nothing was standardised
document                                    UTF-8 JSON as bytes: format, version, names, and how columns become features

NumPy alone can read it, and nothing in it can carry code. Read here, it is data from a stranger: whatever it claims is
checked against the bytes that are there before anything is made of it.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.classifier import Classifier
from engine.data.encoding import CategoryColumn, FeatureEncoder
from engine.data.preparation import Preprocessor
from engine.data.standardize import Imputer, Standardizer
from engine.errors import EngineError, ModelFileError
from engine.export.npy import array_from_npy, npy_bytes
from engine.export.whole_file import write_whole
from engine.hyperparameters.model import MOST_HIDDEN_LAYERS
from engine.network import Layer, Network

FORMAT = "softmax-lab model"
VERSION = 2
VERSION_WITHOUT_HIDDEN_LAYERS = 1  # is still written where there are none, so that older programs can read it
MAX_BYTES = 2**30
MAX_CHARACTERS_OF_NAMES = 2**27
LARGEST_EXPONENT = 1100  # beyond any that a float64 has
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same classifier gives the same bytes, whenever it is saved

Arrays: TypeAlias = dict[str, NDArray[Any]]

_CORE = {  # member -> type and number of axes
    "W": ("<f8", 2),
    "b": ("<f8", 1),
    "medians": ("<f8", 1),
    "never_seen": ("|b1", 1),
    "document": ("|u1", 1),
}
_HIDDEN_NAME = re.compile(rf"hidden_([1-{MOST_HIDDEN_LAYERS}])_[Wb]")
_STANDARDIZER = {"exponents": ("<i8", 1), "scaled_means": ("<f8", 1), "scaled_deviations": ("<f8", 1)}
_UNREADABLE = (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, RuntimeError, EOFError, OverflowError)


def save_model(classifier: Classifier, path: Path) -> None:
    """Write ``classifier`` to ``path``, whole or not at all; raises OSError."""
    write_whole(path, model_bytes(classifier))


def model_bytes(classifier: Classifier) -> bytes:
    """Return what ``save_model`` writes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        members = _members(len(classifier.network.hidden_layers), standardized=True)
        for name, array in _arrays_of(classifier).items():
            dtype, _ = members[name]
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _EPOCH), npy_bytes(array.astype(dtype)))
    return buffer.getvalue()


def load_model(path: Path) -> Classifier:
    """Return the classifier that ``save_model`` wrote to ``path``.

    Raises ModelFileError, naming the file, where it cannot be read or is not exactly that.
    """
    try:
        return _classifier_of(_read_arrays(_read_bytes(path)))
    except EngineError as error:
        raise ModelFileError(f"{path} cannot be used as a model: {error}") from None


def _arrays_of(classifier: Classifier) -> Arrays:
    network = classifier.network
    *hidden, (weights, bias) = network.layers(classifier.theta)
    imputer, standardizer = classifier.preprocessor.imputer, classifier.preprocessor.standardizer
    document = {
        "format": FORMAT,
        "version": VERSION if hidden else VERSION_WITHOUT_HIDDEN_LAYERS,
        "data_name": classifier.data_name,
        "target_name": classifier.target_name,
        "class_names": classifier.class_names,
        "encoder": classifier.encoder.to_record(),
    }
    if hidden:
        document["activation"] = network.activation
    text = json.dumps(document, allow_nan=False, indent=1).encode()
    arrays: Arrays = {
        f"hidden_{number}_{name}": array
        for number, layer in enumerate(hidden, start=1)
        for name, array in zip("Wb", layer, strict=True)
    }
    arrays |= {"W": weights, "b": bias, "medians": imputer.medians, "never_seen": imputer.never_seen}
    if standardizer is not None:
        arrays |= {name: getattr(standardizer, name) for name in _STANDARDIZER}
    return arrays | {"document": np.frombuffer(text, dtype=np.uint8)}


def _read_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise ModelFileError("it is a folder or a device, not a file.")
        if path.stat().st_size > MAX_BYTES:
            raise ModelFileError(f"it is larger than {MAX_BYTES:,} bytes.")
        return path.read_bytes()
    except FileNotFoundError:
        raise ModelFileError("there is no such file.") from None
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{getattr(error, 'strerror', None) or error}.") from None


def _read_arrays(data: bytes) -> Arrays:
    """Return every member of the archive as the array it has to be."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            wanted = _wanted_members(archive)
            contents = {name: archive.read(f"{name}.npy") for name in wanted}
    except _UNREADABLE:
        raise ModelFileError("it is no zip archive of arrays, or a damaged one.") from None
    return {name: _array(name, content, *wanted[name]) for name, content in contents.items()}


def _wanted_members(archive: zipfile.ZipFile) -> dict[str, tuple[str, int]]:
    """Return the members to read, after a look at the list: exactly the known ones, each as large as it says."""
    members = archive.infolist()
    names = [member.filename.removesuffix(".npy") for member in members]
    n_hidden = max((int(found[1]) for name in names if (found := _HIDDEN_NAME.fullmatch(name))), default=0)
    wanted = _members(n_hidden, standardized=bool(set(names) & set(_STANDARDIZER)))
    if len(set(names)) < len(names):
        raise ModelFileError("an array is in it twice.")
    if missing := [name for name in wanted if f"{name}.npy" not in archive.NameToInfo]:
        raise ModelFileError(f"the array {missing[0]} is missing.")
    if unexpected := sorted(set(names) - set(wanted)):
        raise ModelFileError(f"{unexpected[0]!r:.60} does not belong into a model.")
    if any((m.compress_type, m.compress_size) != (zipfile.ZIP_STORED, m.file_size) for m in members):
        raise ModelFileError("its arrays are compressed; a model holds them as they are.")
    return wanted


def _members(n_hidden: int, *, standardized: bool) -> dict[str, tuple[str, int]]:
    """Return the arrays of a model and what each of them is."""
    hidden = {f"hidden_{n}_{name}": _CORE[name] for n in range(1, n_hidden + 1) for name in "Wb"}
    return hidden | _CORE | (_STANDARDIZER if standardized else {})


def _array(name: str, content: bytes, dtype: str, n_axes: int) -> NDArray[Any]:
    try:
        array = array_from_npy(content, dtype, n_axes)
    except ValueError as error:
        raise ModelFileError(f"the array {name} is damaged: {error}") from None
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ModelFileError(f"the array {name} holds a number that is not finite.")
    if array.dtype.kind == "b" and (array.view(np.uint8) > 1).any():
        raise ModelFileError(f"the array {name} holds something other than yes and no.")
    return array


def _classifier_of(arrays: Arrays) -> Classifier:
    document = _document(arrays["document"])
    encoder = FeatureEncoder.from_record(document["encoder"])
    _check_size_of_names(encoder)
    layers = _layers(arrays)
    network = _network(layers, document)
    _check_shapes(arrays, layers, len(encoder.feature_names), len(document["class_names"]))
    imputer = Imputer(encoder.feature_names, arrays["medians"], arrays["never_seen"])
    return Classifier(
        network=network,
        theta=network.theta_of(layers).astype(np.float64, copy=False),
        preprocessor=Preprocessor(imputer, _standardizer(arrays)),
        encoder=encoder,
        class_names=tuple(document["class_names"]),
        target_name=document["target_name"],
        data_name=document["data_name"],
    )


def _document(content: NDArray[Any]) -> dict[str, Any]:
    """Return the JSON document, its format, version and names checked."""
    try:
        document = json.loads(content.tobytes().decode())
    except (ValueError, RecursionError):
        raise ModelFileError("its document is damaged.") from None
    match document:
        case {"format": str(kind), "version": int(version)} if kind == FORMAT:
            if version not in (VERSION_WITHOUT_HIDDEN_LAYERS, VERSION):
                raise ModelFileError(f"it has version {version} of the format; this program reads up to {VERSION}.")
        case _:
            raise ModelFileError(f"it is not a {FORMAT}.")
    match document:
        case {"data_name": str(), "target_name": str(), "class_names": [str(), str(), *more], "encoder": _} if all(
            isinstance(name, str) for name in more
        ):
            return dict(document)
    raise ModelFileError("its document lacks a name, or has fewer than two classes.")


def _check_size_of_names(encoder: FeatureEncoder) -> None:
    """Refuse a long column name with many categories: written out once for each, it could fill the memory."""
    columns = [column for column in encoder.columns if isinstance(column, CategoryColumn)]
    if sum(len(column.name) * len(column.categories) for column in columns) > MAX_CHARACTERS_OF_NAMES:
        raise ModelFileError("the names of its features are too long.")


def _layers(arrays: Arrays) -> list[Layer]:
    """Return all layers, first to last."""
    hidden = sorted({name.removesuffix("_W") for name in arrays if name.startswith("hidden_") and name.endswith("_W")})
    parts = [Layer(arrays[f"{name}_W"], arrays[f"{name}_b"]) for name in hidden]
    return [*parts, Layer(arrays["W"], arrays["b"])]


def _network(layers: list[Layer], document: dict[str, Any]) -> Network:
    n_features, n_classes = len(layers[0].weights), layers[-1].weights.shape[1]
    units = tuple(layer.weights.shape[1] for layer in layers[:-1])
    if not units:
        return Network(n_features, n_classes)
    if 0 in units:
        raise ModelFileError(f"the array hidden_{units.index(0) + 1}_W has no units.")
    if document.get("activation") not in list(ACTIVATIONS):  # a list, since what is found there may not be hashable
        raise ModelFileError("its document does not name an activation that this program knows.")
    return Network(n_features, n_classes, units, document["activation"])


def _check_shapes(arrays: Arrays, layers: list[Layer], n_features: int, n_classes: int) -> None:
    """Refuse arrays that do not fit each other or the number of names."""
    n_inputs = n_features
    expected_shapes: dict[str, tuple[int, ...]] = {"document": arrays["document"].shape}
    for number, layer in enumerate(layers, start=1):
        last = number == len(layers)
        prefix, n_outputs = ("", n_classes) if last else (f"hidden_{number}_", layer.weights.shape[1])
        expected_shapes |= {f"{prefix}W": (n_inputs, n_outputs), f"{prefix}b": (n_outputs,)}
        n_inputs = n_outputs
    for name, array in arrays.items():
        expected = expected_shapes.get(name, (n_features,))
        if array.shape != expected:
            raise ModelFileError(f"the array {name} has shape {array.shape}; its names say {expected}.")


def _standardizer(arrays: Arrays) -> Standardizer | None:
    if "exponents" not in arrays:
        return None
    if (np.abs(arrays["exponents"].astype(np.float64)) > LARGEST_EXPONENT).any():
        raise ModelFileError("the array exponents holds a number that no scale has.")
    if (arrays["scaled_deviations"] < 0).any():
        raise ModelFileError("the array scaled_deviations holds a negative number.")
    return Standardizer(*(arrays[name] for name in _STANDARDIZER))
