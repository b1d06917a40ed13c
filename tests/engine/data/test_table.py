import csv
import io
import time
from pathlib import Path

import polars as pl
import pytest
from crowd import CROWD, REFUSED_ON_READING
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.data.cells import MISSING
from engine.data.table import Table, read_table
from engine.errors import DataError, FileFormatError

PENGUINS = Path(__file__).parents[4] / "shared/data/penguins.csv"


@pytest.fixture
def read(tmp_path: Path):
    def read(content: str | bytes) -> Table:
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path)

    return read


def rows(table: Table) -> list[list[str]]:
    return [[table.cell(i, j) for j in range(len(table.column_names))] for i in range(table.n_rows)]


def as_file(content: bytes) -> Path:
    class Memory(type(Path())):
        def is_dir(self) -> bool:
            return False

        def exists(self) -> bool:
            return True

        def is_file(self) -> bool:
            return True

        def read_bytes(self) -> bytes:
            return content

    return Memory("table.csv")


def test_plain_table(read) -> None:
    table = read("x,count,color\n1.5,3,red\n-2.25,4,blue\n")
    assert table.name == "table.csv"
    assert table.column_names == ("x", "count", "color")
    assert table.frame.dtypes == [pl.Float64, pl.Int64, pl.String]
    assert rows(table) == [["1.5", "3", "red"], ["-2.25", "4", "blue"]]
    assert [table.is_numeric(name) for name in table.column_names] == [True, True, False]
    assert table.notes == ()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_separators_and_line_ends(read, separator: str, line_end: str, quote: str) -> None:
    lines = [["x", "y", "class"], ["1.5", "2", "a b"], ["3.5", "4", "c"]]
    text = line_end.join(separator.join(f"{quote}{cell}{quote}" for cell in line) for line in lines) + line_end
    table = read(text)
    assert table.column_names == ("x", "y", "class")
    assert rows(table) == lines[1:]
    words = {",": "", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}[separator]
    assert table.notes == ((f"Columns are separated by {words}.",) if words else ())


def test_decimal_commas_are_numbers(read) -> None:
    table = read("x;y;class\n1,5;1.234,5;a\n-2,25;12,0;b\n3;;c\n")
    assert table.frame["x"].to_list() == [1.5, -2.25, 3.0]
    assert table.frame["y"].to_list() == [1234.5, 12.0, None]
    assert table.frame["class"].dtype == pl.String


def test_digits_of_other_scripts_are_text(read) -> None:
    table = read("x;class\n١,٥;a\n٢,٥;b\n")
    assert table.frame["x"].to_list() == ["١,٥", "٢,٥"]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_column_of_missing_markers_is_wholly_missing(read, quote: str) -> None:
    table = read(f"x,blank,class\n1,{quote}nan{quote},a\n2, NA ,b\n")
    assert table.frame["blank"].to_list() == [None, None]
    assert table.frame["blank"].dtype == pl.String


def test_odd_spellings_of_nan_are_missing_among_numbers_and_kept_in_text(read) -> None:
    table = read("x,name\n1.5,Nan\n-nan,Ann\n")
    assert table.frame.rows() == [(1.5, "Nan"), (None, "Ann")]


def test_padded_cells_are_stripped(read) -> None:
    table = read("x,n,color\n 1.5 , 3,red \n2.5,4 ,\u00a0blue\n")
    assert table.frame.rows() == [(1.5, 3, "red"), (2.5, 4, "blue")]


def test_decimal_commas_without_header(read) -> None:
    table = read("1,5;2,5;a\n3,5;4,5;b\n")
    assert table.frame.rows() == [(1.5, 2.5, "a"), (3.5, 4.5, "b")]


def test_text_with_one_comma_a_row_stays_one_column(read) -> None:
    table = read("name\tx\nDoe, Jane\t1\nRoe, Rob\t2\n")
    assert rows(table) == [["Doe, Jane", "1"], ["Roe, Rob", "2"]]


def test_quoted_fields(read) -> None:
    table = read('name,note,x\n"Doe, Jane","said ""hi""",1\r\n"two\nlines", "a; b",2\n')
    assert rows(table) == [["Doe, Jane", 'said "hi"', "1"], ["two\nlines", "a; b", "2"]]


