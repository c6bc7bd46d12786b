"""The rows of the table: what is run, beside what, and which bar it has to keep."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import typing

import data
from measure import run, side_by_side, Spread

MB = data.MB


@dataclasses.dataclass
class Sizes:
    """How much data a run of the benchmark makes."""

    total: int
    """Bytes of a package."""
    sessions: int
    huge: int
    """Bytes of the one large rollout that memory is measured with."""
    long_line: int
    threads: int
    """Local threads at the largest step of growth."""
    deliveries: int
    """How often one thread grows in the journal's row."""
    transactions: int
    """Transactions of the journal in a home with all the threads."""
    runs: int


QUICK = Sizes(total=50 * MB, sessions=10, huge=100 * MB, long_line=8 * MB, threads=800, deliveries=50, transactions=150, runs=3)
FULL = Sizes(total=1000 * MB, sessions=100, huge=4000 * MB, long_line=64 * MB, threads=11_000, deliveries=1000, transactions=2000, runs=5)


@dataclasses.dataclass
class Bar:
    """One measured line of the report."""

    row: str
    what: str
    unit: str
    figures: Spread
    limit: typing.Optional[float] = None
    """The figure's median may not be above it; None where no bar is set."""
    yardstick: str = ""
    ours: typing.Optional[Spread] = None
    theirs: typing.Optional[Spread] = None
    peak: int = 0
    cpu: float = 0
    """Our processor time over the other's, medians."""

    @property
    def holds(self):
        return self.limit is None or self.figures.mid <= self.limit


