from __future__ import annotations

import io
import json
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.classifier import Classifier, classifier_from
from engine.data.encoding import encode
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig, prepare
from engine.errors import ModelFileError
from engine.export.model_npz import load_model, save_model
from engine.export.npy import npy_bytes
from engine.hyperparameters import TrainingConfig
from engine.problem import network_for


def trained(
    entry: str = "penguins",
    target: str = "species",
    hidden_layers: tuple[int, ...] = (),
    activation: str = "tanh",
    **preparation: Any,
) -> Classifier:
    data = prepare(encode(load_entry(entry), target), PreparationConfig(**preparation))
    network = network_for(data, TrainingConfig(hidden_layers=hidden_layers, activation=activation))
    return classifier_from(data, network, np.random.default_rng(2).standard_normal(network.n_parameters))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a good file."""
    path = tmp_path_factory.mktemp("model") / "model.npz"
    save_model(trained(), path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def saved_deep(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a good file of version 2: 10 features, hidden layers of 5 and 4 units, 3 classes."""
    path = tmp_path_factory.mktemp("model") / "model.npz"
    save_model(trained(hidden_layers=(5, 4)), path)
    return path.read_bytes()


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize(("entry", "target"), [("penguins", "species"), ("digits", "digit"), ("xor", "class")])
@pytest.mark.parametrize(
    ("hidden_layers", "activation"),
    [((), "tanh"), ((7,), "relu"), ((3, 6), "sigmoid"), ((4, 1, 5), "tanh"), ((2, 3, 4, 6), "relu")],
    ids=str,
)
def test_what_was_saved_comes_back_to_the_bit(
    tmp_path: Path, entry: str, target: str, standardize: bool, hidden_layers: tuple[int, ...], activation: str
) -> None:
    classifier = trained(entry, target, hidden_layers, activation, standardize=standardize)
    save_model(classifier, tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert loaded.theta.tobytes() == classifier.theta.tobytes()
    assert (loaded.network, loaded.encoder) == (classifier.network, classifier.encoder)
    names = ("class_names", "feature_names", "target_name", "data_name")
    assert [getattr(loaded, name) for name in names] == [getattr(classifier, name) for name in names]
    theirs, ours = (one.predict_table(load_entry(entry))[0] for one in (loaded, classifier))
    assert theirs.tobytes() == ours.tobytes()


def test_the_same_classifier_gives_the_same_file_which_numpy_can_read(tmp_path: Path, saved: bytes) -> None:
    save_model(trained(), tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == saved
    with np.load(tmp_path / "again.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["W"].T.ravel(), trained().theta[:30])
        np.testing.assert_array_equal(arrays["b"], trained().theta[30:])
        assert json.loads(arrays["document"].tobytes())["target_name"] == "species"


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("hidden_layers", [(5,), (5, 4), (5, 4, 3), (5, 4, 3, 2)])
def test_numpy_alone_can_predict_from_what_was_saved(
    tmp_path: Path, hidden_layers: tuple[int, ...], activation: str
) -> None:
    functions = {"tanh": np.tanh, "relu": lambda z: z * (z > 0), "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    classifier = trained("iris", "species", hidden_layers, activation, standardize=False)
    save_model(classifier, tmp_path / "model.npz")
    X = encode(load_entry("iris"), "species").X
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        document = json.loads(arrays["document"].tobytes())
        assert (document["version"], document["activation"]) == (2, activation)
        hidden = [name for name in arrays if name.startswith("hidden_")]
        assert hidden == [f"hidden_{n}_{part}" for n in range(1, len(hidden_layers) + 1) for part in "Wb"]
        A = X
        for n in range(1, len(hidden_layers) + 1):
            A = functions[activation](A @ arrays[f"hidden_{n}_W"] + arrays[f"hidden_{n}_b"])
        expected = A @ arrays["W"] + arrays["b"]
    np.testing.assert_allclose(load_model(tmp_path / "model.npz").logits(X), expected, rtol=1e-12, atol=1e-12)


def test_without_hidden_layers_older_programs_can_read_it(saved: bytes) -> None:
    arrays = np.load(io.BytesIO(saved))
    document = json.loads(arrays["document"].tobytes())
    assert document["version"] == 1
    assert "activation" not in document
    assert set(arrays) == {
        "W", "b", "medians", "never_seen", "exponents", "scaled_means", "scaled_deviations", "document",
    }  # fmt: skip


def test_numpy_may_have_written_it(tmp_path: Path, saved: bytes, saved_deep: bytes) -> None:
    for data, hidden_layers in ((saved, ()), (saved_deep, (5, 4))):
        np.savez(tmp_path / "other.npz", **np.load(io.BytesIO(data)))
        loaded, expected = load_model(tmp_path / "other.npz"), trained(hidden_layers=hidden_layers)
        assert loaded.theta.tobytes() == expected.theta.tobytes()
        assert loaded.network == expected.network


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        save_model(trained(), tmp_path / "missing" / "model.npz")
    assert list(tmp_path.iterdir()) == []


# Files from a stranger


Members = dict[str, bytes]


def members_of(data: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: Members, compression: int = zipfile.ZIP_STORED, twice: str | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile says that a name is there twice
        for name, content in members.items():
            archive.writestr(name, content)
        if twice:
            archive.writestr(twice, members[twice])
    return buffer.getvalue()


def with_member(name: str, content: bytes) -> Callable[[bytes], bytes]:
    return lambda good: zipped(members_of(good) | {f"{name}.npy": content})


def with_array(name: str, array: Any) -> Callable[[bytes], bytes]:
    return with_member(name, npy_bytes(np.asarray(array)))


def without(*names: str) -> Callable[[bytes], bytes]:
    return lambda good: zipped({name: content for name, content in members_of(good).items() if name[:-4] not in names})


def with_document(**changes: Any) -> Callable[[bytes], bytes]:
    def make(good: bytes) -> bytes:
        document = json.loads(np.load(io.BytesIO(good))["document"].tobytes())
        document = {key: value for key, value in (document | changes).items() if value is not None}
        return with_array("document", np.frombuffer(json.dumps(document).encode(), dtype=np.uint8))(good)

    return make


def header(text: str, content: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + content


def npy_header(dtype: str = "<f8", shape: str = "(10, 3)", order: str = "False") -> str:
    return f"{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}\n"


class Bomb:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("boom",)


def pickled_array() -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.array([Bomb()], dtype=object), allow_pickle=True)  # the attack itself
    return buffer.getvalue()


def claiming(size: int) -> Callable[[bytes], bytes]:
    """The good archive, its directory claiming that W is ``size`` bytes long."""

    def make(good: bytes) -> bytes:
        entry = good.index(b"PK\x01\x02")
        assert good[entry + 46 : entry + 51] == b"W.npy"
        sizes = size.to_bytes(4, "little") * 2
        return good[: entry + 20] + sizes + good[entry + 28 :]

    return make


LONG_NAME = {
    "kind": "category",
    "name": "x" * 100_000,
    "categories": list(map(str, range(2_000))),
    "with_missing": False,
}

HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "no zip archive"),
    "text": (lambda _: b"a,b\n1,2\n", "no zip archive"),
    "cut short": (lambda good: good[:-40], "no zip archive"),
    "cut in the middle": (lambda good: good[: len(good) // 2], "no zip archive"),
    "a bare array": (lambda _: npy_bytes(np.zeros(3)), "no zip archive"),
    "a flipped bit of a weight": (lambda good: good[:200] + bytes([good[200] ^ 1]) + good[201:], "no zip archive"),
    "an empty zip": (lambda _: zipped({}), "the array W is missing"),
    "another zip": (lambda _: zipped({"word/document.xml": b"<x/>"}), "the array W is missing"),
    "W missing": (without("W"), "the array W is missing"),
    "document missing": (without("document"), "the array document is missing"),
    "part of the standardiser missing": (without("exponents"), "the array exponents is missing"),
    "a member too many": (with_array("extra", [1.0]), "'extra' does not belong"),
    "a path outside": (lambda good: zipped(members_of(good) | {"../../evil.npy": b""}), "does not belong"),
    "W twice": (lambda good: zipped(members_of(good), twice="W.npy"), "in it twice"),
    "compressed": (lambda good: zipped(members_of(good), zipfile.ZIP_DEFLATED), "compressed"),
    "a zip bomb": (
        lambda good: zipped(members_of(good) | {"W.npy": bytes(10**8)}, zipfile.ZIP_DEFLATED),
        "compressed",
    ),
    "a directory that claims 4 GB": (claiming(0xFFFFFFF0), "no zip archive"),
    "a directory that claims less": (claiming(10), "no zip archive"),
    "pickled objects": (with_member("W", pickled_array()), "array W is damaged.*not that of a plain array"),
    "no array at all": (with_member("W", b"hello"), "array W is damaged.*begin like an array"),
    "only a magic": (with_member("W", b"\x93NUMPY\x01\x00"), "begin like an array"),
    "a header longer than the file": (with_member("W", b"\x93NUMPY\x01\x00\xff\xff{"), "not that of a plain array"),
    "a header that claims terabytes": (
        with_member("W", header(npy_header(shape="(1000000, 1000000)"), bytes(240))),
        "announces 8,000,000,000,000 bytes, but 240 are there",
    ),
    "a header that claims too little": (with_member("W", header(npy_header(), bytes(248))), "but 248 are there"),
    "a header with code": (with_member("W", header("__import__('os').getcwd()\n")), "not that of a plain array"),
    "a header of brackets": (with_member("W", header("(" * 9000)), "not that of a plain array"),
    "a negative length": (with_member("W", header(npy_header(shape="(-1, 3)"))), "not that of a plain array"),
    "column order": (with_member("W", header(npy_header(order="True"), bytes(240))), "not that of a plain array"),
    "other numbers": (with_array("W", np.zeros((10, 3), dtype=np.float32)), "<f4 in 2 axes; <f8 in 2 is expected"),
    "complex weights": (with_array("W", np.zeros((10, 3), dtype=complex)), "not that of a plain array"),
    "too many axes": (with_member("W", header(npy_header(shape="(10, 3, 1)"))), "not that of a plain array"),
    "too few axes": (with_array("W", np.zeros(30)), "<f8 in 1 axes; <f8 in 2 is expected"),
    "W turned round": (with_array("W", np.zeros((3, 10))), r"W has shape \(3, 10\); its names say \(10, 3\)"),
    "a feature too few": (with_array("W", np.zeros((9, 3))), r"W has shape \(9, 3\)"),
    "a bias too many": (with_array("b", np.zeros(4)), r"b has shape \(4,\)"),
    "no medians": (with_array("medians", np.zeros(0)), r"medians has shape \(0,\)"),
    "NaN among the weights": (with_array("W", np.full((10, 3), np.nan)), "W holds a number that is not finite"),
    "an infinite bias": (with_array("b", [np.inf, 0, 0]), "b holds a number that is not finite"),
    "an infinite mean": (with_array("scaled_means", [np.inf] * 10), "scaled_means holds a number that is not finite"),
    "a negative deviation": (with_array("scaled_deviations", [-1.0] * 10), "a negative number"),
    "a scale out of this world": (with_array("exponents", np.full(10, -(2**63))), "a number that no scale has"),
    "neither yes nor no": (
        with_member("never_seen", header(npy_header("|b1", "(10,)"), b"\x02" * 10)),
        "other than yes and no",
    ),
    "a document that is no text": (with_array("document", np.full(9, 0xFF, dtype=np.uint8)), "document is damaged"),
    "a document of brackets": (
        with_array("document", np.frombuffer(b"[" * 10**5, dtype=np.uint8)),
        "document is damaged",
    ),
    "a list for a document": (with_array("document", np.frombuffer(b"[]", dtype=np.uint8)), "not a softmax-lab model"),
    "another format": (with_document(format="other"), "not a softmax-lab model"),
    "a version to come": (with_document(version=3), "version 3 of the format; this program reads up to 2"),
    "a version before the first": (with_document(version=0), "version 0 of the format"),
    "a version that is no number": (with_document(version="1"), "not a softmax-lab model"),
    "no target": (with_document(target_name=None), "lacks a name"),
    "one class": (with_document(class_names=["a"]), "fewer than two classes"),
    "classes that are numbers": (with_document(class_names=["a", "b", 3]), "lacks a name"),
    "a class too many": (with_document(class_names=["a", "b", "c", "d"]), "its names say"),
    "no encoder": (with_document(encoder=[]), "feature columns is empty"),
    "an encoder that is a word": (with_document(encoder="x"), "feature columns"),
    "another kind of column": (with_document(encoder=[{"kind": "code", "name": "x"}]), "neither a numeric nor"),
    "names that would fill the memory": (with_document(encoder=[LONG_NAME]), "names of its features are too long"),
}


HOSTILE_DEEP: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a hidden bias missing": (without("hidden_2_b"), "the array hidden_2_b is missing"),
    "hidden weights missing": (without("hidden_1_W"), "the array hidden_1_W is missing"),
    "the first hidden layer missing": (without("hidden_1_W", "hidden_1_b"), "the array hidden_1_W is missing"),
    "the last hidden layer missing": (without("hidden_2_W", "hidden_2_b"), r"W has shape \(4, 3\).* \(5, 3\)"),
    "every hidden layer missing": (
        without("hidden_1_W", "hidden_1_b", "hidden_2_W", "hidden_2_b"),
        r"W has shape \(4, 3\); its names say \(10, 3\)",
    ),
    "a bias of a layer that is not there": (with_array("hidden_3_b", np.zeros(4)), "the array hidden_3_W is missing"),
    "a fifth hidden layer": (with_array("hidden_5_W", np.zeros((4, 4))), "'hidden_5_W' does not belong"),
    "a layer number 0": (with_array("hidden_0_W", np.zeros((4, 4))), "'hidden_0_W' does not belong"),
    "a layer number 01": (with_array("hidden_01_W", np.zeros((4, 4))), "'hidden_01_W' does not belong"),
    "the first layer too narrow": (with_array("hidden_1_W", np.zeros((9, 5))), r"hidden_1_W has shape \(9, 5\)"),
    "layers that do not chain": (
        with_array("hidden_2_W", np.zeros((6, 4))),
        r"hidden_2_W has shape \(6, 4\); its names say \(5, 4\)",
    ),
    "a last layer that does not chain": (with_array("W", np.zeros((5, 3))), r"W has shape \(5, 3\).* \(4, 3\)"),
    "a hidden layer turned round": (with_array("hidden_2_W", np.zeros((4, 5))), r"hidden_2_W has shape \(4, 5\)"),
    "a hidden bias too many": (with_array("hidden_1_b", np.zeros(6)), r"hidden_1_b has shape \(6,\)"),
    "no units at all": (
        lambda good: with_array("W", np.zeros((0, 3)))(
            with_array("hidden_2_W", np.zeros((5, 0)))(with_array("hidden_2_b", np.zeros(0))(good))
        ),
        "hidden_2_W has no units",
    ),
    "no units in the first layer": (
        lambda good: with_array("hidden_2_W", np.zeros((0, 4)))(
            with_array("hidden_1_W", np.zeros((10, 0)))(with_array("hidden_1_b", np.zeros(0))(good))
        ),
        "hidden_1_W has no units",
    ),
    "NaN among the hidden weights": (with_array("hidden_1_W", np.full((10, 5), np.nan)), "hidden_1_W holds a number"),
    "other hidden numbers": (with_array("hidden_1_b", np.zeros(5, dtype=np.float32)), "hidden_1_b is damaged"),
    "an unknown activation": (with_document(activation="swish"), "does not name an activation"),
    "no activation": (with_document(activation=None), "does not name an activation"),
    "an activation that is a list": (with_document(activation=["tanh"]), "does not name an activation"),
    "an activation that is an object": (with_document(activation={"tanh": 1}), "does not name an activation"),
    "a version to come": (with_document(version=3), "version 3 of the format; this program reads up to 2"),
}


@pytest.mark.parametrize("name", HOSTILE_DEEP)
def test_a_hostile_file_with_hidden_layers_is_refused_too(tmp_path: Path, saved_deep: bytes, name: str) -> None:
    make, reason = HOSTILE_DEEP[name]
    path = tmp_path / "model.npz"
    path.write_bytes(make(saved_deep))
    with pytest.raises(ModelFileError, match=reason) as refusal:
        load_model(path)
    assert str(refusal.value).startswith(f"{path} cannot be used as a model: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_name_and_the_reason(tmp_path: Path, saved: bytes, name: str) -> None:
    make, reason = HOSTILE[name]
    path = tmp_path / "model.npz"
    path.write_bytes(make(saved))
    with pytest.raises(ModelFileError, match=reason) as refusal:
        load_model(path)
    assert str(refusal.value).startswith(f"{path} cannot be used as a model: ")
    assert "\n" not in str(refusal.value)


def test_what_a_header_claims_is_not_allocated(tmp_path: Path, saved: bytes) -> None:
    path = tmp_path / "model.npz"
    claims = ("a header that claims terabytes", "a zip bomb", "a directory that claims 4 GB", "pickled objects")
    for make, reason in (HOSTILE[name] for name in claims):
        path.write_bytes(make(saved))
        tracemalloc.start()
        with pytest.raises(ModelFileError, match=reason):
            load_model(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2_000_000


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"model\.npz cannot be used as a model: there is no such file"):
        load_model(tmp_path / "model.npz")
    with pytest.raises(ModelFileError, match="a folder or a device"):
        load_model(tmp_path)
    with (tmp_path / "huge.npz").open("wb") as file:
        file.truncate(2**30 + 1)  # sparse: it takes no room
    with pytest.raises(ModelFileError, match="larger than 1,073,741,824 bytes"):
        load_model(tmp_path / "huge.npz")


def is_classifier_or_refusal(path: Path) -> bool:
    """Whether loading gives a classifier that works, or the one error that names the file."""
    try:
        classifier = load_model(path)
    except ModelFileError as error:
        return str(path) in str(error)
    X = np.zeros((2, len(classifier.feature_names)))
    return classifier.probabilities(X).shape == (2, len(classifier.class_names))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_changed_bytes_give_a_classifier_or_a_refusal(
    tmp_path: Path, saved: bytes, saved_deep: bytes, data: st.DataObject
) -> None:
    changed = bytearray(data.draw(st.sampled_from([saved, saved_deep])))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(changed) - 1))
        length = data.draw(st.integers(0, 12))
        changed[place : place + length] = data.draw(st.binary(max_size=12))
    path = tmp_path / "model.npz"
    path.write_bytes(bytes(changed))
    assert is_classifier_or_refusal(path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["W", "never_seen", "exponents", "document", "hidden_1_W", "hidden_2_b"]), data=st.data())
def test_changed_members_give_a_classifier_or_a_refusal(
    tmp_path: Path, saved: bytes, saved_deep: bytes, name: str, data: st.DataObject
) -> None:
    """The checksums of the zip archive are right here, so that the arrays themselves are what is looked at."""
    good = saved_deep if name.startswith("hidden") else data.draw(st.sampled_from([saved, saved_deep]))
    content = bytearray(members_of(good)[f"{name}.npy"])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    path = tmp_path / "model.npz"
    path.write_bytes(with_member(name, bytes(content))(good))
    assert is_classifier_or_refusal(path)
