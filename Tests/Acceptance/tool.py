"""The program under test, run as a user would run it: a command line in, one JSON object and an exit code out."""

import dataclasses
import json
import os
import pathlib
import shlex
import subprocess
import tempfile

import schema

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = "codex-session-sync/1"
RUN_SECONDS = 120

DONE, FAILED, SOME_BLOCKED, BUSY, REFUSED, WRONG = 0, 1, 3, 4, 5, 6


def binary():
    """The program under test: $CODEX_SESSION_SYNC, or what `make build` makes."""
    chosen = os.environ.get("CODEX_SESSION_SYNC") or REPOSITORY / ".build/release/codex-session-sync"
    path = pathlib.Path(chosen).absolute()
    if not path.is_file():
        raise AssertionError(f"{path} does not exist: build it, or set CODEX_SESSION_SYNC")
    return path


@dataclasses.dataclass
class Outcome:
    """What one run of the program answered."""

    command: list
    exit_code: int
    stdout: str
    stderr: str
    report: dict

    def __str__(self):
        return (f"$ {shlex.join(self.command)}\nexit code {self.exit_code}\n"
                f"stdout: {self.stdout[:8000] or '(empty)'}\nstderr: {self.stderr[-3000:] or '(empty)'}")

    def session(self, thread_id):
        """The report on one incoming session."""
        found = [session for session in self.report["sessions"] if session["thread_id"] == thread_id]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} reports on session {thread_id}, expected one")
        return found[0]

    def classifications(self):
        """Incoming thread id → classification."""
        return {session["thread_id"]: session["classification"] for session in self.report["sessions"]}


class Tool:
    """Runs the program for machines, and remembers what was said, for the report of a failed test."""

    def __init__(self):
        self.binary = binary()
        self.outcomes = []

    def run(self, *arguments, exit_code=DONE, wrapper=()):
        """One run with `--json`; asserts the exit code (one, or a tuple of allowed ones) and the form of the answer.

        The run gets an empty temporary folder of its own, which must be empty again afterwards.
        """
        command = [*wrapper, str(self.binary), *map(str, arguments), "--json"]
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run(command, env=_environment(TMPDIR=scratch), stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=RUN_SECONDS)
            left_behind = sorted(os.listdir(scratch))
        outcome = Outcome(command, done.returncode, done.stdout, done.stderr, {})
        self.outcomes.append(outcome)
        allowed = exit_code if isinstance(exit_code, tuple) else (exit_code,)
        if done.returncode not in allowed:
            raise AssertionError(f"exit code {done.returncode}, expected {' or '.join(map(str, allowed))}")
        if done.returncode < 0:  # killed: it could neither answer nor clean up
            return outcome
        outcome.report = _one_object(done.stdout)
        if left_behind:
            raise AssertionError(f"left behind in the temporary folder: {left_behind}")
        return outcome

    def packup(self, machine, output, *selection, **options):
        return self.run("packup", "--codex-home", machine.codex_home, "--local-home", machine.home,
                        "--output", output, *selection, **options)

    def inspect(self, package, machine, **options):
        return self.run("inspect-package", package, *_homes(machine), **options)

    def sync(self, package, machine, *arguments, execute=True, **options):
        return self.run("sync", package, *_homes(machine), *arguments, *_execute(execute), **options)

    def words(self, package, machine):
        """What `inspect-package` tells a person of the package, its lines joined."""
        done = subprocess.run([str(self.binary), "inspect-package", str(package), *map(str, _homes(machine))],
                              env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=RUN_SECONDS)
        return " ".join(done.stdout.split())

    def rollback(self, machine, transaction_id=None, *arguments, execute=True, **options):
        chosen = ["--transaction-id", transaction_id] if transaction_id else ["--latest"]
        return self.run("rollback", *chosen, *arguments, *_homes(machine), *_execute(execute), **options)

    def adopt(self, machine, *thread_ids, execute=True, **options):
        return self.run("adopt", *thread_ids, *_homes(machine), *_execute(execute), **options)

    def health(self, machine, **options):
        """What `sidecar-health` finds: check → subjects."""
        checks = self.run("sidecar-health", *_homes(machine), **options).report["checks"]
        return {check["check"]: [finding["subject"] for finding in check["findings"]]
                for check in checks if check["findings"]}

    def rebuild(self, machine):
        return self.run("rebuild-sidecar", *_homes(machine), "--execute")

    def transactions(self, machine):
        """The journal, newest first."""
        return self.run("list-transactions", *_homes(machine)).report["transactions"]

    def transaction(self, machine, transaction_id):
        return self.run("show-transaction", transaction_id, *_homes(machine)).report

    def recover(self, machine):
        return self.run("recover", *_homes(machine))


def _environment(**more):
    return {key: value for key, value in os.environ.items() if not key.startswith("CODEX_")} | more


def _homes(machine):
    return ["--codex-home", machine.codex_home, "--local-home", machine.home]


def _execute(execute):
    return ["--execute"] if execute else []


def _one_object(text):
    """The JSON object that is all of stdout."""
    try:
        report = json.loads(text)
    except ValueError as error:
        raise AssertionError(f"stdout is not exactly one JSON object: {error}") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise AssertionError(f'stdout has no "schema": "{SCHEMA}"')
    wrong = schema.mistakes(report)
    if wrong:
        raise AssertionError("not what docs/report.schema.json says:\n" + "\n".join(wrong))
    return report
