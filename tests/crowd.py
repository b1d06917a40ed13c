"""Degenerate tables that every reader, panel and plot must meet: file contents by name, and what becomes of them.

Where training is possible at all, the target is the column ``class``.
"""

from __future__ import annotations

_ROWS = "1.5,2.5,a\n2.5,3.5,b\n3.5,1.5,a\n4.5,0.5,b\n5.5,2.0,a\n6.5,1.0,b\n"
_WIDE = 5_000

CROWD: dict[str, bytes] = {
    "empty": b"",
    "only blank lines": b"\n\r\n  \n",
    "header only": b"x,y,class\n",
    "one row": b"x,y,class\n1.5,2.5,a\n",
    "one class": b"x,y,class\n1.5,2.5,a\n2.5,3.5,a\n",
    "one column": b"class\na\nb\na\n",
    "target always missing": b"x,class\n1.5,\n2.5,NA\n",
    "nothing but targets": b"x,class\n,a\n,b\nNA,a\n",
    "ragged short": b"x,y,class\n1.5,2.5,a\n2.5,b\n",
    "ragged long": b"x,y,class\n1.5,2.5,a\n2.5,3.5,b\n3.5,4.5,a,9\n",
    "unclosed quote": b'x,class\n1.5,a\n2.5,"b\n',
    "NUL byte": f"x,y,class\n{_ROWS}".encode().replace(b"4.5", b"4\0.5"),
    "PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0",
    "zip": b"PK\x03\x04\x14\0\0\0\x08\0\x12\x34\x56\x78name.csv\x03\x04",
    "control characters": b"x,y,class\n" + bytes(range(1, 9)) * 40,
    "constant column": f"k,x,y,class\n{_ROWS}".replace("\n", "\n7,").removesuffix("7,").encode(),
    "missing numbers": b"x,y,class\nNaN,2.5,a\n2.5,nan,b\n3.5,,a\nNA,0.5,b\n5.5,?,a\n",
    "infinities": b"x,y,class\ninf,2.5,a\n2.5,-inf,b\n3.5,Infinity,a\n4.5,0.5,b\n",
    "huge numbers": b"x,y,class\n1e308,99999999999999999999999,a\n-1e308,3,b\n1.7e308,4,a\n1e-308,5,b\n",
    "beyond float64": b"x,class\n1e400,a\n2,b\n-1e999,a\n4,b\n",
    "all text": b"color,size,class\nred,big,a\nblue,small,b\nred,small,a\nblue,big,b\n",
    "UTF-16": "city,x,class\nZürich,1.5,a\nGenève,2.5,b\nZürich,3.5,a\n".encode("utf-16"),
    "Latin-1": "name,x,class\nMüller,1.5,café\nJürgen,2.5,thé\nMüller,3.5,café\n".encode("latin-1"),
    "Korean CP949": "도시,x,class\n서울,1.5,남\n부산,2.5,여\n서울,3.5,남\n".encode("cp949"),
    "5,000 columns": (
        ",".join(f"x{i}" for i in range(_WIDE)) + ",class\n" + ("1.5," * _WIDE + "a\n" + "2.5," * _WIDE + "b\n") * 4
    ).encode(),
}

REFUSED_ON_READING: dict[str, str] = {  # name -> words of the message
    "empty": "is empty",
    "only blank lines": "is empty",
    "header only": "a header and no rows",
    "ragged short": "line 3: 2 fields found, 3 expected",
    "ragged long": "line 4: 4 fields found, 3 expected",
    "unclosed quote": "line 3: the row cannot be split into fields",
    "NUL byte": "line 5, character 2: a NUL byte",
    "PNG": "looks like a PNG image",
    "zip": "looks like a zip archive",
    "control characters": "looks like a binary file",
}

REFUSED_ON_ENCODING: dict[str, str] = {
    "one row": "only one class, “a”",
    "one class": "only one class, “a”",
    "one column": "class is the only column",
    "target always missing": "class is missing in every row",
    "nothing but targets": "no feature column left",
}
