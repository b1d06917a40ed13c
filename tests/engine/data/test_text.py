import os
import zipfile
from pathlib import Path

import pytest
from crowd import CROWD
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.text import decode, read_text
from engine.errors import DataError, FileFormatError

TABLES = {
    "german": "name,city\nMüller,Köln\nJürgen,Düsseldorf\nAnna,Bonn\nÖzil,Essen\nWeiß,Gießen\n",
    "french": "boisson,prix\ncafé,2\nthé,3\ncrème brûlée,6\nnoël,1\ngarçon,4\n",
    "spanish": "año,niño\n2001,José\n2002,Núñez\n",
    "lone accent": "x\né\n",
    "korean": "도시,x\n서울,1\n부산,2\n대구,3\n인천,4\n광주,5\n",
    "korean cells only": "city,x\n서울,1\n부산,2\n",
    "one syllable": "sex,x\n남,1\n여,2\n남,3\n",
}


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_unicode_is_read_with_and_without_byte_order_mark(text: str, codec: str) -> None:
    decoded = decode(text.encode(codec), "x.csv")
    assert decoded.text == text
    assert decoded.encoding == codec[:6].upper().rstrip("-")


@pytest.mark.parametrize("name", ["german", "french", "spanish", "lone accent"])
@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
def test_short_western_tables_are_read(name: str, codec: str) -> None:
    decoded = decode(TABLES[name].encode(codec), "x.csv")
    assert decoded.text == TABLES[name]
    assert "Western European" in decoded.encoding


def test_windows_punctuation_is_read() -> None:
    text = "price,note\n5 €,don’t\n6 €,“so” – no\n"
    assert decode(text.encode("cp1252"), "x.csv").text == text


@pytest.mark.parametrize("name", ["korean", "korean cells only", "one syllable"])
@pytest.mark.parametrize("codec", ["cp949", "euc-kr"])
def test_short_korean_tables_are_read(name: str, codec: str) -> None:
    decoded = decode(TABLES[name].encode(codec), "x.csv")
    assert decoded.text == TABLES[name]
    assert decoded.encoding == "CP949 (Korean)"


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("город,x\nМосква,1\nПетербург,2\nНовгород,3\n", "cp1251", "Cyrillic"),
        ("都市,x\n東京,1\n大阪,2\n名古屋,3\n", "cp932", "Japanese"),
        ("城市,x\n北京,1\n上海,2\n广州,3\n", "gb18030", "Chinese"),
        ("πόλη,x\nΑθήνα,1\nΠάτρα,2\n", "cp1253", "Greek"),
    ],
)
def test_other_scripts_are_read(text: str, codec: str, label: str) -> None:
    decoded = decode(text.encode(codec), "x.csv")
    assert decoded.text == text
    assert label in decoded.encoding


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0xFFFF, exclude_categories=["C"]), min_size=1))
def test_any_unicode_text_survives_utf8(text: str) -> None:
    text = f"header\n{text}\n"
    assert decode(text.encode(), "x.csv").text == text


@settings(deadline=None)
@given(st.binary())
def test_arbitrary_bytes_give_text_or_a_format_error(data: bytes) -> None:
    try:
        text = decode(data, "x.csv").text
    except FileFormatError as error:
        message = str(error)
    else:
        assert text.strip()
        assert "\0" not in text
        message = "x.csv"
    assert message.startswith("x.csv")


def test_nul_byte_is_refused_with_its_place() -> None:
    with pytest.raises(FileFormatError, match=r"x\.csv, line 3, character 5: a NUL byte"):
        decode("a,b\n1,2\nMün\n\n".replace("n\n\n", "n,\0\n").encode(), "x.csv")


def test_nul_character_in_utf16_is_refused() -> None:
    with pytest.raises(FileFormatError, match="line 2, character 1: a NUL byte"):
        decode("a,b\n\0,2\n".encode("utf-16"), "x.csv")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (CROWD["PNG"], "PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG image"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "gzip archive"),
        (b"PAR1\x15\x04\x15\0", "Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old kind"),
        (b"SQLite format 3\0\x10", "SQLite database"),
        (b"\x93NUMPY\x01\0v\0{'descr'", "NumPy file"),
        (bytes(range(256)) * 4, "binary file"),
    ],
)
def test_binary_files_are_named_for_what_they_are(data: bytes, kind: str) -> None:
    with pytest.raises(FileFormatError, match=rf"x\.csv looks like .*{kind}.*CSV"):
        decode(data, "x.csv")


def test_excel_workbook_is_told_from_other_zip_archives(tmp_path: Path) -> None:
    for entry, kind in (("xl/workbook.xml", "Excel workbook"), ("notes.txt", "zip archive")):
        path = tmp_path / "sheet.csv"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(entry, "<workbook/>")
        with pytest.raises(FileFormatError, match=kind):
            read_text(path)


@pytest.mark.parametrize("start", ["MZ,x", "BM,x", "GIF8,x", "PAR1,x"])
def test_a_column_called_like_a_signature_is_text(start: str) -> None:
    assert decode(f"{start}\n1,é\n".encode("latin-1"), "x.csv").text == f"{start}\n1,é\n"


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \n\r\n\t"])
def test_empty_files_are_refused(data: bytes) -> None:
    with pytest.raises(FileFormatError, match=r"x\.csv is empty"):
        decode(data, "x.csv")


@pytest.mark.parametrize("data", [b"\xff\xfea", b"\xef\xbb\xbfa,\xfc\n", b"\xff\xfe\x00\xd8a\0"])
def test_text_that_contradicts_its_byte_order_mark_is_refused(data: bytes) -> None:
    with pytest.raises(FileFormatError, match="does not fit"):
        decode(data, "x.csv")


def test_one_wrong_byte_in_utf8_is_named_and_not_read_as_latin1() -> None:
    data = "name\nMüller\nJürgen\nKöln\nWeiß\nJosé\n".encode() + b"Caf\xe9\n"
    with pytest.raises(FileFormatError, match="line 7: a byte that is not UTF-8"):
        decode(data, "x.csv")


def test_missing_file_offers_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "Penguins.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match=r"pengiuns\.csv does not exist\. Did you mean Penguins\.csv\?"):
        read_text(tmp_path / "pengiuns.csv")


def test_missing_folder_is_a_plain_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"does not exist\.$"):
        read_text(tmp_path / "nowhere" / "a.csv")


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder; a file is expected"):
        read_text(tmp_path)


@pytest.mark.parametrize("name", ["a\0b.csv", "a" * 5000])
def test_impossible_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_text(tmp_path / name)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless device here")
def test_device_is_refused() -> None:
    with pytest.raises(DataError, match="is a device"):
        read_text(Path("/dev/zero"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="every file is readable for this user")
def test_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a\n1\n")
    path.chmod(0)
    with pytest.raises(DataError, match="permission denied"):
        read_text(path)


def test_refused_permission_becomes_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a\n1\n")

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError, match=r"secret\.csv cannot be read: permission denied"):
        read_text(path)
