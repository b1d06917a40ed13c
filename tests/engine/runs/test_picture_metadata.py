from __future__ import annotations

import contextlib
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SetupFileError
from engine.runs.picture_metadata import (
    KEYWORD,
    PictureText,
    is_picture,
    pdf_without_dates,
    png_with,
    read_setup,
    setup_in,
    svg_with,
    xmp_packet,
)

SETUP = '{"target":"<a> & \\"b\\""}'
TEXT = PictureText("Cost – <꽃> & \U0001f33c", SETUP)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXELS = chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
PNG = b"\x89PNG\r\n\x1a\n" + HEADER + PIXELS
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" version="1.2">\n<defs>\n</defs>\n<g/></svg>'


def pdf_with(text: PictureText) -> bytes:
    """What matters of a PDF: its head, the information, and the packet as it is."""
    dates = b"/CreationDate (D:20261122104500+09'00')\n/ModDate (D:20261122104500Z)\n"
    return b"%PDF-1.4\n1 0 obj\n<<\n" + dates + b">>\nendobj\nstream\n" + xmp_packet(text) + b"\nendstream\n%%EOF\n"


MADE = {"png": png_with(PNG, TEXT), "svg": svg_with(SVG, TEXT), "pdf": pdf_with(TEXT)}


def png_of(itxt: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + HEADER + chunk(b"iTXt", KEYWORD.encode() + b"\0" + itxt) + PIXELS


@pytest.mark.parametrize("suffix", MADE)
def test_what_is_written_is_read(suffix: str, tmp_path: Path) -> None:
    assert setup_in(MADE[suffix]) == SETUP
    path = tmp_path / f"a.{suffix.upper()}"
    path.write_bytes(MADE[suffix])
    assert is_picture(path)
    assert read_setup(path) == SETUP


@pytest.mark.parametrize("suffix", MADE)
def test_without_a_run_there_is_only_a_title(suffix: str) -> None:
    without = TEXT._replace(setup=None)
    data = {"png": png_with(PNG, without), "svg": svg_with(SVG, without), "pdf": pdf_with(without)}[suffix]
    assert "Cost – ".encode() in data
    with pytest.raises(SetupFileError, match="It carries no set-up of a run"):
        setup_in(data)


def test_the_png_is_still_one_for_others() -> None:
    image = pytest.importorskip("PySide6.QtGui").QImage.fromData(MADE["png"])
    assert (image.width(), image.height()) == (1, 1)
    assert image.text("Title") == TEXT.title
    assert image.text("Software").startswith("Softmax Lab ")


def test_a_title_that_no_xml_can_hold() -> None:
    odd = PictureText("a\x00\x08\x1b\ufffe\ud800b", SETUP)
    assert setup_in(svg_with(SVG.replace(b"<g/>", b"<g>\x03\xef\xbf\xbe</g>"), odd)) == SETUP
    assert setup_in(png_with(PNG, odd)) == SETUP
    assert b">ab<" in xmp_packet(odd)


def test_dates_go_and_nothing_moves() -> None:
    before = MADE["pdf"] + b"/CreationDate (D:2026)"
    after = pdf_without_dates(before)
    assert len(after) == len(before)
    assert b"D:20261122" not in after
    assert after.endswith(b"/CreationDate (D:2026)")  # beyond the information it is somebody's text
    assert after.index(b"stream") == before.index(b"stream")


def test_a_compressed_text_is_unpacked_and_a_bomb_is_not() -> None:
    assert setup_in(png_of(b"\1\0\0\0" + zlib.compress(SETUP.encode()))) == SETUP
    bomb = setup_in(png_of(b"\1\0en\0\0" + zlib.compress(b" " * (1 << 26))))
    assert len(bomb) == (1 << 16) + 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "carries no set-up"),
        (b"text", "no picture that this program knows"),
        (PNG, "carries no set-up"),
        (MADE["png"][:60], "longer than the file"),
        (MADE["png"].replace(b"target", b"tarGet"), "checksum"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xff" + b"IHDR" + b"x" * 20, "longer than the file"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"") * 100_001, "carries no set-up"),
        (png_of(b"\0"), "cut off"),
        (png_of(b"\1\0\0\0junk"), "cannot be unpacked"),
        (png_of(b"\0\0\0\0\xff\xff"), "not UTF-8"),
        (b"%PDF-1.7 nothing", "carries no set-up"),
        (MADE["pdf"].replace(b"</softmaxlab", b""), "cut off"),
        (b"%PDF-<softmaxlab:setUp>" + b"x" * 400_000 + b"</softmaxlab:setUp>", "cut off, or too large"),
        (b"<html><body/></html>", "no SVG picture"),
        (SVG, "carries no set-up"),
        (MADE["svg"][:300], "no picture that this program knows"),
        (MADE["svg"].replace(b"{", b"{" + b"x" * 70_000), "larger than 65,536"),
        (b"<svg>" + b"<g>" * 300, "nested too deep"),
        (b'<?xml version="1.0" encoding="nonsense"?><svg/>', "no picture that this program knows"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "declares entities"),
        (b'<!DOCTYPE svg SYSTEM "file:///etc/passwd"><svg/>', "carries no set-up"),
    ],
)
def test_what_is_no_picture_of_ours_is_said(data: bytes, message: str) -> None:
    with pytest.raises(SetupFileError, match=message):
        setup_in(data)


class TestAnyFile:
    @given(data=st.binary(max_size=400), start=st.sampled_from([b"", b"%PDF-", PNG[:8], PNG[:33], SVG[:60]]))
    def test_any_bytes(self, data: bytes, start: bytes) -> None:
        self.read_or_refuse(start + data)

    @given(
        suffix=st.sampled_from(sorted(MADE)),
        edits=st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=6), st.integers(0, 40)), max_size=4),
    )
    def test_any_damage(self, suffix: str, edits: list[tuple[int, bytes, int]]) -> None:
        data = MADE[suffix]
        for at, new, removed in edits:
            data = data[:at] + new + data[at + removed :]
        self.read_or_refuse(data)

    @staticmethod
    def read_or_refuse(data: bytes) -> None:
        with contextlib.suppress(SetupFileError):
            assert isinstance(setup_in(data), str)


class TestFiles:
    def test_is_picture_goes_by_the_name(self) -> None:
        assert [is_picture(Path(name)) for name in ("a.PNG", "b.svg", "c.pdf", "d.csv", "png")] == [True] * 3 + [
            False
        ] * 2

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(SetupFileError, match=r"a\.png: there is no such file"):
            read_setup(tmp_path / "a.png")
        with pytest.raises(SetupFileError, match="there is no such file"):
            read_setup(tmp_path)

    @pytest.mark.skipif(os.name != "posix", reason="no sparse files to rely on")
    def test_a_file_that_is_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "a.png"
        with path.open("wb") as file:
            file.truncate((1 << 27) + 1)
        with pytest.raises(SetupFileError, match=r"a\.png: it is larger than 134,217,728 bytes"):
            read_setup(path)