def test_quotation_mark_inside_plain_text(read) -> None:
    assert rows(read('size,x\n5" pipe,1\n6" pipe,2\n')) == [['5" pipe', "1"], ['6" pipe', "2"]]


def test_missing_markers_are_missing(read) -> None:
    column = "\n".join(f"{marker},t{i}" for i, marker in enumerate(MISSING))
    table = read(f"x,label\n1,a\n{column}\n 2 ,b\n")
    assert table.frame["x"].to_list() == [1, *[None] * len(MISSING), 2]
    assert {"", "NA", "N/A", "NaN", "nan", "null", "?"} <= set(MISSING)
    assert table.cell(1, 0) == ""


def test_words_that_only_resemble_missing_are_kept(read) -> None:
    assert read("element,garage\nNa,None\nCl,none\n").frame.rows() == [("Na", "None"), ("Cl", "none")]


def test_numbers_of_every_size(read) -> None:
    table = read("a,b,c,d\n1e308,99999999999999999999,inf,1e400\n-1e308,9223372036854775807,-Infinity,2\n")
    assert table.frame["a"].to_list() == [1e308, -1e308]
    assert table.frame["b"].to_list() == [1e20, 2.0**63]
    assert table.frame["c"].to_list() == [float("inf"), float("-inf")]
    assert table.frame["d"].to_list() == [float("inf"), 2.0]
    assert rows(table)[0] == ["1e+308", "1e+20", "inf", "inf"]


def test_mixed_column_is_text(read) -> None:
    assert read("x,y\n1,1\ntwo,2\n").frame.rows() == [("1", 1), ("two", 2)]


def test_expressions_are_never_evaluated(read) -> None:
    assert rows(read("x,y\n=1+1,1\n__import__('os'),2\n")) == [["=1+1", "1"], ["__import__('os')", "2"]]


@pytest.mark.parametrize(
    "text",
    ["1.5,2.5,a\n2.5,3.5,b\n", "red,big\nblue,small\nred,small\nblue,big\n", "1,2\n", ",2.5,a\n1.5,3.5,b\n2.5,1.5,a\n"],
)
def test_missing_header_is_noticed(read, text: str) -> None:
    table = read(text)
    assert table.n_rows == text.count("\n")
    assert table.column_names == tuple(f"column {i + 1}" for i in range(text.split("\n")[0].count(",") + 1))
    assert any(note.startswith("No header found") for note in table.notes)


@pytest.mark.parametrize("text", ["color,size\nred,big\nblue,small\n", "0,1,2,y\n5.1,3.5,1.4,a\n", ",x,y\n0,1.5,a\n"])
def test_header_is_noticed(read, text: str) -> None:
    table = read(text)
    assert table.n_rows == text.count("\n") - 1
    assert not table.notes


def test_names_are_completed_and_made_unique(read) -> None:
    table = read("x,,x,x (2),x\na,b,c,d,e\n")
    assert table.column_names == ("x", "column 2", "x (3)", "x (2)", "x (4)")
    assert table.notes == ("Column names found twice were made unique: x (3), x (4).",)


@pytest.mark.parametrize("quote", ["", '"'])
def test_blank_rows_are_skipped_and_lines_still_counted(read, quote: str) -> None:
    table = read(f"\nx,class\n\n{quote}1{quote},a\n  \n2,b\n\n")
    assert rows(table) == [["1", "a"], ["2", "b"]]
    assert "3 blank rows skipped." in table.notes or "4 blank rows skipped." in table.notes
    with pytest.raises(FileFormatError, match=r"table\.csv, line 6: 1 field found, 2 expected"):
        read(f"\nx,class\n\n{quote}1{quote},a\n  \n2\n")


def test_ragged_row_after_an_embedded_newline_has_its_own_line(read) -> None:
    with pytest.raises(FileFormatError, match="line 5: 3 fields found, 2 expected"):
        read('note,class\n"two\nlines",a\nplain,b\nx,y,z\n')


