from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.data.gallery import GALLERY
from engine.data.generators import GENERATORS, GeneratorConfig
from engine.data.preparation import PREPARATION_SPECS, PreparationConfig
from engine.errors import SetupFileError
from engine.hyperparameters import TRAINING_SPECS, TrainingConfig
from engine.runs.setup_record import LONGEST_NAME, MOST_BYTES, SetupRecord, from_json, to_json
from engine.specs import ChoiceSpec, IntegerSpec, ListSpec, RealSpec, Spec

PLAIN = SetupRecord(
    name="Iris",
    key="iris",
    generator=None,
    target="species",
    fingerprint="0123456789abcdef" * 4,
    preparation=PreparationConfig(),
    training=TrainingConfig(),
)
DRAWN = replace(
    PLAIN, name="Spirals", key="spirals", generator=GeneratorConfig(class_count=4, noise=0.05), target="class"
)
FROM_FILE = replace(PLAIN, name="꽃 2026 \U0001f33c.csv", key=None, target="종")


def values_of(spec: Spec) -> st.SearchStrategy[Any]:
    match spec:
        case RealSpec():
            return st.floats(spec.low, spec.high, exclude_min=spec.low_open)
        case IntegerSpec():
            return st.integers(spec.low, spec.high)
        case ChoiceSpec():
            return st.sampled_from([key for key, _ in spec.choices])
        case ListSpec():
            return st.lists(values_of(spec.item), max_size=4).map(tuple)
        case _:
            return st.booleans()


def settings_of(kind: Callable[..., Any], specs: tuple[Spec, ...], **fixed: Any) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{spec.key: values_of(spec) for spec in specs} | fixed)


TRAININGS = settings_of(  # what does not go together is left out
    TrainingConfig,
    TRAINING_SPECS,
    initialization=st.sampled_from(["automatic", "he"]),
    initialization_scale=st.floats(0.1, 10),
    l1=st.just(0.0),
)


class TestThereAndBack:
    @given(
        training=TRAININGS,
        changed=st.lists(st.tuples(st.integers(0, 10**9), TRAININGS), max_size=3),
        preparation=settings_of(PreparationConfig, PREPARATION_SPECS),
        target=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
    )
    def test_every_setting(
        self, training: TrainingConfig, changed: list[Any], preparation: PreparationConfig, target: str
    ) -> None:
        record = replace(PLAIN, training=training, changes=tuple(changed), preparation=preparation, target=target)
        assert from_json(to_json(record)) == record

    @pytest.mark.parametrize("record", [PLAIN, DRAWN, FROM_FILE], ids=lambda record: record.name)
    def test_every_source(self, record: SetupRecord) -> None:
        assert from_json(to_json(record)) == record
        assert from_json(to_json(record).encode()) == record

    @pytest.mark.parametrize("entry", GALLERY, ids=lambda entry: entry.key)
    def test_every_entry_of_the_gallery(self, entry) -> None:
        generator = entry.generator.default_config if entry.generator else None
        record = replace(PLAIN, name=entry.title, key=entry.key, generator=generator)
        assert from_json(to_json(record)) == record

    def test_it_says_what_it_is_in_ascii(self) -> None:
        document = json.loads(to_json(FROM_FILE))
        assert to_json(FROM_FILE).isascii()
        assert (document["format"], document["version"]) == ("softmax-lab set-up", 1)
        assert document["data"] == {"file": FROM_FILE.name}
        assert set(document["training"]) == {field.name for field in fields(TrainingConfig)}

    def test_a_name_that_is_no_utf_8(self) -> None:
        assert from_json(to_json(replace(FROM_FILE, name="a\udcff.csv", target="b\udcff"))).target == "b?"

    def test_of_too_many_changes_the_first_are_kept(self) -> None:
        rates = [
            replace(PLAIN.training, learning_rate=0.1 + n / 1e3, class_weights=(n + 1.0,) * 50) for n in range(900)
        ]
        record = replace(PLAIN, changes=tuple(enumerate(rates)))
        text = to_json(record)
        kept = from_json(text).changes
        assert len(text) <= MOST_BYTES
        assert 50 < len(kept) < 900
        assert kept == record.changes[: len(kept)]

    def test_what_cannot_be_made_short_is_refused(self) -> None:
        with pytest.raises(SetupFileError, match="takes more than 65,536 bytes"):
            to_json(replace(PLAIN, target="t" * MOST_BYTES))


def edited(record: SetupRecord = PLAIN, **entries: Any) -> str:
    return json.dumps(json.loads(to_json(record)) | entries)


