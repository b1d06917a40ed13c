import polars as pl
import pytest

from engine.data.columns import as_text, pick, take_names, typed


def test_as_text_shows_whole_numbers_whole() -> None:
    values = pl.Series("x", [1.0, -0.5, None, 1e300, float("nan")])
    assert as_text(values).to_list() == ["1", "-0.5", None, "1e+300", "nan"]
    assert as_text(pl.Series([True, None])).to_list() == ["true", None]


@pytest.mark.parametrize("names", [["^.*$"], ["x", "^.*$"], []])
def test_picked_names_are_no_patterns(names: list[str]) -> None:
    frame = pl.DataFrame({"^.*$": ["a", "b"], "x": [1, 2]})
    assert pick(frame, names).columns == names


def test_types_are_found_for_each_column_and_the_order_stays() -> None:
    cells = pl.DataFrame(
        {
            "text": ["a", " b ", None],
            "real": ["1", "2.5", None],
            "blank": [None, "NA", " "],
            "whole": ["9007199254740993", " 2", "3"],
            "comma": ["1,5", "1.234", None],
        },
        schema_overrides={"blank": pl.String},
    )
    frame = typed(cells, decimal_comma=True)
    assert frame.rows() == [
        ("a", 1.0, None, 9007199254740993, 1.5),
        ("b", 2.5, None, 2, 1234.0),
        (None, None, None, 3, None),
    ]
    assert frame.dtypes == [pl.String, pl.Float64, pl.String, pl.Int64, pl.Float64]
    assert typed(cells, decimal_comma=False)["comma"].to_list() == ["1,5", "1.234", None]


def test_the_number_of_calls_does_not_grow_with_the_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    def count_collects(width: int) -> int:
        calls = []
        collect = pl.LazyFrame.collect

        def counted(*args: object, **kwargs: object) -> object:
            calls.append(1)
            return collect(*args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(pl.LazyFrame, "collect", counted)
            cells = pl.DataFrame({f"{i}": [f"x{i}", "1.5", "NA", " 2"] for i in range(width)})
            _, rows, _ = take_names(cells)
            assert typed(rows, decimal_comma=False).dtypes == [pl.Float64] * width
        return len(calls)

    assert count_collects(300) == count_collects(3)