@pytest.mark.parametrize("name", REFUSED_ON_READING)
def test_the_crowd_is_refused_with_a_reason(read, name: str) -> None:
    with pytest.raises(DataError) as caught:
        read(CROWD[name])
    assert str(caught.value).startswith("table.csv")
    assert REFUSED_ON_READING[name] in str(caught.value)


@pytest.mark.parametrize("name", sorted(set(CROWD) - set(REFUSED_ON_READING)))
def test_the_rest_of_the_crowd_is_read(read, name: str) -> None:
    table = read(CROWD[name])
    assert table.n_rows >= 1
    assert table.column_names[-1] == "class"


def test_encodings_are_read_and_noted(read) -> None:
    assert rows(read(CROWD["Korean CP949"]))[0] == ["서울", "1.5", "남"]
    assert rows(read(CROWD["Latin-1"]))[0] == ["Müller", "1.5", "café"]
    table = read(CROWD["UTF-16"])
    assert rows(table)[1] == ["Genève", "2.5", "b"]
    assert table.notes == ("The text is encoded in UTF-16.",)


def test_five_thousand_columns_in_reasonable_time(read) -> None:
    started = time.perf_counter()
    table = read(CROWD["5,000 columns"])
    assert len(table.column_names) == 5_001
    assert table.suggested_target == "class"
    assert time.perf_counter() - started < 5


def test_absent_column_offers_the_nearest() -> None:
    table = Table("t.csv", pl.DataFrame({"species": ["a"], "x": [1]}))
    with pytest.raises(DataError, match=r"t\.csv has no column Speces\. Did you mean species\?"):
        table.is_numeric("Speces")


@pytest.mark.skipif(not PENGUINS.exists(), reason=f"{PENGUINS} is not here")
def test_penguins() -> None:
    table = read_table(PENGUINS)
    assert table.n_rows == 344
    assert table.suggested_target == "species"
    assert [name for name in table.column_names if not table.is_numeric(name)] == ["species", "island", "sex"]
    assert table.frame["sex"].null_count() == 11
    assert rows(table)[0] == ["Adelie", "Torgersen", "39.1", "18.7", "181", "3750", "MALE"]
    assert table.notes == ()


letters = st.characters(codec="utf-8", exclude_characters="\0\ufeff", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
words = st.text(letters | st.sampled_from(' ,;|\t"\n\r'), max_size=6).map(lambda word: f"w{word}w")
cells = st.one_of(words, st.just(""), st.integers(-(10**9), 10**9).map(str))


@settings(deadline=None)
@given(
    table=st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1)
    ),
    separator=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_what_the_csv_module_writes_comes_back(table: list[list[str]], separator: str, quoting: int) -> None:
    header = [f"name{i}" for i in range(len(table[0]))]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=separator, quoting=quoting).writerows([header, *table])
    result = read_table(as_file(buffer.getvalue().encode()))
    assert result.column_names == tuple(header)
    assert rows(result) == table


@settings(deadline=None)
@given(
    table=st.lists(st.tuples(st.floats(allow_nan=False), st.integers(-(2**63), 2**63 - 1)), min_size=1),
    separator=st.sampled_from(",;\t|"),
)
def test_numbers_come_back_to_the_bit(table: list[tuple[float, int]], separator: str) -> None:
    assume(any(not value.is_integer() for value, _ in table))
    text = f"x{separator}n\n" + "".join(f"{value!r}{separator}{count}\n" for value, count in table)
    assert read_table(as_file(text.encode())).frame.rows() == table


table_bytes = st.lists(
    st.sampled_from([b'"', b",", b";", b"\n", b"\r", b"1", b"a", b"\xfc", b"\0", b" ", b"NA", b"\t"])
)


@settings(deadline=None)
@given(st.one_of(st.binary(), st.text().map(str.encode), table_bytes.map(b"".join)))
def test_arbitrary_bytes_give_a_table_or_a_data_error(content: bytes) -> None:
    try:
        table = read_table(as_file(content))
    except DataError as error:
        message = str(error)
    else:
        message = table.name
        assert table.n_rows >= 1
        assert len(set(table.column_names)) == len(table.column_names) >= 1
        assert table.suggested_target in table.column_names
    assert message.startswith("table.csv")
