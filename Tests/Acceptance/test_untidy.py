"""A home as years of moving, linking and restoring leave it: what Codex lists is packed as Codex shows it, or named."""

import contextlib
import os
import shutil
import sqlite3
import unittest

from app_server import CodexError
from journey import OwnForm, for_all
from tool import DONE, SOME_BLOCKED

NEWEST = "0.163.0"
PAIRS = ((NEWEST, NEWEST), ("0.144.4", NEWEST))
"""Legacy threads are opened under more names than paginated ones are."""

VIEWS = [{"useStateDbOnly": only, "archived": archived} for only in (True, False) for archived in (True, False)]
KINDS = ["cli", "vscode", "exec", "appServer", "subAgent", "unknown"]


def turn_row(machine, thread_id, path):
    """Let the thread's row name another file."""
    with contextlib.closing(sqlite3.connect(machine.codex_home / "state_5.sqlite")) as connection, connection:
        connection.execute("UPDATE threads SET rollout_path = ? WHERE id = ?", (str(path), thread_id))


def drop_row(machine, thread_id):
    with contextlib.closing(sqlite3.connect(machine.codex_home / "state_5.sqlite")) as connection, connection:
        connection.execute("DELETE FROM threads WHERE id = ?", (thread_id,))


def move(path, folder, name=None):
    folder.mkdir(parents=True, exist_ok=True)
    return path.rename(folder / (name or path.name))


