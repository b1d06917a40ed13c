import json
import math
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from crowd import CROWD, REFUSED_ON_ENCODING, REFUSED_ON_READING
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.encoding import CategoryColumn, FeatureEncoder, NumericColumn, encode
from engine.data.table import Table, read_table
from engine.errors import DataError, ModelFileError, TargetError

PENGUINS = Path(__file__).parents[4] / "shared/data/penguins.csv"
needs_penguins = pytest.mark.skipif(not PENGUINS.exists(), reason=f"{PENGUINS} is not here")
READABLE = sorted(set(CROWD) - set(REFUSED_ON_READING))


def table_of(**columns: object) -> Table:
    return Table("t.csv", pl.DataFrame(columns))


def from_crowd(name: str, folder: Path) -> Table:
    path = folder / "crowd.csv"
    path.write_bytes(CROWD[name])
    return read_table(path)


@needs_penguins
def test_penguins_species() -> None:
    data = encode(read_table(PENGUINS), "species")
    assert (data.n_examples, data.n_classes) == (344, 3)
    assert data.class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert np.bincount(data.y).tolist() == [152, 68, 124]
    assert data.feature_names == (
        "island = Biscoe",
        "island = Dream",
        "island = Torgersen",
        "bill_length_mm",
        "bill_depth_mm",
        "flipper_length_mm",
        "body_mass_g",
        "sex = FEMALE",
        "sex = MALE",
        "sex missing",
    )
    assert data.X[0].tolist() == [0, 0, 1, 39.1, 18.7, 181, 3750, 0, 1, 0]
    assert data.X[3, 7:].tolist() == [0, 0, 1]
    assert np.isnan(data.X).sum(axis=0).tolist() == [0, 0, 0, 2, 2, 2, 2, 0, 0, 0]
    assert data.notes == ("sex: 11 missing, kept as a category of its own.",)
    assert data.target_name == "species"
    assert data.name == "penguins.csv"


@needs_penguins
def test_penguins_sex_drops_rows_without_it() -> None:
    table = read_table(PENGUINS)
    data = encode(table, "sex")
    assert data.n_examples == 333
    assert data.notes == ("11 rows without sex dropped.",)
    assert [data.class_names[k] for k in data.y] == table.frame["sex"].gather(data.rows).to_list()
    assert 3 not in data.rows


def test_numbers_stay_and_infinities_become_missing() -> None:
    data = encode(table_of(x=[1.5, math.inf, -math.inf, None], big=[1e308, -1e308, 0.0, math.inf], y=list("abab")), "y")
    np.testing.assert_array_equal(data.X, [[1.5, 1e308], [np.nan, -1e308], [np.nan, 0], [np.nan, np.nan]])
    assert data.notes == (
        "x: 2 infinite values treated as missing.",
        "big: 1 infinite value treated as missing.",
    )


def test_boolean_columns_are_features_and_targets() -> None:
    table = table_of(flag=[True, False, True, None], y=[True, False, False, True])
    data = encode(table, "y")
    assert data.class_names == ("false", "true")
    assert data.feature_names == ("flag = false", "flag = true", "flag missing")
    np.testing.assert_array_equal(data.X, [[0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])


def test_columns_without_use_are_left_out_with_a_note() -> None:
    n = 60
    table = table_of(
        id=[f"id{i}" for i in range(n)],
        blank=pl.Series([None] * n, dtype=pl.String),
        constant=[7] * n,
        fifty=[f"c{i % 50}" for i in range(n)],
        y=["a", "b"] * 30,
    )
    data = encode(table, "y")
    assert data.notes == (
        "id: 60 different texts, column left out (at most 50 categories).",
        "blank: every value is missing, column left out.",
    )
    assert data.n_features == 51
    assert data.feature_names[0] == "constant"


def test_column_named_like_a_pattern_is_a_name() -> None:
    data = encode(table_of(**{"^.*$": ["a", "b"], "x": [1, 2]}), "^.*$")
    assert data.feature_names == ("x",)


def test_rows_without_target_are_dropped_and_numbered() -> None:
    data = encode(table_of(x=[1.0, 2.0, 3.0], y=["b", None, "a"]), "y")
    assert data.rows.tolist() == [0, 2]
    assert data.y.tolist() == [1, 0]
    assert data.notes == ("1 row without y dropped.",)


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ([10, 9, 0, 10, 1], ("0", "1", "9", "10")),
        (["10", "9", "0", "10", "1"], ("0", "1", "9", "10")),
        ([10.0, 9.0, None, math.inf, -1.0], ("-1", "9", "10")),
        ([0.5, 1.5, 0.5, 1.5, 0.5], ("0.5", "1.5")),
        (["b10", "b9", "b10", "a", "a"], ("a", "b10", "b9")),
    ],
)
def test_order_and_names_of_classes(target: list[object], names: tuple[str, ...]) -> None:
    data = encode(table_of(x=range(5), y=pl.Series(target)), "y")
    assert data.class_names == names
    kept = [target[i] for i in data.rows]
    assert [data.class_names[k] for k in data.y] == [f"{v:g}" if isinstance(v, float) else str(v) for v in kept]


