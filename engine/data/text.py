"""Bytes of a file -> text, with the encoding that was found."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer
import numpy as np

from engine.errors import DataError, FileFormatError
from engine.suggestions import did_you_mean

BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),  # before UTF-16, whose mark begins alike
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind (.xls)"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
# What spreadsheets write; without this list charset-normalizer answers short files with rarities (cp775, mac_latin2).
OTHER_ENCODINGS = {
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
}
CONTROL_CHARACTERS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x1a\x1b"))
SAMPLE_SIZE = 65_536  # bytes; even, so that UTF-16 units stay whole


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file and the name of its encoding, as a user knows it: "UTF-8", "CP949 (Korean)"."""

    text: str
    encoding: str


def read_text(path: Path) -> DecodedText:
    """Read the text file at ``path`` in whatever encoding it has.

    Raises DataError where ``path`` cannot be opened, FileFormatError where it is empty, binary or damaged.
    """
    try:
        if path.is_dir():
            raise DataError(f"{path} is a folder; a file is expected.")
        if path.exists() and not path.is_file():
            raise DataError(f"{path} is a device, not a file.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path} does not exist.{did_you_mean(path.name, _names_beside(path))}") from None
    except PermissionError:
        raise DataError(f"{path} cannot be read: permission denied. Change its permissions or copy it.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(f"{str(path)!r} cannot be read: {reason}.") from None
    return decode(data, path.name)


def decode(data: bytes, name: str) -> DecodedText:
    """Decode the bytes of the file called ``name``; raise FileFormatError where they are no text."""
    decoded = _by_byte_order_mark(data, name) or _utf8(data)
    if decoded is None:
        _refuse_known_formats(data, name)
        decoded = _utf16_without_mark(data)
    if decoded is None:
        _refuse_control_characters(data, name)
        _refuse_damaged_utf8(data, name)
        decoded = _one_of_many(data)
    _refuse_nul(decoded.text, name)
    if not decoded.text.strip():
        raise FileFormatError(f"{name} is empty; a table with a header and rows is expected.")
    return decoded


def _names_beside(path: Path) -> list[str]:
    try:
        return [other.name for other in path.parent.iterdir() if other.is_file()]
    except OSError:
        return []


def _by_byte_order_mark(data: bytes, name: str) -> DecodedText | None:
    for mark, codec, label in BYTE_ORDER_MARKS:
        if data.startswith(mark) and (codec != "utf-32" or len(data) % 4 == 0):
            try:
                return DecodedText(data.decode(codec), label)
            except UnicodeDecodeError as error:
                raise FileFormatError(
                    f"{name} says that it is {label}, but byte {error.start + 1} does not fit; "
                    "the file is damaged or no text."
                ) from None
    return None


def _utf8(data: bytes) -> DecodedText | None:
    """Decode UTF-8 (ASCII included) that holds no NUL: a NUL may mean UTF-16 or a binary file."""
    if b"\0" in data or _is_mostly_control(data):
        return None
    try:
        return DecodedText(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        return None


def _refuse_known_formats(data: bytes, name: str) -> None:
    # letters alone prove nothing: a table may begin with a column called "MZ"
    signatures = [(start, kind) for start, kind in SIGNATURES if b"\0" in data or not start.isascii()]
    kinds = [kind for start, kind in signatures if data.startswith(start)]
    if data.startswith(b"PK\x03\x04"):
        kinds = ["an Excel workbook (.xlsx)" if b"xl/workbook" in data else "a zip archive"]
    if kinds:
        raise FileFormatError(f"{name} looks like {kinds[0]}, not a text table; save the table as CSV and open that.")


def _refuse_control_characters(data: bytes, name: str) -> None:
    if _is_mostly_control(data):
        share = _count_control(data) / len(data)
        raise FileFormatError(
            f"{name} looks like a binary file ({share:.0%} control characters), not a text table; "
            "save the table as CSV and open that."
        )


def _is_mostly_control(data: bytes) -> bool:
    return _count_control(data) > max(8, len(data) // 20)


def _count_control(data: bytes) -> int:
    return len(data) - len(data.translate(None, CONTROL_CHARACTERS))


def _refuse_damaged_utf8(data: bytes, name: str) -> None:
    """Refuse UTF-8 with a few wrong bytes: read in another encoding, every accented letter would come out wrong."""
    text = data.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    right = sum(not character.isascii() for character in text) - wrong
    if 0 < wrong * 4 < right:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        raise FileFormatError(
            f"{name}, line {line}: a byte that is not UTF-8, though the rest of the file is; "
            "repair that line or save the file again as UTF-8."
        )


def _refuse_nul(text: str, name: str) -> None:
    position = text.find("\0")
    if position >= 0:
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
        raise FileFormatError(
            f"{name}, line {line}, character {column}: a NUL byte, which no text holds; "
            "the file is damaged or not a text table."
        )


def _utf16_without_mark(data: bytes) -> DecodedText | None:
    for codec, zero_side in (("utf-16-le", 1), ("utf-16-be", 0)):
        if _is_evidently_utf16(data, zero_side):
            try:
                return DecodedText(data.decode(codec), "UTF-16")
            except UnicodeDecodeError:
                return None
    return None


def _is_evidently_utf16(data: bytes, zero_side: int) -> bool:
    """Whether nearly every separator and line end has its zero byte on the same side, as in UTF-16."""
    if len(data) % 2 or b"\0" not in data:
        return False
    units = np.frombuffer(data[:SAMPLE_SIZE], dtype=np.uint8).reshape(-1, 2)
    marks = np.isin(units, list(b",;\t|\r\n"))
    paired = np.count_nonzero(marks[:, 1 - zero_side] & (units[:, zero_side] == 0))
    return bool(0 < np.count_nonzero(marks) <= 1.25 * paired)


def _one_of_many(data: bytes) -> DecodedText:
    """Decode what is neither UTF-8 nor UTF-16: Korean, Western European, or what charset-normalizer finds."""
    sample = data[:SAMPLE_SIZE]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    if _is_korean(sample):
        candidates = ["cp949"]
    elif _is_western(sample):
        candidates = ["cp1252"]
    else:
        candidates = _by_charset_normalizer(sample)
    for codec in [*candidates, "cp1252"]:
        try:
            return DecodedText(
                data.decode(codec),
                {"cp949": "CP949 (Korean)", "cp1252": "Windows-1252 (Western European)", **OTHER_ENCODINGS}[codec],
            )
        except (UnicodeDecodeError, KeyError):
            continue
    return DecodedText(data.decode("latin-1"), "Latin-1 (Western European)")


def _by_charset_normalizer(sample: bytes) -> list[str]:
    # a short table is full of commas and digits, which the usual threshold of 0.2 takes for disorder
    matches = charset_normalizer.from_bytes(
        sample, cp_isolation=list(OTHER_ENCODINGS), threshold=0.5, enable_fallback=False
    )
    return [match.encoding for match in matches]


def _is_korean(sample: bytes) -> bool:
    """Whether ``sample`` is CP949 whose letters are nearly all among the 2,350 common syllables of KS X 1001.

    Western, Chinese and Japanese bytes often are valid CP949 too, but then give rare syllables and Chinese characters.
    """
    try:
        letters = Counter(c for c in sample.decode("cp949") if not c.isascii() and c.isalpha())
    except UnicodeDecodeError:
        return False
    common = sum(count for letter, count in letters.items() if _is_common_syllable(letter))
    return common > 0 and common >= 0.8 * letters.total()


def _is_common_syllable(letter: str) -> bool:
    lead, trail = letter.encode("cp949")
    return 0xB0 <= lead <= 0xC8 and trail >= 0xA1


def _is_western(sample: bytes) -> bool:
    """Whether letters above ASCII stand nearly alone, as in "Müller": other scripts make whole words of them."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return bool(runs) and sum(map(len, runs)) <= 2 * len(runs)
