from __future__ import annotations

import csv
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from engine.data.encoding import encode
from engine.data.gallery import GALLERY, find_entry, load_entry
from engine.data.generators import GENERATORS, GeneratorConfig
from engine.errors import DataError, SettingError

SHARED = Path(__file__).parents[4] / "shared/data"
DATASETS = files("assets").joinpath("datasets")
KEYS = ["iris", "wine", "breast_cancer", "penguins", "digits", "blobs", "cats_dogs", "circles", "xor", "spirals"]
SCIKIT_LEARN = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer, "digits": load_digits}
CLASS_NAMES = {
    "iris": ["setosa", "versicolor", "virginica"],
    "wine": ["cultivar 1", "cultivar 2", "cultivar 3"],
    "breast_cancer": ["malignant", "benign"],
    "digits": list("0123456789"),
}


def test_gallery_holds_what_was_promised_in_order() -> None:
    assert [entry.key for entry in GALLERY] == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_entry_tells_what_loading_gives(key: str) -> None:
    entry = find_entry(key)
    table = load_entry(key)
    data = encode(table, entry.target)
    assert table.name == entry.title
    assert (data.n_examples, data.n_features, data.n_classes) == (entry.n_examples, entry.n_features, entry.n_classes)
    assert np.bincount(data.y, minlength=data.n_classes).min() > 0


@pytest.mark.parametrize("key", KEYS)
def test_entry_has_one_line_of_plain_words(key: str) -> None:
    entry = find_entry(key)
    for text in (entry.title, entry.description, entry.source, entry.licence):
        assert text
        assert "\n" not in text
        assert "!" not in text
    assert entry.description.endswith(".")
    assert len(entry.description) <= 90


@pytest.mark.parametrize("key", SCIKIT_LEARN)
def test_bundled_numbers_equal_scikit_learn_s_to_the_bit(key: str) -> None:
    theirs = SCIKIT_LEARN[key]()
    data = encode(load_entry(key), find_entry(key).target)
    np.testing.assert_array_equal(data.X, theirs.data)
    assert [data.class_names[label] for label in data.y] == [CLASS_NAMES[key][label] for label in theirs.target]


@pytest.mark.parametrize("key", SCIKIT_LEARN)
def test_bundled_files_read_with_python_alone(key: str) -> None:
    """The oracle here is csv and float, not the reader under test."""
    theirs = SCIKIT_LEARN[key]()
    header, *rows = csv.reader(DATASETS.joinpath(f"{key}.csv").read_text(encoding="utf-8").splitlines())
    assert header[-1] == find_entry(key).target
    assert len(set(header)) == theirs.data.shape[1] + 1
    np.testing.assert_array_equal(np.array([[float(cell) for cell in row[:-1]] for row in rows]), theirs.data)


def test_iris_is_fisher_s_where_uci_s_differs() -> None:
    X = encode(load_entry("iris"), "species").X
    assert X[34].tolist() == [4.9, 3.1, 1.5, 0.2]
    assert X[37].tolist() == [4.9, 3.6, 1.4, 0.1]


def test_column_names_carry_units_where_the_source_has_them() -> None:
    assert load_entry("iris").frame.columns == [*load_iris().feature_names, "species"]
    assert load_entry("digits").frame.columns == [*load_digits().feature_names, "digit"]
    assert load_entry("wine").frame.columns[0] == "alcohol"
    assert load_entry("breast_cancer").frame.columns[10] == "radius standard error"


def test_penguins_are_the_shared_file() -> None:
    shared = SHARED / "penguins.csv"
    if not shared.exists():
        pytest.skip(f"{shared} is not on this machine")
    assert DATASETS.joinpath("penguins.csv").read_bytes() == shared.read_bytes()


def test_penguins_miss_what_the_source_misses() -> None:
    data = encode(load_entry("penguins"), "species")
    assert data.class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert np.bincount(data.y).tolist() == [152, 68, 124]
    gaps = dict(zip(data.feature_names, np.isnan(data.X).sum(axis=0).tolist(), strict=True))
    measured = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    assert [gaps[name] for name in measured] == [2, 2, 2, 2]


def test_sources_name_every_file_with_its_licence() -> None:
    text = DATASETS.joinpath("SOURCES.md").read_text(encoding="utf-8")
    bundled = [entry for entry in GALLERY if entry.generator is None]
    assert len(bundled) == 5
    for entry in bundled:
        section = text.split(f"## {entry.key}.csv\n")[1].split("\n## ")[0]
        for word in ("**Origin**", "**Citation**", "**Changed**", f"**Licence**: {entry.licence}"):
            assert word in section
        assert entry.source.split()[-1] in section


def test_every_bundled_file_is_in_the_gallery() -> None:
    names = sorted(file.name for file in DATASETS.iterdir() if file.name.endswith(".csv"))
    assert names == sorted(f"{entry.key}.csv" for entry in GALLERY if entry.generator is None)


def test_generator_entries_pass_the_configuration_on() -> None:
    config = GeneratorConfig(n_points=50, class_count=5)
    data = encode(load_entry("blobs", config), "class")
    assert (data.n_examples, data.n_classes) == (50, 5)
    assert find_entry("blobs").generator is GENERATORS["blobs"]
    with pytest.raises(SettingError, match="2 classes"):
        load_entry("xor", config)


def test_settings_for_a_bundled_file_are_refused() -> None:
    with pytest.raises(DataError, match="only generators have settings"):
        load_entry("iris", GeneratorConfig())


@pytest.mark.parametrize(
    ("key", "nearest"), [("irsi", "iris"), ("penguin", "penguins"), ("breast-cancer", "breast_cancer")]
)
def test_unknown_key_offers_the_nearest(key: str, nearest: str) -> None:
    with pytest.raises(DataError, match=rf"Did you mean {nearest}\?"):
        load_entry(key)


def test_hopeless_key_lists_what_there_is() -> None:
    with pytest.raises(DataError) as caught:
        load_entry("zzzzzz")
    assert all(key in str(caught.value) for key in KEYS)
    assert "Did you mean" not in str(caught.value)


def test_looking_into_the_gallery_does_not_load_polars() -> None:
    program = "import sys, engine.data.gallery; print('polars' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
