"""What Qt needs of a Linux system, and whether there is a display, found out before Qt is loaded.

Qt ends the process where a library or the display is missing, so it must not be the one to find out. On Windows and
macOS everything is in the wheels, and there is always a display.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.versions import versions

X_ANSWER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library, and the packages that hold it on Debian and Ubuntu and on Fedora."""

    soname: str
    debian: str
    fedora: str


# From the NEEDED entries of Qt 6.11's libraries and platform plugins, as PySide6's wheels hold them.
QT = (
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx"),
    Library("libEGL.so.1", "libegl1", "libglvnd-egl"),
    Library("libX11.so.6", "libx11-6", "libX11"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    Library("libfreetype.so.6", "libfreetype6", "freetype"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
)
X11 = (
    Library("libxcb.so.1", "libxcb1", "libxcb"),
    Library("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    Library("libxcb-util.so.1", "libxcb-util1", "xcb-util"),
    Library("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    Library("libxcb-render.so.0", "libxcb-render0", "libxcb"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    Library("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    Library("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
)
WAYLAND = (
    Library("libwayland-client.so.0", "libwayland-client0", "libwayland-client"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor"),
)


def can_load(soname: str) -> bool:
    """Whether the dynamic linker finds a library and all that it needs itself."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing_libraries(
    libraries: Iterable[Library], loads: Callable[[str], bool] = can_load, system: str = sys.platform
) -> tuple[Library, ...]:
    """Those of ``libraries`` that are not there; none of them anywhere but on Linux."""
    return tuple(library for library in libraries if system == "linux" and not loads(library.soname))


def missing_for_window(
    environment: Mapping[str, str] = os.environ, loads: Callable[[str], bool] = can_load, system: str = sys.platform
) -> tuple[Library, ...]:
    """What Qt lacks to open a window here: with a Wayland and an X11 display, one of the two is enough."""
    gaps = [missing_libraries(QT + plugin, loads, system) for plugin in _plugins(environment)]
    return min(gaps, key=len)


def install_message(missing: Iterable[Library]) -> str:
    """Which libraries are missing, and the one command that installs them on Debian, Ubuntu and Fedora."""
    missing = tuple(missing)
    names = ", ".join(library.soname for library in missing)
    debian = " ".join(dict.fromkeys(library.debian for library in missing))
    fedora = " ".join(dict.fromkeys(library.fedora for library in missing))
    return (
        f"Qt needs system libraries that are missing here: {names}.\n"
        f"  Debian, Ubuntu:  sudo apt install {debian}\n"
        f"  Fedora:          sudo dnf install {fedora}"
    )


def x_server_answers() -> bool:
    """Whether the X server that DISPLAY names accepts a connection within three seconds."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # nobody to ask; that the library is missing is reported as such
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    answers: list[bool] = []

    def connect() -> None:
        connection = xcb.xcb_connect(None, None)
        answers.append(xcb.xcb_connection_has_error(connection) == 0)
        xcb.xcb_disconnect(connection)

    thread = threading.Thread(target=connect, name="X server check", daemon=True)
    thread.start()
    thread.join(X_ANSWER_SECONDS)
    return any(answers)


def wayland_answers() -> bool:
    """Whether the Wayland compositor that WAYLAND_DISPLAY names accepts a connection."""
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/"), os.environ.get("WAYLAND_DISPLAY", ""))
    with socket.socket(getattr(socket, "AF_UNIX"), socket.SOCK_STREAM) as probe:  # noqa: B009 (absent on Windows)
        probe.settimeout(X_ANSWER_SECONDS)
        return probe.connect_ex(str(path)) == 0


def has_display(
    environment: Mapping[str, str] = os.environ,
    system: str = sys.platform,
    x_answers: Callable[[], bool] = x_server_answers,
    wayland_answers: Callable[[], bool] = wayland_answers,
) -> bool:
    """Whether Qt would find a display, which it must before it is asked for a window."""
    if system != "linux":
        return True
    chosen = _chosen_plugins(environment)
    if chosen - {"xcb", "wayland"}:
        return True  # offscreen, vnc, eglfs, ...: a display of their own
    on_wayland = "wayland" in chosen if chosen else True
    on_x = "xcb" in chosen if chosen else True
    return bool(
        (on_wayland and environment.get("WAYLAND_DISPLAY") and wayland_answers())
        or (on_x and environment.get("DISPLAY") and x_answers())
    )


def report(
    environment: Mapping[str, str] = os.environ,
    loads: Callable[[str], bool] = can_load,
    display: Callable[[], bool] = has_display,
    system: str = sys.platform,
) -> tuple[str, bool]:
    """What ``softmax-lab --check`` prints, and whether a window could open as far as libraries go."""
    lines = [f"{name} {number}" for name, number in versions().items()]
    lines.append(f"display: {'yes' if display() else 'no'}")
    if system == "linux":
        lines.extend(f"{one.soname}: {'found' if loads(one.soname) else 'missing'}" for one in (*QT, *X11, *WAYLAND))
    missing = missing_for_window(environment, loads, system)
    lines.append(install_message(missing) if missing else "Everything that Qt needs is there.")
    return "\n".join(lines), not missing


def _plugins(environment: Mapping[str, str]) -> list[tuple[Library, ...]]:
    """The libraries of each platform plugin that could show a window here; X11's where nothing says otherwise."""
    chosen = _chosen_plugins(environment)
    if chosen - {"xcb", "wayland"}:
        return [()]
    plugins: list[tuple[Library, ...]] = []
    if "wayland" in chosen or (not chosen and environment.get("WAYLAND_DISPLAY")):
        plugins.append(WAYLAND)
    if "xcb" in chosen or (not chosen and environment.get("DISPLAY")):
        plugins.append(X11)
    return plugins or [X11]


def _chosen_plugins(environment: Mapping[str, str]) -> set[str]:
    """The platform plugins named in QT_QPA_PLATFORM, as in "wayland;xcb" or "offscreen:size=800x600"."""
    names = environment.get("QT_QPA_PLATFORM", "").split(";")
    plugins = {name.partition(":")[0].strip() for name in names} - {""}
    return {"wayland" if name.startswith("wayland") else name for name in plugins}
