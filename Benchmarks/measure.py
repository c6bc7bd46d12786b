"""Runs commands and takes their time, peak memory and written bytes from the operating system's own accounts."""

import dataclasses
import os
import statistics
import subprocess
import time


@dataclasses.dataclass
class Run:
    """One finished command."""

    seconds: float
    cpu: float
    peak: int
    """Largest resident set in bytes; never below that of this script at the time of the start."""
    written: int
    """Bytes given to `write` and its kin."""
    output: bytes


class Failed(Exception):
    """A command ended otherwise than it should."""


priority = 0
"""What is added to the priority of every measured command: a negative number, on a machine that others use too."""


def run(command, pinned=False, expect=(0,)):
    """Runs a command to its end; `pinned` to one core."""

    def prepare():
        os.nice(priority)
        if pinned:
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    start = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=prepare)
    output = child.stdout.read()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    seconds = time.monotonic() - start
    written = _written(child.pid)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode not in expect:
        raise Failed(f"{command}: exit code {child.returncode}\n{output.decode(errors='replace')[-2000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, written, output)


def _written(pid):
    try:
        with open(f"/proc/{pid}/io") as accounts:
            return next(int(line.split()[1]) for line in accounts if line.startswith("wchar"))
    except (OSError, StopIteration):
        return 0


@dataclasses.dataclass
class Spread:
    """Minimum, median and maximum of some figures."""

    low: float
    mid: float
    high: float

    @classmethod
    def of(cls, figures):
        return cls(min(figures), statistics.median(figures), max(figures))


def side_by_side(ours, yardstick, runs, before_ours=lambda: None, before_yardstick=lambda: None):
    """Runs both in turn after one uncounted run of each; answers the two lists of runs."""
    mine, theirs = [], []
    for number in range(runs + 1):
        before_ours()
        one = ours()
        before_yardstick()
        other = yardstick()
        if number:
            mine.append(one)
            theirs.append(other)
    return mine, theirs
