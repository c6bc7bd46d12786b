"""Killing the program under test at the calls by which it changes a home; `Tests/CrashPoints` says what those are."""

import os
import pathlib
import signal

from tool import REPOSITORY

KILLED = -signal.SIGKILL


def shim():
    """The library that counts and kills; None where it was not built, as on systems that have no such thing."""
    path = pathlib.Path(os.environ.get("CRASH_POINTS") or REPOSITORY / ".build/crash-points.so").absolute()
    return path if path.is_file() else None


def _behind(machine, *settings):
    """Words to put before a command so that its calls below the machine's Codex home are counted."""
    return ("env", f"LD_PRELOAD={shim()}", f"CRASH_POINTS_ROOT={machine.codex_home}", *settings)


def counted(machine, log):
    """Words that have every point written to a log."""
    return _behind(machine, f"CRASH_POINTS_LOG={log}")


def killed_at(machine, point):
    """Words that have the program killed just before a point."""
    return _behind(machine, "CRASH_POINTS_DO=kill", f"CRASH_POINTS_AT={point}")


def points(log):
    """How many points a run had."""
    return sum(1 for line in log.read_text().splitlines() if line.split(" ", 2)[0].isdigit())
