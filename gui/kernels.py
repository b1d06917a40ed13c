"""Which matrix kernels NumPy's OpenBLAS shall use; decided before NumPy is imported, so nothing here imports it."""

from __future__ import annotations

import re
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")
_NEEDED = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


def openblas_core_type(cpu_info: str | None = None) -> str | None:
    """The kernels to ask for in OPENBLAS_CORETYPE, None to leave the choice to OpenBLAS.

    OpenBLAS 0.3.31 does not know the newest AMD processors by name and gives them kernels for AVX2. Those for AVX-512
    double their products of matrices; they are asked for only where the processor says that it can run them.
    """
    text = _read(_CPU_INFO) if cpu_info is None else cpu_info
    vendor = re.search(r"^vendor_id\s*:\s*(\S+)", text, re.MULTILINE)
    flags = re.search(r"^flags\s*:\s*(.*)$", text, re.MULTILINE)
    if vendor is None or flags is None or vendor[1] != "AuthenticAMD":
        return None
    return "SkylakeX" if set(flags[1].split()) >= _NEEDED else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # not on this system
        return ""
