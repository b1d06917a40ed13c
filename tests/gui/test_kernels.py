from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gui.kernels import openblas_core_type

AVX512 = "avx512f avx512dq avx512cd avx512bw avx512vl"


def cpu_info(vendor: str, flags: str) -> str:
    return f"processor\t: 0\nvendor_id\t: {vendor}\nmodel name\t: One\nflags\t\t: fpu avx2 {flags}\nbogomips\t: 1\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (cpu_info("AuthenticAMD", AVX512), "SkylakeX"),
        (cpu_info("AuthenticAMD", ""), None),
        (cpu_info("AuthenticAMD", "avx512f avx512cd"), None),
        (cpu_info("GenuineIntel", AVX512), None),
        ("", None),
        ("Processor\t: ARMv8\nFeatures\t: fp asimd\n", None),
    ],
)
def test_kernels_are_asked_for_only_where_they_run(text: str, expected: str | None) -> None:
    assert openblas_core_type(text) == expected


def test_the_choice_is_made_before_numpy_and_leaves_the_users_own_alone() -> None:
    code = "import sys, gui, os; print('numpy' in sys.modules, os.environ['OPENBLAS_CORETYPE'])"
    environment = os.environ | {"OPENBLAS_CORETYPE": "Haswell"}
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["False", "Haswell"]
