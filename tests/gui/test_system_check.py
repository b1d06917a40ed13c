from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import PySide6
import pytest

from gui.system_check import (
    QT,
    WAYLAND,
    X11,
    can_load,
    has_display,
    install_message,
    missing_for_window,
    missing_libraries,
    report,
)

ROOT = Path(__file__).parents[2]
ON_LINUX = sys.platform == "linux"
QT_FOLDER = Path(PySide6.__file__).parent / "Qt"


def all_but(*sonames: str):
    return lambda soname: soname not in sonames


def test_the_message_names_the_libraries_and_one_command_for_each_family_of_systems() -> None:
    missing = missing_libraries((*QT, *X11), all_but("libEGL.so.1", "libxcb-randr.so.0", "libxcb-xkb.so.1"), "linux")
    assert install_message(missing) == (
        "Qt needs system libraries that are missing here: libEGL.so.1, libxcb-randr.so.0, libxcb-xkb.so.1.\n"
        "  Debian, Ubuntu:  sudo apt install libegl1 libxcb-randr0 libxcb-xkb1\n"
        "  Fedora:          sudo dnf install libglvnd-egl libxcb"
    )


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_nothing_is_asked_for_where_the_wheels_hold_everything(system: str) -> None:
    assert missing_libraries(QT, lambda _: False, system) == ()
    assert missing_for_window({}, lambda _: False, system) == ()
    assert has_display({}, system, lambda: False, lambda: False)
    assert report({}, lambda _: False, lambda: True, system)[1]


X, W = {"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}


@pytest.mark.parametrize(
    ("environment", "absent", "missing"),
    [
        (X, "libxcb-cursor.so.0", True),
        (X, "libwayland-cursor.so.0", False),
        (W, "libwayland-cursor.so.0", True),
        (W, "libxcb-cursor.so.0", False),
        (X | W, "libxcb-cursor.so.0", False),
        (X | W, "libwayland-cursor.so.0", False),
        ({}, "libxcb-cursor.so.0", True),
        (X | W | {"QT_QPA_PLATFORM": "xcb"}, "libxcb-cursor.so.0", True),
        (X | W | {"QT_QPA_PLATFORM": "wayland-egl"}, "libxcb-cursor.so.0", False),
        ({"QT_QPA_PLATFORM": "offscreen"}, "libxcb-cursor.so.0", False),
        ({"QT_QPA_PLATFORM": "offscreen"}, "libEGL.so.1", True),
        (X, "libEGL.so.1", True),
    ],
)
def test_what_a_window_lacks_depends_on_how_it_will_be_shown(
    environment: dict[str, str], absent: str, missing: bool
) -> None:
    found = [library.soname for library in missing_for_window(environment, all_but(absent), "linux")]
    assert found == ([absent] if missing else [])


@pytest.mark.parametrize(
    ("environment", "x", "wayland", "expected"),
    [
        ({}, True, True, False),
        (X, True, False, True),
        (X, False, True, False),
        (W, False, True, True),
        (W, True, False, False),
        (X | W, True, False, True),
        (X | W, False, False, False),
        (X | {"DISPLAY": ""}, True, True, False),
        (X | W | {"QT_QPA_PLATFORM": "xcb"}, False, True, False),
        (X | W | {"QT_QPA_PLATFORM": "wayland"}, True, False, False),
        (X | W | {"QT_QPA_PLATFORM": "wayland;xcb"}, True, False, True),
        (X | {"QT_QPA_PLATFORM": ""}, True, False, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, False, False, True),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, False, False, True),
        ({"QT_QPA_PLATFORM": "xcb"}, True, True, False),
    ],
)
def test_a_display_counts_where_it_is_named_and_answers(
    environment: dict[str, str], x: bool, wayland: bool, expected: bool
) -> None:
    assert has_display(environment, "linux", lambda: x, lambda: wayland) is expected


def asked(environment: dict[str, str]) -> str:
    code = "from gui.system_check import has_display; print(has_display())"
    clean = {key: value for key, value in os.environ.items() if key not in ("QT_QPA_PLATFORM", "DISPLAY")}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


@pytest.mark.skipif(not ON_LINUX, reason="X11")
def test_an_x_server_that_is_not_there_is_no_display() -> None:
    assert asked({"DISPLAY": ":77"}) == "False"


@pytest.mark.skipif(not ON_LINUX, reason="X11")
def test_an_x_server_that_never_answers_is_given_up_after_three_seconds() -> None:
    path = Path("/tmp/.X11-unix/X78")  # noqa: S108 (where X servers listen)
    path.parent.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(path))
        deaf.listen()
        try:
            started = time.monotonic()
            assert asked({"DISPLAY": ":78"}) == "False"
            assert 3.0 <= time.monotonic() - started < 6.0
        finally:
            path.unlink()


@pytest.mark.skipif(not (ON_LINUX and shutil.which("Xvfb")), reason="needs Xvfb")
def test_an_x_server_that_answers_is_a_display() -> None:
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "640x480x24"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        try:
            assert server.stdout is not None
            number = server.stdout.readline().decode().strip()
            assert asked({"DISPLAY": f":{number}"}) == "True"
        finally:
            server.terminate()


@pytest.mark.skipif(not ON_LINUX, reason="Wayland")
def test_a_wayland_compositor_is_one_that_listens(tmp_path: Path) -> None:
    environment = {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "w0"}
    assert asked(environment) == "False"
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "w0"))
        compositor.listen()
        assert asked(environment) == "True"


@pytest.mark.skipif(not ON_LINUX, reason="system libraries")
def test_a_library_is_found_by_the_dynamic_linker() -> None:
    assert can_load("libc.so.6")
    assert not can_load("libsurely-not-there.so.1")


@pytest.mark.skipif(not (ON_LINUX and shutil.which("readelf")), reason="needs readelf")
def test_the_table_holds_every_library_that_qt_links_to() -> None:
    everywhere = {"libc", "libm", "libgcc_s", "libstdc++", "libz", "libzstd", "ld-linux-x86-64", "libgthread-2"}
    files = ("lib/libQt6Core.so.6", "lib/libQt6Gui.so.6", "lib/libQt6Widgets.so.6", "plugins/platforms/libqxcb.so")
    for file in (*files, "plugins/platforms/libqoffscreen.so", "plugins/platforms/libqwayland.so"):
        output = subprocess.run(["readelf", "-d", QT_FOLDER / file], capture_output=True, text=True, check=True).stdout
        needed = [line.split("[")[1].split("]")[0] for line in output.splitlines() if "(NEEDED)" in line]
        system = {name for name in needed if not name.startswith(("libQt6", "libicu"))}
        unknown = system - {library.soname for library in (*QT, *X11, *WAYLAND)}
        assert {name.split(".so")[0].split(".")[0] for name in unknown} <= everywhere


def test_the_report_lists_everything_and_says_whether_it_is_enough() -> None:
    text, complete = report(X, all_but("libxcb-cursor.so.0"), lambda: True, "linux")
    assert not complete
    assert "display: yes" in text
    assert "libxcb-cursor.so.0: missing" in text
    assert "libEGL.so.1: found" in text
    assert "sudo apt install libxcb-cursor0\n" in text
    text, complete = report(X, lambda _: True, lambda: False, "linux")
    assert complete
    assert "display: no" in text
    assert "missing" not in text


def test_the_check_itself_loads_no_qt() -> None:
    code = "import sys, gui.__main__, gui.system_check; print([name for name in sys.modules if 'PySide6' in name])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