class UntidyRows:
    """One machine in every disorder at once that Codex puts up with."""

    def make_untidy(self):
        self.a.create(self.model.base_url)
        self.b.create(self.model.base_url)
        disk = self.live / "disk"
        names = ["plain", "outside", "millis", "bare", "copied", "twice", "rowless", "linked", "deep", "archived",
                 "year", "day", "gone", "deep_linked", "other_link", "hard"]
        self.notes = {name: self.a.new_session(f"what was said in {name}") for name in names}
        self.b.new_session("B's own")
        home, rollout = self.a.codex_home, lambda name: self.a.rollout(self.notes[name])
        sessions = home / "sessions"

        # An older home, which the rows of this copy still name; the copy beside it is stale.
        stale = rollout("outside")
        kept = disk / "old-home" / stale.relative_to(home)
        kept.parent.mkdir(parents=True)
        shutil.copy2(stale, kept)
        turn_row(self.a, self.notes["outside"], kept)
        self.a.go_on(self.notes["outside"], "said after the home was copied")

        # Names that other tools give.
        for name, other in (("millis", lambda path: path.name.replace(f"-{self.notes['millis']}", f"-123Z-{self.notes['millis']}")),
                            ("bare", lambda path: f"{self.notes['bare']}.jsonl")):
            path = rollout(name)
            turn_row(self.a, self.notes[name], move(path, path.parent, other(path)))

        # A copy under another id, in which the thread went on.
        original = rollout("copied")
        copy = original.with_name(original.name.replace(self.notes["copied"], self.notes["copied"][:-4] + "beef"))
        shutil.copy2(original, copy)
        turn_row(self.a, self.notes["copied"], copy)
        self.a.go_on(self.notes["copied"], "said in the copy")

        # Two files of one thread, and a fork of it.
        short = rollout("twice").read_bytes()
        self.a.go_on(self.notes["twice"], "said later")
        old = rollout("twice")
        used = move(old, sessions / "2027/01/01")
        old.write_bytes(short)
        turn_row(self.a, self.notes["twice"], used)
        with self.a.server() as server:
            server.resume(self.notes["twice"])
            self.notes["fork"] = server.fork(self.notes["twice"])
            server.turn(self.notes["fork"], "said in the fork")

        # Rows without files and files without rows.
        drop_row(self.a, self.notes["rowless"])
        rollout("gone").unlink()
        move(rollout("deep"), sessions / "imported/more")
        drop_row(self.a, self.notes["deep"])

        # Links: to files, to folders, to folders in a circle, and hard ones.
        for name in ("linked", "other_link"):
            path = rollout(name)
            target = move(path, disk / name)
            path.symlink_to(target)
        turn_row(self.a, self.notes["other_link"], disk / "other_link" / os.listdir(disk / "other_link")[0])
        self.a.call("thread/archive", self.notes["archived"])
        path = rollout("deep_linked")
        move(path, disk / "linked-folder")
        (sessions / "elsewhere").symlink_to(disk / "linked-folder")
        drop_row(self.a, self.notes["deep_linked"])
        (sessions / "2026/loop").symlink_to("..")
        (sessions / "1999").symlink_to(sessions / "2026")
        path = rollout("hard")
        (sessions / "2027/01/02").mkdir(parents=True)
        os.link(path, sessions / "2027/01/02" / path.name)

        # A year and a day on a bigger disk.
        for name, year in (("year", "2024"), ("day", "2023")):
            path = rollout(name)
            renamed = path.name.replace(path.name[8:18], f"{year}-12-01")
            place = move(path, sessions / year / "12/01", renamed)
            folder = sessions / year if name == "year" else place.parent
            shutil.move(folder, disk / year)
            folder.symlink_to(disk / year)
            turn_row(self.a, self.notes[name], place)

        # What nobody can look into, and what is no transcript.
        (sessions / "lost+found").symlink_to("lost+found")
        (sessions / "2025/05/01").mkdir(parents=True)
        for name in ("rollout-2025-05-01-5973b6c0-94b8-487b-a530-2aeb6098ae0e.json",
                     f"{copy.stem}.sync-conflict-20261130-100000-ABCDEFG.jsonl", ".DS_Store"):
            (sessions / "2025/05/01" / name).write_text("{}")

        # The home itself and its databases behind links.
        for name in ("state_5.sqlite", "thread_history_1.sqlite"):
            if not (home / name).exists():
                continue
            with contextlib.closing(sqlite3.connect(home / name)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for ending in ("-wal", "-shm"):
                (home / (name + ending)).unlink(missing_ok=True)
            (home / name).symlink_to(move(home / name, disk / "databases"))
        home.rename(disk / "home")
        home.symlink_to(disk / "home")

    def shown(self, machine, thread_id):
        """The turns that Codex shows of a thread; None where it does not open it."""
        with machine.server() as server:
            try:
                server.resume(thread_id)
                return [(turn.text, turn.answers) for turn in server.read(thread_id)]
            except CodexError:
                return None

    def listed(self, machine):
        with machine.server() as server:
            return {thread["id"] for view in VIEWS
                    for thread in server.listed(modelProviders=[], sourceKinds=KINDS, **view)}

    def test_what_codex_lists_is_packed_as_codex_shows_it_or_named(self):
        self.begin("untidy")
        package = self.live / "packages/untidy"
        package.parent.mkdir()
        before = {name: self.notes[name] for name in self.notes}
        # Before Codex has looked, so that it has mended nothing.
        report = self.tool.packup(self.a, package, "--all", exit_code=(DONE, SOME_BLOCKED)).report
        packed = {session["thread_id"] for session in report["sessions"]}
        named = packed | {blocked["thread_id"] for blocked in report["blocked"]}
        # A list of the folders turns the rows of threads with two files to the one that it met last.
        shown = {thread_id: self.shown(self.a, thread_id) for thread_id in sorted(packed)}
        listed = self.listed(self.a)
        self.assertEqual(set(), listed - named)
        self.assertEqual([], report["blocked"])
        self.assertEqual({thread for name, thread in before.items() if name != "gone"}, packed)
        warnings = [warning["code"] for warning in report["home_warnings"]]
        self.assertEqual(["folder_unreadable", "not_a_transcript", "not_a_transcript"], sorted(warnings))
        self.deliver(package, self.b)
        opened = {thread_id: texts for thread_id, texts in shown.items() if texts is not None}
        for thread_id, texts in opened.items():
            with self.subTest(next(name for name, thread in before.items() if thread == thread_id)):
                self.assertEqual(texts, self.shown(self.b, thread_id))
        self.assertGreaterEqual(len(opened), 12)

    def test_the_same_home_takes_a_delivery_and_gives_it_back(self):
        """What is here counts where it is; what may not be written is named, the rest goes on."""
        self.begin("untidy")
        package = self.live / "packages/untidy"
        package.parent.mkdir()
        self.tool.packup(self.a, package, "--all", exit_code=(DONE, SOME_BLOCKED))
        self.deliver(package, self.b)
        for name in ("plain", "outside", "linked", "year", "rowless"):
            self.b.go_on(self.notes[name], f"B goes on in {name}")
        more = self.live / "packages/more"
        self.tool.packup(self.b, more, "--all")
        done = self.deliver(more, self.a, exit_code=SOME_BLOCKED)
        actions = {name: done.session(self.notes[name])["action"]
                   for name in ("plain", "outside", "linked", "year", "rowless", "twice", "deep")}
        self.assertEqual({"plain": "append", "outside": "blocked", "linked": "blocked", "year": "append",
                          "rowless": "append", "twice": "skip", "deep": "skip"}, actions)
        for name in ("outside", "linked"):
            self.assertEqual(["foreign_file"],
                             [blocker["code"] for blocker in done.session(self.notes[name])["blockers"]])
        self.assertIn(self.notes["deep"], done.report["entered"])
        for name in ("plain", "year", "rowless"):
            self.assertEqual(self.shown(self.b, self.notes[name]), self.shown(self.a, self.notes[name]))
        with self.a.server() as server:
            catalogue = {thread["id"] for thread in server.listed(
                useStateDbOnly=True, modelProviders=[], sourceKinds=KINDS)}
        self.assertLessEqual({self.notes["rowless"], self.notes["deep"]}, catalogue)


for_all(globals(), UntidyRows, forms=[OwnForm], pairs=PAIRS)

if __name__ == "__main__":
    unittest.main()
