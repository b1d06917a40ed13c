"""The command ``softmax-lab``, and ``python -m gui``: the window, or the same work without one.

Nothing heavy is imported before it is known to be needed, and Qt not before it is known to be safe.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from gui.command_line import PROGRAM, CheckRequest, PredictRequest, Request, TrainRequest, WindowRequest, parse

BAD_INPUT = 2
INTERRUPTED = 130
READER_GONE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Do what ``argv`` asks for and return the exit code: 0, 1 without Qt's libraries, 2 for bad input, 130 stopped."""
    from engine.errors import EngineError

    _print_whatever_comes()
    try:
        return _do(parse(sys.argv[1:] if argv is None else argv))
    except EngineError as error:
        return _complain(str(error))
    except MemoryError:
        return _complain("There is not enough memory for this.")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Who read the output has gone; Python would stumble over it once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except SystemExit as leaving:  # argparse after --help and --version
        return int(leaving.code or 0)


def _do(request: Request) -> int:
    match request:
        case WindowRequest():
            return _open_window()
        case CheckRequest():
            return _check()
        case TrainRequest():
            from gui.headless import run_training

            run_training(request)
        case PredictRequest():
            from gui.headless import run_prediction

            run_prediction(request)
    return 0


def _open_window() -> int:
    from gui.system_check import has_display, install_message, missing_for_window

    if not has_display():
        sys.stderr.write("There is no display to open a window on, so iris is trained without one.\n")
        return _do(TrainRequest(data="iris"))
    if missing := missing_for_window():
        sys.stderr.write(f"{PROGRAM}: The window cannot open. {install_message(missing)}\n")
        return 1
    try:
        from PySide6 import QtSvg, QtWidgets  # noqa: F401 (to see whether Qt loads at all)
    except ImportError as error:
        sys.stderr.write(f"{PROGRAM}: The window cannot open, because Qt cannot be loaded: {error}\n")
        return 1
    from gui.app import run_window

    return run_window()


def _check() -> int:
    from gui.system_check import report

    text, complete = report()
    sys.stdout.write(f"{text}\n")
    return 0 if complete else 1


def _complain(message: str) -> int:
    sys.stderr.write(f"{PROGRAM}: {' '.join(message.splitlines())}\n")
    return BAD_INPUT


def _print_whatever_comes() -> None:
    """Write a question mark for a letter that a narrow terminal encoding lacks, instead of failing over it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
