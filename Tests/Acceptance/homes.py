"""Throwaway machines: a home folder each, with a Codex home and a project folder in it.

The rows of Codex's database hold absolute paths. A saved state of the machines is therefore always put back at the very
path it was taken from, so that every test of a class can start from the same state and none sees another's traces.
"""

import contextlib
import copy
import json
import os
import pathlib
import shutil
import sqlite3
import stat
import time

from codex import Codex
from snapshot import state_tables

TRUSTING = ("never", "danger-full-access")
"""Approval policy and sandbox of a machine whose owner lets the model do anything."""
CAREFUL = ("on-request", "read-only")
"""Approval policy and sandbox of a machine whose owner wants to be asked."""

COMPRESSION_AGE_SECONDS = 10 * 86_400

CONFIG = """\
model = "gpt-5"
model_provider = "standin"
approval_policy = "{approval}"
sandbox_mode = "{sandbox}"

[model_providers.standin]
name = "standin"
base_url = "{base_url}"
wire_api = "responses"
requires_openai_auth = false

[features]
plugins = false
apps = false
"""


class Machine:
    """One user's machine: `home`, the Codex home in it, the project folder in it, and one version of Codex."""

    def __init__(self, root, name, version, policy, project="proj"):
        self.name = name
        self.home = pathlib.Path(root) / name / "home"
        self.codex_home = self.home / ".codex"
        self.project = self.home / project
        self.approval, self.sandbox = policy
        self.codex = Codex(version, self.home)

    def create(self, base_url):
        self.codex_home.mkdir(parents=True)
        self.project.mkdir(parents=True)
        config = CONFIG.format(approval=self.approval, sandbox=self.sandbox, base_url=base_url)
        (self.codex_home / "config.toml").write_text(config)

    def running(self, version):
        """The same machine with another version of Codex on it."""
        other = copy.copy(self)
        other.codex = Codex(version, self.home)
        return other

    def server(self):
        return self.codex.server()

    def new_session(self, *texts, cwd=None, **params):
        """A session of one turn per text, made the way an editor or the desktop app makes it; its thread id."""
        with self.server() as server:
            thread_id = server.start_thread(cwd or self.project, **params)
            for text in texts:
                server.turn(thread_id, text)
        return thread_id

    def go_on(self, thread_id, *texts):
        """Open the thread and take one turn per text."""
        with self.server() as server:
            server.resume(thread_id)
            for text in texts:
                server.turn(thread_id, text)

    def open_only(self, thread_id):
        """Open the thread and leave again without a turn."""
        with self.server() as server:
            server.resume(thread_id)

    def call(self, method, thread_id, **params):
        """One call about one thread, to a server of its own."""
        with self.server() as server:
            return server.call(method, threadId=thread_id, **params)

    def revert(self, thread_id, turns):
        """Open the thread and take it back to its first `turns` turns."""
        with self.server() as server:
            server.resume(thread_id)
            server.revert(thread_id, turns)

    def roll_back(self, thread_id, turns):
        """Open the legacy thread and drop its last `turns` turns."""
        with self.server() as server:
            server.resume(thread_id)
            server.roll_back(thread_id, turns)

    def compact(self, thread_id):
        """Open the thread and have it summed up."""
        with self.server() as server:
            server.resume(thread_id)
            server.compact(thread_id)

    def compress(self, thread_id):
        """Let Codex compress the thread's rollout, as it does in the background once a file has not changed for a week.

        0.144.4 and later do it as soon as they start.
        """
        file = self.stored(thread_id)
        os.utime(file, (time.time() - COMPRESSION_AGE_SECONDS,) * 2)
        config = self.codex_home / "config.toml"
        before = config.read_text()
        config.write_text(before.replace("[features]\n", "[features]\nlocal_thread_store_compression = true\n"))
        for mark in self.codex_home.glob(".tmp/rollout-*.lock"):  # Codex looks once in six hours
            mark.unlink()
        with self.server():
            for _ in range(400):
                if not file.exists() and self.stored(thread_id).suffix == ".zst":
                    break
                time.sleep(0.05)
            else:
                raise AssertionError(f"Codex {self.codex.version} has not compressed {file}")
        config.write_text(before)

    def edit(self, thread_id, change):
        """Let `change` turn the bytes of the thread's file into others; what Codex derived from them is forgotten."""
        file = self.stored(thread_id)
        file.write_bytes(change(file.read_bytes()))
        for path in self.codex_home.glob("thread_history_*.sqlite*"):
            path.unlink()

    # What is on disk

    def rows(self):
        """The rows of `threads` by id; {} where there is no state database."""
        return {row["id"]: row for row in map(dict, state_tables(self.codex_home).get("threads", []))}

    def rollout(self, thread_id):
        """The one rollout file of a thread, found by its name."""
        found = sorted(self.codex_home.glob(f"*sessions/**/rollout-*{thread_id}.jsonl"))
        if len(found) != 1:
            raise AssertionError(f"machine {self.name} has {len(found)} rollouts of thread {thread_id}: {found}")
        return found[0]

    def head(self, thread_id):
        """The rollout that the thread goes on in, of several after a revert."""
        return pathlib.Path(self.rows()[thread_id]["rollout_path"])

    def stored(self, thread_id):
        """The one file of a thread, plain or compressed."""
        found = [path for path in self.rollouts() if thread_id in path.name]
        if len(found) != 1:
            raise AssertionError(f"machine {self.name} has {len(found)} files of thread {thread_id}: {found}")
        return found[0]

    def rollouts(self):
        """All rollout files, live and archived."""
        return sorted(self.codex_home.glob("*sessions/**/rollout-*.jsonl*"))

    def remove_databases(self):
        """A home as Codex would find it after its databases were lost: it builds them again from the rollouts."""
        for path in self.codex_home.glob("*.sqlite*"):
            path.unlink()

    def give_thread_id(self, old, new):
        """Rename a thread through and through, in its file, its file's name and its row: a made id collision."""
        source = self.rollout(old)
        target = source.with_name(source.name.replace(old, new))
        target.write_bytes(source.read_bytes().replace(old.encode(), new.encode()))
        source.unlink()
        for path in self.codex_home.glob("thread_history_*.sqlite*"):
            path.unlink()
        with contextlib.closing(sqlite3.connect(self.codex_home / "state_5.sqlite")) as connection, connection:
            connection.execute("UPDATE threads SET id = ?, rollout_path = ? WHERE id = ?", (new, str(target), old))


def records(path):
    """The parsed records of a rollout; split at line feeds only, as Codex does."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


class SavedStates:
    """Copies of a folder taken aside under a name, and put back at the same path."""

    def __init__(self, live, aside):
        self.live, self.aside = pathlib.Path(live), pathlib.Path(aside)

    def __contains__(self, name):
        return (self.aside / name).exists()

    def save(self, name):
        _copy(self.live, self.aside / name)

    def restore(self, name):
        shutil.rmtree(self.live, ignore_errors=True)
        _copy(self.aside / name, self.live)


def _copy(source, target):
    shutil.copytree(source, target, symlinks=True, ignore=_sockets)


def _sockets(folder, names):
    return [name for name in names if stat.S_ISSOCK((pathlib.Path(folder) / name).lstat().st_mode)]
