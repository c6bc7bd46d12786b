"""What a user or Codex changes about a thread without a turn: no branch, and no write of a history."""

import contextlib
import json
import sqlite3
import unittest

from journey import TALK, OwnForm, TransferForm, for_all
from snapshot import Claim, Snapshot

NEWEST = "0.163.0"
MORE = "A asks a third question"
PAIRS = ((NEWEST, NEWEST), ("0.133.0", NEWEST))
PINNED = "01984de2-8f74-7c91-a3b2-5c5e937cf318"
"""The section that Codex shows on top (0.147.0 and later)."""


class Bookkeeping:
    """Steps that both sets of rows share."""

    def assert_unchanged(self, package, differences=()):
        """The package brings nothing to `talk`, byte for byte; what differs besides the history is said."""
        before = Snapshot(self.b.codex_home)
        done = self.deliver(package, self.b)
        self.assertEqual("nothing_to_do", done.report["status"])
        self.assert_classified(done, talk="unchanged", work="unchanged")
        self.assert_differs(done, differences)
        self.assert_unchanged_since(before, self.b, Claim.NOTHING_DONE)

    def assert_differs(self, done, differences):
        said = [warning["detail"] for warning in done.session(self.talk)["warnings"]
                if warning["code"] == "metadata_differs"]
        self.assertEqual(list(differences), said)

    def assert_appended(self, package, differences=()):
        """The package's turns are appended to `talk`, and no thread is made."""
        threads = set(self.b.rows())
        done = self.deliver(package, self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.assert_differs(done, differences)
        self.assertEqual(threads, set(self.b.rows()))
        self.assert_nothing_to_do(package, self.b)
        return done

    def name(self, machine):
        with machine.server() as server:
            return {thread["id"]: thread["name"] for thread in server.listed()}[self.talk]


class BookkeepingRows(Bookkeeping):
    """Opened, renamed, set otherwise, retagged: on the sender's machine, and on the receiver's."""

    def test_opening_a_thread_on_both_sides_is_no_change(self):
        self.begin("delivered")
        for _ in range(2):
            self.a.open_only(self.talk)
            self.b.open_only(self.talk)
        self.assert_unchanged(self.pack(self.a, "package"))
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"))
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_a_new_name_alone_is_reported_and_travels_with_the_next_turn(self):
        self.begin("delivered")
        self.a.call("thread/name/set", self.talk, name="A's name for it")
        self.assert_unchanged(self.pack(self.a, "package"), ["name: A's name for it"])
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"))
        self.assertEqual("A's name for it", self.name(self.b))
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_a_name_that_was_given_here_stays(self):
        self.begin("delivered")
        self.b.call("thread/name/set", self.talk, name="B's name for it")
        self.assert_unchanged(self.pack(self.a, "package"))
        self.a.call("thread/name/set", self.talk, name="A's name for it")
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"), ["name: A's name for it"])
        self.assertEqual("B's name for it", self.name(self.b))
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_other_settings_at_the_sender_are_no_change_and_do_not_travel(self):
        self.begin("delivered")
        self.a.call("thread/resume", self.talk, model="gpt-5-mini", approvalPolicy="never")
        self.assert_unchanged(self.pack(self.a, "package"))
        with self.a.server() as server:
            server.resume(self.talk)
            server.turn(self.talk, MORE, model="gpt-5-mini", approvalPolicy="never",
                        sandboxPolicy={"type": "dangerFullAccess"})
        self.assert_appended(self.pack(self.a, "more"))
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_a_folder_that_was_chosen_here_stays(self):
        self.begin("delivered")
        elsewhere = self.b.home / "elsewhere"
        elsewhere.mkdir()
        self.b.call("thread/resume", self.talk, cwd=str(elsewhere))
        self.assert_unchanged(self.pack(self.a, "package"))
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"))
        self.assertEqual(str(elsewhere), self.b.call("thread/resume", self.talk)["cwd"])

    def test_another_provider_at_the_sender_is_no_change(self):
        self.begin("delivered")
        self.retag(self.a)
        self.assert_unchanged(self.pack(self.a, "package"))
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"))
        self.assertEqual("standin", self.b.rows()[self.talk]["model_provider"])
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_a_thread_of_a_provider_that_is_not_configured_here_is_listed_all_the_same(self):
        """Codex lists by the provider in the file's first record, and resumes by the one in the row."""
        self.begin("apart")
        self.retag(self.a)
        self.assert_classified(self.deliver(self.pack(self.a, "package"), self.b),
                               talk="new_lineage", work="new_lineage")
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"))
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_another_provider_here_stays(self):
        self.begin("delivered")
        self.retag(self.b)
        self.assert_unchanged(self.pack(self.a, "package"))
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"))
        self.assertEqual("other", self.b.rows()[self.talk]["model_provider"])
        self.assertEqual("other", self.b.call("thread/resume", self.talk)["modelProvider"])
        with self.b.server() as server:
            server.resume(self.talk)
            self.assert_shows(server, self.talk, [*TALK, MORE])
            self.assert_takes_a_turn(server, self.b, self.talk, [*TALK, MORE])

    def retag(self, machine):
        """What provider switchers do: a second provider in the configuration, its name in the file and in the row."""
        config = machine.codex_home / "config.toml"
        text = config.read_text()
        section = text[text.index("[model_providers.standin]"):text.index("[features]")]
        config.write_text(text + section.replace("standin", "other"))
        machine.edit(self.talk, lambda data: data.replace(b'"model_provider":"standin"', b'"model_provider":"other"'))
        with contextlib.closing(sqlite3.connect(machine.codex_home / "state_5.sqlite")) as connection, connection:
            connection.execute("UPDATE threads SET model_provider = 'other' WHERE id = ?", (self.talk,))
        self.assertIn(b'"model_provider":"other"', machine.rollout(self.talk).read_bytes())


class NewestBookkeepingRows(Bookkeeping):
    """What only newer versions of Codex can change, or only our own packages can carry."""

    def test_another_folder_at_the_sender_is_no_change_and_the_thread_here_keeps_its_own(self):
        self.begin("delivered")
        elsewhere = self.a.home / "elsewhere"
        elsewhere.mkdir()
        self.a.call("thread/resume", self.talk, cwd=str(elsewhere))
        self.assert_nothing_to_do(self.pack(self.a, "package", only=self.talk), self.b)
        self.a.go_on(self.talk, MORE)
        self.assert_classified(self.deliver(self.pack(self.a, "more", only=self.talk), self.b),
                               talk="fast_forward_import")
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_pinning_a_thread_is_no_change_on_either_side(self):
        self.begin("delivered")
        for machine in (self.a, self.b):
            machine.call("thread/section/move", self.talk, sectionId=PINNED)
        pinned = self.b.rows()[self.talk]
        self.assertEqual(PINNED, pinned["thread_section_id"])
        self.assert_unchanged(self.pack(self.a, "package"))
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"))
        self.assertEqual([pinned[key] for key in ("thread_section_id", "section_position")],
                         [self.b.rows()[self.talk][key] for key in ("thread_section_id", "section_position")])
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_settings_that_were_updated_without_a_turn_are_no_change(self):
        self.begin("delivered")
        for machine in (self.a, self.b):
            with machine.server() as server:
                server.resume(self.talk)
                server.call("thread/settings/update", threadId=self.talk, model="gpt-5-mini", effort="high")
        self.assert_unchanged(self.pack(self.a, "package"))
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"))
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_git_facts_and_memory_mode_are_no_change(self):
        self.begin("delivered")
        for machine in (self.a, self.b):
            machine.call("thread/metadata/update", self.talk, gitInfo={"branch": f"of-{machine.name}"})
            machine.call("thread/memoryMode/set", self.talk, mode="disabled")
        self.assert_unchanged(self.pack(self.a, "package"))


class RepeatedMetaRows(Bookkeeping):
    """0.144.4 notes memory mode and git facts as one more `session_meta` in the middle of the file."""

    def test_a_repeated_session_meta_is_no_change(self):
        self.begin("delivered")
        for machine in (self.a, self.b):
            machine.call("thread/memoryMode/set", self.talk, mode="disabled")
            metas = [line for line in machine.rollout(self.talk).read_bytes().splitlines()
                     if json.loads(line)["type"] == "session_meta"]
            self.assertEqual(2, len(metas))
        self.assert_unchanged(self.pack(self.a, "package"))
        self.a.go_on(self.talk, MORE)
        self.assert_appended(self.pack(self.a, "more"))
        self.assert_works(self.b, self.talk, [*TALK, MORE])


class ArchiveRows(Bookkeeping):
    """Archived there, archived here: one thread, never two."""

    def assert_archived(self, machine):
        """Codex lists it among the archived threads, from the files and from the database, and nowhere else."""
        file = machine.rollout(self.talk)
        self.assertEqual(machine.codex_home / "archived_sessions", file.parent)
        self.assertEqual((1, str(file)),
                         tuple(machine.rows()[self.talk][key] for key in ("archived", "rollout_path")))
        with machine.server() as server:
            for filters in ({}, {"useStateDbOnly": True}):
                archived = [thread["id"] for thread in server.listed(archived=True, **filters)]
                self.assertEqual(1, archived.count(self.talk), f"{filters}: {archived}")
                self.assertNotIn(self.talk, [thread["id"] for thread in server.listed(**filters)])

    def assert_works_unarchived(self, machine, texts):
        machine.call("thread/unarchive", self.talk)
        self.assert_works(machine, self.talk, texts)

    def go_on_archived(self, machine, text):
        """As users do: unarchive, take a turn, archive again."""
        machine.call("thread/unarchive", self.talk)
        machine.go_on(self.talk, text)
        machine.call("thread/archive", self.talk)

    def make_archived(self):
        """A's archived thread has arrived on B."""
        self.begin("apart")
        self.a.call("thread/archive", self.talk)
        done = self.deliver(self.pack(self.a, "first"), self.b)
        self.assert_classified(done, talk="new_lineage", work="new_lineage")

    def test_an_archived_thread_arrives_archived(self):
        self.begin("archived")
        self.assert_archived(self.b)
        self.assert_nothing_to_do(self.live / "packages/first", self.b)
        self.assert_works_unarchived(self.b, TALK)

    def test_unarchiving_here_is_no_change_and_stays(self):
        self.begin("archived")
        self.b.call("thread/unarchive", self.talk)
        self.assert_unchanged(self.live / "packages/first", ["archived there"])
        self.go_on_archived(self.a, MORE)
        self.assert_appended(self.pack(self.a, "more"), ["archived there"])
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_unarchiving_there_is_reported_and_travels_with_the_next_turn(self):
        self.begin("archived")
        self.a.call("thread/unarchive", self.talk)
        self.assert_unchanged(self.pack(self.a, "package"), ["archived here"])
        self.a.go_on(self.talk, MORE)
        before = Snapshot(self.b.codex_home)
        done = self.assert_appended(self.pack(self.a, "more"))
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.assert_appended(self.live / "packages/more")
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_archiving_there_is_reported_and_travels_with_the_next_turn(self):
        self.begin("delivered")
        self.a.call("thread/archive", self.talk)
        self.assert_unchanged(self.pack(self.a, "package"), ["archived there"])
        self.go_on_archived(self.a, MORE)
        before = Snapshot(self.b.codex_home)
        done = self.assert_appended(self.pack(self.a, "more"))
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.assert_appended(self.live / "packages/more")
        self.assert_archived(self.b)
        self.assert_works_unarchived(self.b, [*TALK, MORE])

    def test_archiving_here_stays_while_the_sender_goes_on(self):
        self.begin("delivered")
        self.b.call("thread/archive", self.talk)
        self.assert_unchanged(self.live / "packages/first", ["archived here"])
        self.a.go_on(self.talk, MORE)
        with self.expect_append(self.b.rollout(self.talk)):
            self.assert_appended(self.pack(self.a, "more"), ["archived here"])
        self.assert_archived(self.b)
        self.assert_works_unarchived(self.b, [*TALK, MORE])

    def test_archived_on_both_sides_is_appended_to_where_it_lies(self):
        self.begin("archived")
        self.go_on_archived(self.a, MORE)
        with self.expect_append(self.b.rollout(self.talk)):
            self.assert_appended(self.pack(self.a, "more"))
        self.assert_archived(self.b)
        self.assert_works_unarchived(self.b, [*TALK, MORE])

    def test_archiving_here_keeps_no_delivery_from_being_undone(self):
        self.begin("delivered")
        self.a.go_on(self.talk, MORE)
        more = self.assert_appended(self.pack(self.a, "more"))
        self.b.call("thread/archive", self.talk)
        self.assertEqual([], self.rollback(self.b, more.report["transaction_id"]).report["kept"])
        self.assert_archived(self.b)
        self.assertNotIn(MORE.encode(), self.b.rollout(self.talk).read_bytes())
        self.assertEqual([], self.rollback(self.b, self.notes["first"]).report["kept"])
        self.assertEqual({self.notes["local"]}, set(self.b.rows()))
        self.assertEqual([self.b.rollout(self.notes["local"])], self.b.rollouts())

    def test_where_both_went_on_in_a_thread_that_is_archived_here_the_branch_is_not(self):
        self.begin("delivered")
        self.a.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        self.b.call("thread/archive", self.talk)
        package = self.pack(self.a, "package")
        with self.expect_untouched(self.b.rollout(self.talk)):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="diverged_lineage", work="unchanged")
        self.assert_nothing_to_do(package, self.b)
        self.assert_archived(self.b)
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [*TALK, "A goes its way"])
        self.assert_works_unarchived(self.b, [*TALK, "B goes its way"])


for_all(globals(), BookkeepingRows, forms=[OwnForm], pairs=PAIRS)
for_all(globals(), BookkeepingRows, forms=[TransferForm], pairs=PAIRS[1:])
for_all(globals(), NewestBookkeepingRows, forms=[OwnForm], pairs=PAIRS[:1])
for_all(globals(), RepeatedMetaRows, forms=[OwnForm], pairs=[("0.144.4", "0.144.4")])
for_all(globals(), ArchiveRows, pairs=PAIRS[:1])
for_all(globals(), ArchiveRows, forms=[OwnForm], pairs=PAIRS[1:])

if __name__ == "__main__":
    unittest.main()