@pytest.mark.parametrize(
    ("table", "target", "message"),
    [
        (table_of(x=[1], species=["a"]), "Specie", r"t\.csv has no column Specie\. Did you mean species\?"),
        (table_of(x=[1, 2], y=[3, 3]), "y", "y has only one class, “3”; training needs at least two"),
        (table_of(x=range(1001), y=range(1001)), "y", "1,001 different values; at most 1,000 classes"),
        (table_of(x=range(1001), y=[f"k{i}" for i in range(1001)]), "y", "1,001 different values"),
        (table_of(x=range(8), y=[i / 3 for i in range(8)]), "y", "8 different real numbers in 8 rows.*at most 4"),
        (table_of(x=range(400), y=[i % 51 / 4 for i in range(400)]), "y", "51 different real numbers.*at most 50"),
    ],
)
def test_unusable_targets_are_refused(table: Table, target: str, message: str) -> None:
    with pytest.raises(TargetError, match=message):
        encode(table, target)


def test_a_thousand_classes_are_the_most() -> None:
    assert encode(table_of(x=range(1000), y=range(1000)), "y").n_classes == 1000


@pytest.mark.parametrize("rows", [0, 3])
def test_no_row_left_is_refused(rows: int) -> None:
    with pytest.raises(DataError, match="y is missing in every row"):
        encode(table_of(x=range(rows), y=pl.Series([None] * rows, dtype=pl.Float64)), "y")


def test_no_feature_left_is_refused_with_the_reasons() -> None:
    table = table_of(id=[f"id{i}" for i in range(60)], y=["a", "b"] * 30)
    with pytest.raises(DataError, match=r"no feature column left besides y\. id: 60 different texts"):
        encode(table, "y")


@pytest.mark.parametrize("name", REFUSED_ON_ENCODING)
def test_the_crowd_is_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError) as caught:
        encode(from_crowd(name, tmp_path), "class")
    assert REFUSED_ON_ENCODING[name] in str(caught.value)
    assert str(caught.value).startswith("crowd.csv")


@pytest.mark.parametrize("name", sorted(set(READABLE) - set(REFUSED_ON_ENCODING)))
def test_the_rest_of_the_crowd_becomes_a_data_set(tmp_path: Path, name: str) -> None:
    table = from_crowd(name, tmp_path)
    data = encode(table, "class")
    assert data.n_classes == 2
    assert data.X.shape == (table.n_rows, len(data.feature_names))
    assert not np.isinf(data.X).any()
    again, _ = data.encoder.encode(table)
    np.testing.assert_array_equal(again, data.X)


def test_encoder_reports_what_it_does_not_know() -> None:
    encoder = encode(table_of(x=[1, 2], color=["red", "blue"], y=["a", "b"]), "y").encoder
    X, notes = encoder.encode(
        table_of(color=["green", "red", None, "green", "pink"], x=[1.0, None, math.inf, 4.0, 5.0])
    )
    np.testing.assert_array_equal(X, [[1, 0, 0], [np.nan, 0, 1], [np.nan, 0, 0], [4, 0, 0], [5, 0, 0]])
    assert notes == (
        "x: 1 infinite value treated as missing.",
        "color: “green” in 2 rows, “pink” in 1 row not known to the encoding, encoded as zeros.",
        "color: 1 missing, encoded as zeros: the encoding knows no missing value here.",
    )
    assert not X.flags.writeable


def test_notes_stay_readable_for_thousands_of_columns() -> None:
    encoder = FeatureEncoder(tuple(NumericColumn(f"x{i}") for i in range(2000)))
    _, notes = encoder.encode(table_of(**{f"x{i}": [math.inf] for i in range(2000)}))
    assert len(notes) == 11
    assert notes[-1] == "1,990 more remarks of this kind."


def test_notes_keep_the_order_of_the_columns() -> None:
    encoder = FeatureEncoder((NumericColumn("a"), CategoryColumn("b", ("u",), with_missing=True), NumericColumn("c")))
    table = table_of(c=[math.inf, 1.0], a=["inf", None], b=[None, "u"])
    X, notes = encoder.encode(table)
    np.testing.assert_array_equal(X, [[np.nan, 0, 1, np.nan], [np.nan, 1, 0, 1]])
    assert [note[0] for note in notes] == ["a", "b", "c"]


def test_encoding_leaves_the_table_as_it_was() -> None:
    table = table_of(x=[math.inf, 1.0], y=["a", "b"])
    encode(table, "y")
    assert table.frame["x"].to_list() == [math.inf, 1.0]