class Bench:
    """A working folder, the programs under test, and the rows."""

    def __init__(self, folder, tool, digester, sizes):
        self.folder = pathlib.Path(folder)
        self.tool, self.digester, self.sizes = str(tool), str(digester), sizes

    # Commands

    def command(self, home, *arguments):
        return [self.tool, *map(str, arguments), "--codex-home", home.codex, "--local-home", home.folder, "--json"]

    def run(self, home, *arguments):
        return run(self.command(home, *arguments))

    def compare(self, row, what, limit, yardstick, ours, theirs, **before):
        """A ratio of two times, pair by pair."""
        mine, other = side_by_side(ours, theirs, self.sizes.runs, **before)
        return Bar(
            row, what, "×", Spread.of([a.seconds / b.seconds for a, b in zip(mine, other)]), limit, yardstick,
            Spread.of([one.seconds for one in mine]), Spread.of([one.seconds for one in other]),
            max(one.peak for one in mine),
            Spread.of([one.cpu for one in mine]).mid / max(0.001, Spread.of([one.cpu for one in other]).mid),
        )

    # Data

    def home(self, name, seed=0):
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return data.Home(self.folder / name, seed).create()

    def package(self, home, name):
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        self.run(home, "packup", "--all", "--output", path)
        return path

    def rollouts(self, folder):
        return sorted(folder.glob("sessions/**/*.jsonl"))

    def discard(self, *paths):
        for path in paths:
            shutil.rmtree(self.folder / path, ignore_errors=True)

    # Rows

    def digest(self):
        """History digest of one large rollout, one core."""
        source = self.home("source").fill(1, self.sizes.total)
        (path,) = self.rollouts(source.codex)
        spelt = self.folder / "python" / path.name
        spelt.parent.mkdir(exist_ok=True)
        data.respell(path, spelt)
        for file, spelling, speed in ((path, "as Codex writes", 0.5), (spelt, "as Python writes", 0.4)):
            size = file.stat().st_size
            yield self.compare(
                "digest", f"history digest of {size // MB} MB, {spelling}, one core", 1 / speed, "openssl dgst -sha256",
                lambda: run([self.digester, file], pinned=True),
                lambda: run(["openssl", "dgst", "-sha256", file], pinned=True),
            )
        self.discard("source", "python")

    def deliveries(self):
        """A package into an empty home: looked at, taken in, delivered again."""
        sizes = self.sizes
        source = self.home("source").fill(sizes.sessions, sizes.total // sizes.sessions)
        package = self.package(source, "package")
        shutil.rmtree(source.folder)
        again = self.folder / "again"
        shutil.rmtree(again, ignore_errors=True)
        shutil.copytree(package, again)
        what = f"{sizes.total // MB} MB in {sizes.sessions} sessions"
        files = self.rollouts(package)
        target = self.home("target")

        yield self.compare(
            "inspect", f"inspect-package, {what}, empty home", 1.5, "openssl dgst -sha256",
            lambda: self.run(target, "inspect-package", package),
            lambda: run(["openssl", "dgst", "-sha256", *files]),
        )

        def afresh():
            self.home("target")
            self.discard("copy")
            os.sync()

        yield self.compare(
            "import", f"sync --execute, {what}, all new", 5, "cp -r, sync",
            lambda: self.run(target, "sync", package, "--execute"),
            lambda: run(["sh", "-c", f"cp -r {package} {self.folder / 'copy'} && sync"]),
            before_ours=afresh, before_yardstick=os.sync,
        )
        self.discard("copy")
        pairs = " && ".join(f"cmp {file} {again / 'sessions' / file.name}" for file in files)
        yield self.compare(
            "again", f"sync --execute, {what}, delivered again, nothing new", 2.5, "cmp of the same files",
            lambda: self.run(target, "sync", again, "--execute"), lambda: run(["sh", "-c", pairs]),
        )
        self.discard("package", "again", "target")

    def fast_forward(self):
        """One large thread grows by 1 MB and is delivered again."""
        source = self.home("source").fill(1, self.sizes.total)
        target = self.home("target")
        package = self.package(source, "package")
        self.run(target, "sync", package, "--execute")
        shutil.copytree(package, self.folder / "before")
        (before,) = self.rollouts(self.folder / "before")
        (now,) = self.rollouts(package)
        common = before.stat().st_size
        size = common
        tail = 0
        written = []

        def grown():
            nonlocal size, tail
            source.grow(MB)
            self.package(source, "package")
            tail = now.stat().st_size - size
            size += tail
            os.sync()

        def forward():
            done = self.run(target, "sync", package, "--execute")
            written.append(done.written - tail)
            return done

        yield self.compare(
            "fast-forward", f"sync --execute, a rollout of {common // MB} MB grows by 1 MB", 2,
            "cmp of the common part", forward, lambda: run(["cmp", "-n", str(common), before, now]), before_ours=grown,
        )
        yield Bar(
            "fast-forward", "bytes written beyond the tail", "MB", Spread.of([count / MB for count in written[1:]]), 1)
        self.discard("source", "target", "package", "before")

    def journal(self):
        """One thread grows by a turn, and is delivered, again and again: what the journal comes to."""
        count, size = self.sizes.deliveries, self.sizes.total
        source = self.home("source").fill(1, size)
        target = self.home("target")
        package = self.package(source, "package")
        (rollout,) = source.rollouts.values()
        (now,) = self.rollouts(package)
        # The file grows where it lies: packing a gigabyte each time would take an hour.
        for name in ("checksums", "lineage"):
            (package / f"metadata/{name}.json").unlink()
        self.run(target, "sync", package, "--execute")
        folder = target.codex / "session-sync/journal"
        first = data.size_below(folder)
        seconds = []
        for _ in range(count):
            rollout.write(now, 1, mode="a")
            seconds.append(self.run(target, "sync", package, "--execute").seconds)
        what = f"{count} fast-forwards of a rollout of {size // MB} MB"
        grown = (data.size_below(folder) - first) / MB
        yield Bar("journal", f"{what}: bytes in the journal", "MB", Spread.of([grown]), 5 * count / 1000)
        part = max(1, count // 10)
        early, late = Spread.of(seconds[:part]), Spread.of(seconds[-part:])
        yield Bar(
            "journal", f"{what}: the last tenth over the first", "×", Spread.of([late.mid / early.mid]), 1.3,
            "the first tenth", late, early)
        self.discard("source", "target", "package")

    def history(self):
        """A home with many threads and a long journal: what the journal's length adds to each command.

        Both homes are the same, but for the number of deliveries that one thread of theirs received before.
        """
        sizes = self.sizes
        counts = {"short": max(1, sizes.transactions // 100), "long": sizes.transactions}
        source = self.home("source", seed=1).fill(1, 20_000)
        package = self.package(source, "package")
        (rollout,) = source.rollouts.values()
        (now,) = self.rollouts(package)
        for name in ("checksums", "lineage"):
            (package / f"metadata/{name}.json").unlink()
        homes = {name: self.home(name, seed=2).fill(sizes.threads, 3000) for name in counts}
        for number in range(counts["long"]):
            rollout.say(now)
            for name, home in homes.items():
                if number < counts["short"] or name == "long":
                    self.run(home, "sync", package, "--execute")
        what = f"{sizes.threads} threads"
        crowd = f"{what} and {counts['long']} transactions"

        health = [self.run(homes["long"], "sidecar-health") for _ in range(sizes.runs + 1)][1:]
        yield Bar(
            "history", f"sidecar-health, {crowd}", "s", Spread.of([one.seconds for one in health]), 2,
            ours=Spread.of([one.seconds for one in health]), peak=max(one.peak for one in health))

        # Of a processor that others use too, its time says more than the clock.
        for name, limit, arguments in (
            ("sync --execute, one session goes on", 1.3, ("sync", package, "--execute")),
            ("inspect-package, one session", 1.3, ("inspect-package", package)),
            ("sidecar-health", None, ("sidecar-health",)),
            ("log", None, ("log",)),
            ("list-transactions", None, ("list-transactions",)),
            ("replay-transactions-sidecar", None, ("replay-transactions-sidecar",)),
            ("rebuild-sidecar", None, ("rebuild-sidecar",)),
        ):
            times = {"short": [], "long": []}
            for number in range(sizes.runs + 1):
                rollout.say(now)
                for side, home in homes.items():
                    done = self.run(home, *arguments)
                    if number:
                        times[side].append(done)
            mine, theirs = ([one.cpu for one in times[side]] for side in ("long", "short"))
            yield Bar(
                "history", f"{name}, {crowd}, processor time", "×",
                Spread.of([a / max(b, 0.001) for a, b in zip(mine, theirs)]), limit,
                f"the same with {counts['short']} transactions", Spread.of(mine), Spread.of(theirs),
                max(one.peak for one in times["long"]))
        self.discard("source", "package", *homes)

    def memory(self):
        """Every command with one huge rollout that has a very long line."""
        sizes = self.sizes
        limit = 200
        what = f"one rollout of {sizes.huge // MB} MB, a line of {sizes.long_line // MB} MB"
        source = self.home("source").fill(1, sizes.huge, long_line=sizes.long_line)
        target = self.home("target")
        package = self.folder / "package"

        def peak(name, home, *arguments):
            done = self.run(home, *arguments)
            self.outcome = done.output
            return Bar(
                "memory", f"{name}, {what}", "MB", Spread.of([done.peak / MB]), limit, ours=Spread.of([done.seconds]),
                peak=done.peak,
            )

        yield peak("packup", source, "packup", "--all", "--output", package)
        yield peak("inspect-package, new", target, "inspect-package", package)
        yield peak("sync --execute, new", target, "sync", package, "--execute")
        yield peak("sync --execute, nothing new", target, "sync", package, "--execute")
        source.grow(MB)
        self.package(source, "package")
        yield peak("sync --execute, fast-forward", target, "sync", package, "--execute")
        yield peak("list-transactions", target, "list-transactions")
        yield peak("rollback --execute, fast-forward", target, "rollback", "--latest", "--execute")
        yield peak("rollback --execute, import", target, "rollback", "--latest", "--execute")
        yield peak("recover", target, "recover")
        self.discard("source", "target", "package")

    # Growth

    def growth_in_bytes(self):
        """One session of 1, 2, 4, 8 parts."""
        yield from self._growth("bytes", lambda step: (1, self.sizes.total // 8 * step), lambda step: 0)

    def growth_in_sessions(self):
        """1, 2, 4, 8 parts of the sessions, each of the same size."""
        each = self.sizes.total // self.sizes.sessions // 2
        yield from self._growth("sessions", lambda step: (self.sizes.sessions // 8 * step, each), lambda step: 0)

    def growth_in_threads(self):
        """One small session into homes with 1, 2, 4, 8 parts of the local threads."""
        yield from self._growth("local threads", lambda step: (1, 20_000), lambda step: self.sizes.threads // 8 * step)

    def _growth(self, unit, incoming, threads):
        """The time of each command at 1×, 2×, 4× and 8×, over the time at 1×, per unit."""
        steps = (1, 2, 4, 8)
        times = {}
        for step in steps:
            source = self.home("source", seed=1).fill(*incoming(step))
            package = self.package(source, "package")
            crowd = self.home("crowd", seed=2)
            if threads(step):
                crowd.fill(threads(step), 3000)
            for _ in range(self.sizes.runs):
                for name, home, arguments in (
                    ("inspect-package", crowd, ("inspect-package", package)),
                    ("sync --execute, new", crowd, ("sync", package, "--execute")),
                    ("sync --execute, nothing new", crowd, ("sync", package, "--execute")),
                    ("rollback --execute", crowd, ("rollback", "--latest", "--execute")),
                    ("packup", crowd if threads(step) else source, ("packup", "--all", "--output", self.folder / "out")),
                ):
                    self.discard("out")
                    times.setdefault(name, {}).setdefault(step, []).append(self.run(home, *arguments).seconds)
        self.discard("source", "crowd", "package", "out")
        for name, found in times.items():
            # The smallest of several runs: what a disturbed machine adds is never negative.
            per_unit = {step: min(found[step]) / step for step in steps}
            grown = [per_unit[b] / per_unit[a] for a, b in zip(steps, steps[1:])]
            yield Bar(
                "growth", f"{name}, {unit} 1× to 8×: time per unit, 8× over 1×", "×",
                Spread(min(grown), per_unit[8] / per_unit[1], max(grown)), 1.3, ours=Spread.of(found[8]),
                theirs=Spread.of(found[1]), yardstick="the same at 1×",
            )

    def rows(self):
        return {
            "digest": self.digest, "deliveries": self.deliveries, "fast-forward": self.fast_forward,
            "journal": self.journal, "history": self.history, "memory": self.memory, "bytes": self.growth_in_bytes, "sessions": self.growth_in_sessions,
            "threads": self.growth_in_threads,
        }


def tool_version(tool):
    return subprocess.run([tool, "--version"], capture_output=True, text=True).stdout.strip()
