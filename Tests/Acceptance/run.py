#!/usr/bin/env python3
"""Run the acceptance suite: its test classes, in two worker processes, each test named with its time as it ends.

    python3 Tests/Acceptance/run.py [-k PATTERN]... [-j WORKERS] [--list]

A pattern selects tests whose name `module.Class.method` contains it; several patterns select what matches any of them.
The exit code is 0 only if at least one test ran and none failed.
"""

import argparse
import concurrent.futures
import importlib
import multiprocessing
import pathlib
import sys
import time
import traceback
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True


class Report(unittest.TestResult):
    """Prints each test as it ends; a failure in full, in one piece, so that two workers' words do not mix."""

    def __init__(self):
        super().__init__()
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self._began, self._problems = {}, {}

    def startTest(self, test):
        super().startTest(test)
        self._began[test.id()] = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        problems = self._problems.pop(test.id(), [])
        outcome = "failed" if any(problems) else "skipped" if problems else "passed"
        self._say(outcome, test.id(), time.monotonic() - self._began.pop(test.id()), "\n".join(filter(None, problems)))

    def addError(self, test, err):
        self._problem(test, err)

    def addFailure(self, test, err):
        self._problem(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._problem(test, err, f"in {subtest}\n")

    def addSkip(self, test, reason):
        self._problems.setdefault(test.id(), []).append("")

    def _problem(self, test, err, where=""):
        text = where + "".join(traceback.format_exception(*err))
        if test.id() in self._began:
            self._problems.setdefault(test.id(), []).append(text)
        else:
            self._say("failed", test.id(), 0, text)

    def _say(self, outcome, name, seconds, text):
        self.counts[outcome] += 1
        sys.stdout.write(f"{outcome:7}  {seconds:6.1f} s  {name}\n" + (text + "\n" if text else ""))
        sys.stdout.flush()


def tests(suite):
    """Every single test of a suite."""
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            yield from tests(entry)
        else:
            yield entry


def selected(patterns):
    """Class name → names of its selected tests, in the order of discovery."""
    loader = unittest.TestLoader()
    found = {}
    for test in tests(loader.discover(str(FOLDER), top_level_dir=str(FOLDER))):
        if not patterns or any(pattern in test.id() for pattern in patterns):
            found.setdefault(test.id().rpartition(".")[0], []).append(test.id())
    if loader.errors:
        sys.exit("\n".join(loader.errors))
    return found


def run_class(names):
    """One class's tests in this process: what they share is set up once."""
    report = Report()
    unittest.TestLoader().loadTestsFromNames(names).run(report)
    return report.counts


def main():
    parser = argparse.ArgumentParser(description="Run the acceptance suite.")
    parser.add_argument("-k", dest="patterns", action="append", default=[], metavar="PATTERN")
    parser.add_argument("-j", dest="workers", type=int, default=2, metavar="WORKERS")
    parser.add_argument("--list", action="store_true", help="print the selected tests' names only")
    arguments = parser.parse_args()
    classes = selected(arguments.patterns)
    if arguments.list:
        print("\n".join(name for names in classes.values() for name in names))
        return 0
    began, total = time.monotonic(), {"passed": 0, "failed": 0, "skipped": 0}
    install_all(classes)
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(arguments.workers, mp_context=context) as pool:
        for task in concurrent.futures.as_completed([pool.submit(run_class, names) for names in classes.values()]):
            try:
                counts = task.result()
            except Exception as error:  # a worker that died is a failure, not the end of the report
                print(f"failed   a worker process: {error!r}")
                counts = {"failed": 1}
            for outcome, count in counts.items():
                total[outcome] += count
    print(f"in {time.monotonic() - began:.0f} s")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 0 if total["passed"] and not total["failed"] else 1


def install_all(classes):
    """Install every version that a class names before the workers start: no two may install one at once."""
    import codex
    named = {version for name in classes for version in versions_of(name)}
    for version in sorted(named):
        codex.install(version)


def versions_of(name):
    """The versions of Codex that a test class works with: of both machines, and others that it says it needs."""
    module, _, class_name = name.rpartition(".")
    case = getattr(importlib.import_module(module), class_name)
    return {getattr(case, "sender", None), getattr(case, "receiver", None), *getattr(case, "versions", ())} - {None}


sys.path.insert(0, str(FOLDER))

if __name__ == "__main__":
    sys.exit(main())
