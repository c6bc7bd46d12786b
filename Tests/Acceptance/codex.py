"""The real Codex: installing a pinned version, and running it on one home folder.

The suite's claims are about what the real program lists, reads and resumes, so nothing here imitates Codex.
"""

import json
import os
import pathlib
import subprocess
import sys

from app_server import AppServer, CodexError

EXEC_SECONDS = 60


def cache_folder():
    """Where installed versions are kept between runs."""
    chosen = os.environ.get("CODEX_SESSION_SYNC_TEST_CACHE")
    return pathlib.Path(chosen) if chosen else pathlib.Path.home() / ".cache" / "codex-session-sync-tests"


def install(version):
    """The path of Codex's binary in that version, installed from PyPI into the cache if it is not there yet."""
    folder = cache_folder() / f"codex-{version}"
    if not _binary_in(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check",
                        f"openai-codex-cli-bin=={version}"], check=True)
    binary = _binary_in(folder)
    if not binary:
        raise RuntimeError(f"openai-codex-cli-bin {version} holds no codex binary")
    return binary


def _binary_in(folder):
    found = sorted(folder.glob("lib/python3*/site-packages/codex_cli_bin/bin/codex"))
    return found[0] if found else None


class Codex:
    """One version of Codex, for one home folder."""

    def __init__(self, version, home):
        self.version, self.home = version, pathlib.Path(home)
        self.binary = install(version)

    def environment(self):
        """The test's environment without anything that would point Codex elsewhere."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("CODEX_", "OPENAI_"))}
        return dict(kept, HOME=str(self.home), CODEX_HOME=str(self.home / ".codex"))

    def server(self):
        """A context manager: a running `codex app-server` on this home."""
        return AppServer(self)

    def exec(self, text, cwd):
        """One `codex exec` turn in `cwd`; returns the new thread's id."""
        command = [str(self.binary), "exec", "--json", "--skip-git-repo-check", text]
        done = subprocess.run(command, cwd=cwd, env=self.environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=EXEC_SECONDS)
        for line in done.stdout.splitlines():
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("type") == "thread.started" and done.returncode == 0:
                return event["thread_id"]
        raise CodexError(f"{command} exited with {done.returncode}\n{done.stdout}\n{done.stderr[-3000:]}")

    def migrate(self, thread_id):
        """`codex migrate-rollouts`: rewrite the thread's legacy rollout as a paginated one."""
        command = [str(self.binary), "migrate-rollouts", "--apply", "--thread", thread_id, "--json"]
        done = subprocess.run(command, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=EXEC_SECONDS)
        if done.returncode or [outcome["status"] for outcome in json.loads(done.stdout)["outcomes"]] != ["migrated"]:
            raise CodexError(f"{command} exited with {done.returncode}\n{done.stdout}\n{done.stderr[-3000:]}")


def has_paginated_threads(version):
    """Whether new threads are paginated in this version, so that it can read those of others."""
    return _number(version) >= (0, 153, 4)


def has_writer_locks(version):
    """Whether a running server of this version locks the threads it has open, and only those."""
    return _number(version) >= (0, 147, 0)


def keeps_settings_when_reverting(version):
    """Whether a reverted thread opens with the settings that it had, not with those of the turns that are left."""
    return _number(version) >= (0, 155, 1)


def _number(version):
    return tuple(int(part) for part in version.split("."))
