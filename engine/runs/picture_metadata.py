"""The text that travels inside a picture: who made it, its title, and the set-up of the run it shows.

PNG   iTXt chunks (PNG specification, 11.3.4.5): Software, Title and one with the set-up
SVG   a metadata element that holds RDF
PDF   the same RDF as an XMP packet (ISO 16684-1), as in an animated WebP; dates are blanked, so that the same picture
      has the same bytes

Readers are for files from anywhere. They look at no more than ``MOST_BYTES`` of a file and ``MOST_SETUP_BYTES`` of what
they look for, believe no length that the file claims, know no entities, and raise nothing but SetupFileError.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat  # entities are refused below, and sizes bounded
from xml.sax.saxutils import escape, unescape

from engine.errors import SetupFileError
from engine.runs.setup_record import MOST_BYTES as MOST_SETUP_BYTES
from engine.versions import version

SOFTWARE = "Softmax Lab"
KEYWORD = "softmax-lab set-up"
NAMESPACE = "urn:softmax-lab:set-up"
MOST_BYTES = 1 << 27
SUFFIXES = (".png", ".svg", ".pdf", ".webp")

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END_OF_HEADER = len(_PNG_SIGNATURE) + 12 + 13  # the signature, then the chunk IHDR with its 13 bytes
_MOST_CHUNKS = 100_000
_PIECE = 1 << 16
_MOST_ELEMENTS, _MOST_DEPTH = 1_000_000, 256
_OPENING, _CLOSING = "<softmaxlab:setUp>", "</softmaxlab:setUp>"
_NO_SETUP = "It carries no set-up of a run."
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_XML_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_PDF_DATE = re.compile(rb"/(?:Creation|Mod)Date \(D:[^()]*\)")


class PictureText(NamedTuple):
    """What a picture says of itself; ``setup`` is JSON, None where there is no run."""

    title: str
    setup: str | None


# Writing


def png_with(png: bytes, text: PictureText) -> bytes:
    """Return the PNG with ``text`` in it, in front of its pixels."""
    items = {"Software": _software(), "Title": text.title} | ({KEYWORD: text.setup} if text.setup else {})
    chunks = b"".join(_chunk(b"iTXt", _itxt(keyword, value)) for keyword, value in items.items())
    return png[:_END_OF_HEADER] + chunks + png[_END_OF_HEADER:]


def svg_with(svg: bytes, text: PictureText) -> bytes:
    """Return the SVG with ``text`` as its metadata, and without letters that XML does not know."""
    svg = _NOT_XML_BYTES.sub(b"", svg)
    at = svg.index(b"<defs")
    return svg[:at] + f"<metadata>\n{_rdf(text)}\n</metadata>\n".encode() + svg[at:]


def xmp_packet(text: PictureText) -> bytes:
    """Return ``text`` as the XMP packet of a PDF."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f'{_rdf(text)}\n</x:xmpmeta>\n<?xpacket end="r"?>'
    ).encode()


def pdf_without_dates(pdf: bytes) -> bytes:
    """Return the PDF with blanks in place of the dates of its document information, so that no offset moves."""
    end = pdf.index(b"endobj")
    return _PDF_DATE.sub(lambda found: b" " * len(found[0]), pdf[:end]) + pdf[end:]


def _software() -> str:
    return f"{SOFTWARE} {version()}"


def _itxt(keyword: str, value: str) -> bytes:
    # keyword, no compression, no language, no translated keyword
    return keyword.encode("latin-1") + b"\0\0\0\0\0" + value.replace("\0", "").encode(errors="replace")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _rdf(text: PictureText) -> str:
    setup = f"\n    {_OPENING}{escape(text.setup)}{_CLOSING}" if text.setup else ""
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:softmaxlab="{NAMESPACE}">\n'
        f'    <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{_xml(text.title)}</rdf:li></rdf:Alt></dc:title>\n'
        f"    <xmp:CreatorTool>{_xml(_software())}</xmp:CreatorTool>{setup}\n"
        "  </rdf:Description>\n</rdf:RDF>"
    )


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


# Reading


def is_picture(path: Path) -> bool:
    """Whether the name of ``path`` says that it is a picture in which a set-up may be."""
    return path.suffix.lower() in SUFFIXES


def read_setup(path: Path) -> str:
    """Return the set-up in the picture at ``path``, unchecked; raises SetupFileError, naming the file."""
    try:
        return setup_in(_bytes_of(path))
    except SetupFileError as error:
        raise SetupFileError(f"{path.name}: {error}") from None