BAD = {
    "": "The set-up is damaged: it is not JSON.",
    "null": "It is not a softmax-lab set-up.",
    "[" * 60_000: "The set-up is damaged: it is not JSON.",
    "9" * 5000: "The set-up is damaged: it is not JSON.",
    '{"format": NaN}': "The set-up is damaged: it is not JSON.",
    '{"a": [[[[[[[1]]]]]]]}': "The set-up is nested more than 6 deep.",
    " " * (MOST_BYTES + 1): "The set-up is larger than 65,536 bytes.",
    '{"format": "else", "version": 1}': "It is not a softmax-lab set-up.",
    edited(version=2): "The set-up has version 2; this program reads 1.",
    edited(data=None): "data: an object is expected, not None.",
    edited(data={"key": "irsi"}): "Did you mean iris?",
    edited(data={"key": ["iris"]}): "data.key: a name is expected, not ['iris'].",
    edited(data={"key": "iris", "generator": {}}): "data.generator: Iris is not drawn at random and has no",
    edited(data={"key": "xor", "generator": {"class_count": 3}}): "data.generator: XOR always has 2 classes, not 3.",
    edited(data={"key": "blobs", "generator": {"n_points": 10**12}}): "data.generator: Points must be a whole number",
    edited(data={"file": "../../etc/passwd"}): "data.file: '../../etc/passwd' is not the name of a file.",
    edited(data={"file": "\\\\server\\share"}): "is not the name of a file.",
    edited(data={"file": "C:x"}): "is not the name of a file.",
    edited(data={"file": ".."}): "data.file: '..' is not the name of a file.",
    edited(data={"file": "a\0b"}): "is not the name of a file.",
    edited(data={"file": "x" * 300}): "is not the name of a file.",
    edited(data={}): "data.file: a name is expected, not None.",
    edited(target=7): "target: a name is expected, not 7.",
    edited(target=""): "target: a name is expected, not ''.",
    edited(target="t" * (LONGEST_NAME + 1)): "target: a name is expected",
    edited(fingerprint="0" * 63 + "g"): "fingerprint: 64 hexadecimal digits are expected",
    edited(preparation={"validation_share": 2}): "preparation: Validation share must be at least 0 and",
    edited(training={"learning_rate": "fast"}): "training: Learning rate must be a number, not 'fast'.",
    edited(training={"optimizer": {"a": 1}}): "training: Optimizer must be one of",
    edited(training={"hidden_layers": [10**9]}): "training: Units of a hidden layer must be a whole number",
    edited(training={"shuffle": 1}): "training: Shuffle each epoch must be yes or no, not 1.",
    edited(training={"l1": 1, "optimizer": "lbfgs"}): "training: L-BFGS needs a cost without kinks.",
    edited(changes={}): "changes: a list of at most 1,000 is expected.",
    edited(changes=[{"after_step": -1, "training": {}}]): "changes[0].after_step: a number of steps is expected",
    edited(changes=[{"after_step": 1, "training": {"epochs": 0}}]): "changes[0].training: Epochs must be",
}  # fmt: skip


class TestHostile:
    @pytest.mark.parametrize(("text", "message"), BAD.items(), ids=range(len(BAD)))
    def test_what_cannot_be_used_is_said_in_a_short_sentence(self, text: str, message: str) -> None:
        with pytest.raises(SetupFileError) as refusal:
            from_json(text)
        assert message in str(refusal.value)
        assert len(str(refusal.value)) < 400

    def test_what_is_not_known_is_left_out_and_named(self) -> None:
        document = json.loads(to_json(DRAWN))
        document["training"]["dropout"] = 0.5
        document["data"]["url"] = document["weather"] = "x"
        found = from_json(json.dumps(document))
        assert sorted(found.unknown) == ["data.url", "training.dropout", "weather"]
        assert replace(found, unknown=()) == DRAWN

    def test_what_is_not_there_has_its_default(self) -> None:
        found = from_json(
            edited(DRAWN, data={"key": "spirals", "generator": {"noise": 0.3}}, training={}, preparation={})
        )
        assert (found.training, found.preparation) == (TrainingConfig(), PreparationConfig())
        assert found.generator == replace(GENERATORS["spirals"].default_config, noise=0.3)

    def test_versions_that_are_none_do_not_matter(self) -> None:
        versions = {"NumPy": "2.4", "x" * 99: "1", "y": 3, "z": "9" * 99}
        assert from_json(edited(versions=versions)).versions == (("NumPy", "2.4"),)
        assert from_json(edited(versions="none")).versions == ()

    @given(st.binary(max_size=300))
    def test_any_bytes(self, data: bytes) -> None:
        self.read_or_refuse(data)

    @given(
        where=st.sampled_from(["", "data", "training", "preparation", "changes"]),
        key=st.sampled_from(
            [spec.key for spec in (*TRAINING_SPECS, *PREPARATION_SPECS)] + ["key", "file", "generator"]
        ),
        value=st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=9), child, max_size=3),
            max_leaves=6,
        ),
    )
    @example(where="training", key="epochs", value=1e999)
    @example(where="training", key="learning_rate", value=10**4000)
    def test_any_value_anywhere(self, where: str, key: str, value: Any) -> None:
        document = asdict(PLAIN) | json.loads(to_json(PLAIN))
        if where and isinstance(document[where], dict):
            document[where][key] = value
        else:
            document[where or key] = value
        self.read_or_refuse(json.dumps(document, default=str))

    @staticmethod
    def read_or_refuse(text: str | bytes) -> None:
        refusal = ""
        try:
            found = from_json(text)
        except SetupFileError as error:
            refusal = str(error)
        else:
            assert from_json(to_json(found)) == replace(found, unknown=())
        assert len(refusal) < 400