def test_the_first_column_that_does_not_fit_is_the_one_named() -> None:
    encoder = FeatureEncoder((NumericColumn("a"), NumericColumn("b"), CategoryColumn("c", ("u",), with_missing=False)))
    with pytest.raises(DataError, match=r"column a, row 2 .*“tall”"):
        encoder.encode(table_of(a=["1", "tall"], c=["u", "u"]))
    with pytest.raises(DataError, match="no column b"):
        encoder.encode(table_of(a=["1", "2"], c=["u", "u"]))


def test_five_thousand_columns_in_reasonable_time() -> None:
    table = table_of(**{f"^x{i}$": [1.5, None, math.inf] for i in range(5_000)}, y=["a", "b", "a"])
    started = time.perf_counter()
    assert encode(table, "y").n_features == 5_000
    assert time.perf_counter() - started < 5


def test_categories_meet_numbers_that_look_like_them() -> None:
    column = CategoryColumn("size", ("1", "2", "x"), with_missing=False)
    X, notes = column.encode(pl.Series([2.0, 1.0, 3.0]))
    np.testing.assert_array_equal(X, [[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert notes == ("size: “3” in 1 row not known to the encoding, encoded as zeros.",)


def test_absent_column_is_refused() -> None:
    encoder = FeatureEncoder((NumericColumn("length"),))
    with pytest.raises(DataError, match=r"t\.csv has no column length\. Did you mean lenght\?"):
        encoder.encode(table_of(lenght=[1]))


def test_text_among_numbers_is_refused_with_its_place() -> None:
    encoder = FeatureEncoder((NumericColumn("x"),))
    with pytest.raises(
        DataError,
        match=r"t\.csv: column x, row 3 \(header and blank rows not counted\): “tall” found where a number is expected",
    ):
        encoder.encode(table_of(x=["1.5", None, "tall"]))


def test_wholly_missing_numbers_are_missing() -> None:
    X, notes = FeatureEncoder((NumericColumn("x"),)).encode(table_of(x=pl.Series([None, None], dtype=pl.String)))
    assert np.isnan(X).all()
    assert X.shape == (2, 1)
    assert notes == ()


names = st.text(min_size=1)
columns = st.one_of(
    names.map(NumericColumn),
    st.builds(CategoryColumn, names, st.lists(st.text(), min_size=1, unique=True).map(tuple), st.booleans()),
)


@settings(deadline=None)
@given(st.lists(columns, min_size=1, unique_by=lambda column: column.name).map(tuple).map(FeatureEncoder))
def test_encoder_survives_json(encoder: FeatureEncoder) -> None:
    assert FeatureEncoder.from_record(json.loads(json.dumps(encoder.to_record()))) == encoder


CATEGORY = {"kind": "category", "name": "c", "categories": ["a"], "with_missing": False}


@pytest.mark.parametrize(
    "record",
    [
        None,
        {},
        [],
        "numeric",
        [None],
        [{"kind": "numeric"}],
        [{"kind": "numeric", "name": 3}],
        [{"kind": "numeric", "name": ""}],
        [{"kind": "numeric", "name": "x", "code": "import os"}],
        [{"kind": "pickle", "name": "x"}],
        [{"kind": "numeric", "name": "x"}, {"kind": "numeric", "name": "x"}],
        [CATEGORY | {"categories": []}],
        [CATEGORY | {"categories": "abc"}],
        [CATEGORY | {"categories": ["a", 1]}],
        [CATEGORY | {"categories": ["a", "a"]}],
        [CATEGORY | {"categories": ["a", []]}],
        [CATEGORY | {"with_missing": 1}],
        [CATEGORY | {"name": None}],
    ],
)
def test_foreign_records_are_refused(record: object) -> None:
    with pytest.raises(ModelFileError):
        FeatureEncoder.from_record(record)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["kind", "name", "categories", "x"]), inner),
)


@settings(deadline=None)
@given(json_values)
def test_arbitrary_records_are_refused(record: object) -> None:
    with pytest.raises(ModelFileError):
        FeatureEncoder.from_record(record)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["u", "v", "w", None])), min_size=1))
def test_one_hot_rows_name_their_cells(cells: list[tuple[str | None, str | None]]) -> None:
    table = Table("t", pl.DataFrame(cells, schema={"y": pl.String, "c": pl.String}, orient="row"))
    kept = [(y, c) for y, c in cells if y is not None]
    if len({y for y, _ in kept}) < 2 or not any(c for _, c in kept):
        with pytest.raises(DataError):
            encode(table, "y")
        return
    data = encode(table, "y")
    for x, k, (y, c) in zip(data.X, data.y, kept, strict=True):
        assert data.class_names[k] == y
        assert [data.feature_names[i] for i in np.flatnonzero(x)] == ["c missing" if c is None else f"c = {c}"]