def setup_in(data: bytes) -> str:
    """Return the set-up in the bytes of a PNG, SVG, PDF or WebP, unchecked; raises SetupFileError."""
    if data.startswith(_PNG_SIGNATURE):
        return _from_png(data)
    if data.startswith(b"%PDF-") or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return _from_packet(data)
    return _from_svg(data)


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise SetupFileError("there is no such file.")
        if path.stat().st_size > MOST_BYTES:
            raise SetupFileError(f"it is larger than {MOST_BYTES:,} bytes.")
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except (OSError, ValueError) as error:
        raise SetupFileError(f"it cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _from_png(data: bytes) -> str:
    for kind, content in _chunks(data):
        if kind == b"iTXt" and content.startswith(KEYWORD.encode() + b"\0"):
            return _decoded(_text_of(content[len(KEYWORD) + 1 :]))
    raise SetupFileError(_NO_SETUP)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every chunk that is whole, with its kind; the content of one too large to be a set-up is left out."""
    at = len(_PNG_SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        if at + 12 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            raise SetupFileError("The PNG is damaged: a part of it is longer than the file.")
        if kind == b"iTXt" and length <= 2 * MOST_SETUP_BYTES:
            content = data[at + 8 : end]
            if zlib.crc32(kind + content) != int.from_bytes(data[end : end + 4], "big"):
                raise SetupFileError("The PNG is damaged: a checksum does not fit.")
            yield kind, content
        at = end + 4


def _text_of(rest: bytes) -> bytes:
    """The text of an iTXt chunk from its compression flag on, unpacked no further than a set-up can be long."""
    flag, method, parts = rest[:1], rest[1:2], rest[2:].split(b"\0", 2)
    if len(parts) < 3 or flag not in (b"\0", b"\1") or method != b"\0":
        raise SetupFileError("The PNG is damaged: a text in it is cut off.")
    if flag == b"\0":
        return parts[2]
    try:
        return zlib.decompressobj().decompress(parts[2], MOST_SETUP_BYTES + 1)
    except zlib.error:
        raise SetupFileError("The PNG is damaged: a text in it cannot be unpacked.") from None


def _from_packet(data: bytes) -> str:
    start = data.find(_OPENING.encode())
    if start < 0:
        raise SetupFileError(_NO_SETUP)
    start += len(_OPENING)
    # Escaped, a letter takes up to five bytes.
    end = data.find(_CLOSING.encode(), start, start + 5 * MOST_SETUP_BYTES + len(_CLOSING))
    if end < 0:
        raise SetupFileError("The set-up in it is cut off, or too large.")
    return unescape(_decoded(data[start:end]))


def _from_svg(data: bytes) -> str:
    reader = _SvgReader()
    try:
        for start in range(0, len(data), _PIECE):
            if reader.feed(data[start : start + _PIECE], last=start + _PIECE >= len(data)):
                break
    except (expat.ExpatError, ValueError, LookupError):  # the latter two: an encoding that is none
        raise SetupFileError("It is no picture that this program knows, or a damaged one.") from None
    return reader.setup


class _SvgReader:
    """Looks for the set-up in an SVG, piece by piece."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._refuse_entity
        self._depth = self._count = 0
        self._parts: list[str] | None = None
        self._length = 0
        self._done = False

    def feed(self, piece: bytes, *, last: bool) -> bool:
        """Read on; whether the set-up was found."""
        self._parser.Parse(piece, last)
        return self._done

    @property
    def setup(self) -> str:
        """What was found."""
        if not self._done or self._parts is None:
            raise SetupFileError(_NO_SETUP)
        return "".join(self._parts)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._count == 1 and name.rpartition(" ")[2] != "svg":
            raise SetupFileError("It is no SVG picture.")
        if self._depth > _MOST_DEPTH or self._count > _MOST_ELEMENTS:
            raise SetupFileError("The SVG is nested too deep, or has too many parts.")
        if name == f"{NAMESPACE} setUp" and self._parts is None:
            self._parts = []
            self._parser.CharacterDataHandler = self._take

    def _take(self, text: str) -> None:
        self._length += len(text)
        if self._length > MOST_SETUP_BYTES:
            raise SetupFileError(f"The set-up is larger than {MOST_SETUP_BYTES:,} bytes.")
        if self._parts is not None:
            self._parts.append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == f"{NAMESPACE} setUp":
            self._done = True
            self._parser.CharacterDataHandler = None

    def _refuse_entity(self, *_: object) -> None:
        raise SetupFileError("The SVG declares entities, which are not read.")


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise SetupFileError("The set-up is damaged: it is not UTF-8.") from None
