"""A thread that is gone: lost, it comes back with the next delivery; deleted by its user, it stays deleted."""

import unittest

from app_server import CodexError
from journey import TALK, OwnForm, TransferForm, for_all
from snapshot import Claim, Snapshot
from tool import WRONG

NEWEST = "0.163.0"
MORE = "A asks a third question"
PAIRS = ((NEWEST, NEWEST), ("0.133.0", NEWEST))


class LossRows:
    """The file is gone while its row stands: nobody deletes a thread that way."""

    def make_lost(self):
        """Codex on B has shown and named the thread, then its file got lost; its row stands, and Codex hides it."""
        self.begin("delivered")
        with self.b.server() as server:
            server.resume(self.talk)
            server.read(self.talk)
        self.b.rollout(self.talk).unlink()
        with self.b.server() as server:
            self.assertNotIn(self.talk, [thread["id"] for thread in server.listed()])
        self.assertIn(self.talk, self.b.rows())

    def test_a_lost_file_is_restored_by_the_same_package(self):
        self.begin("lost")
        self.assert_restored(self.live / "packages/first", TALK)

    def test_a_lost_file_is_restored_by_a_package_with_more(self):
        self.begin("lost")
        self.a.go_on(self.talk, MORE)
        self.assert_restored(self.pack(self.a, "more"), [*TALK, MORE])

    def assert_restored(self, package, texts):
        before = Snapshot(self.b.codex_home)
        done = self.deliver(package, self.b)
        self.assert_classified(done, talk="new_lineage", work="unchanged")
        self.assertEqual(self.talk, done.session(self.talk)["local_thread_id"])
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.deliver(package, self.b)
        self.assertEqual(str(self.b.rollout(self.talk)), self.b.rows()[self.talk]["rollout_path"])
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, texts)

    def test_a_lost_archived_file_is_restored_where_the_sender_has_it(self):
        self.begin("delivered")
        self.b.call("thread/archive", self.talk)
        self.b.rollout(self.talk).unlink()
        self.assert_restored(self.live / "packages/first", TALK)

    def test_a_file_that_lies_elsewhere_than_its_row_says_opens_again_when_it_is_adopted(self):
        self.begin("delivered")
        file = self.b.rollout(self.talk)
        elsewhere = self.b.codex_home / "sessions/2026/01/02"
        elsewhere.mkdir(parents=True)
        file.rename(elsewhere / file.name)
        with self.b.server() as server, self.assertRaises(CodexError):
            server.resume(self.talk)
        self.assertIn("rows_have_files", self.tool.health(self.b, exit_code=WRONG))
        self.tool.adopt(self.b, self.talk)
        self.assertEqual({}, self.tool.health(self.b))
        self.assert_works(self.b, self.talk, TALK)

    def test_a_name_that_was_given_here_outlives_the_loss(self):
        self.begin("delivered")
        self.b.call("thread/name/set", self.talk, name="B's name for it")
        self.b.rollout(self.talk).unlink()
        self.assert_classified(self.deliver(self.live / "packages/first", self.b),
                               talk="new_lineage", work="unchanged")
        with self.b.server() as server:
            names = {thread["id"]: thread["name"] for thread in server.listed()}
        self.assertEqual("B's name for it", names[self.talk])

    def test_a_home_that_lost_all_its_files_gets_back_what_was_delivered(self):
        self.begin("delivered")
        for file in self.b.rollouts():
            file.unlink()
        done = self.deliver(self.live / "packages/first", self.b)
        self.assert_classified(done, talk="new_lineage", work="new_lineage")
        self.assert_works(self.b, self.talk, TALK)


class DeletionRows:
    """B's user deletes a delivered thread in Codex: it stays deleted until he asks for it."""

    def make_deleted(self):
        self.begin("delivered")
        self.b.call("thread/delete", self.talk)
        self.assertNotIn(self.talk, self.b.rows())
        self.assertEqual([], [path for path in self.b.rollouts() if self.talk in path.name])

    def test_a_deleted_thread_stays_deleted_however_often_it_is_delivered(self):
        self.begin("deleted")
        for package in (self.live / "packages/first", self.pack(self.a, "again")):
            for _ in range(2):
                self.assert_stays_deleted(package)

    def test_a_deleted_thread_stays_deleted_when_the_sender_goes_on(self):
        self.begin("deleted")
        self.a.go_on(self.talk, MORE)
        self.assert_stays_deleted(self.pack(self.a, "more"))

    def assert_stays_deleted(self, package):
        """Nothing is written, and a person is told why and what to do about it."""
        before = Snapshot(self.b.codex_home)
        inspected = self.tool.inspect(package, self.b)
        done = self.deliver(package, self.b)
        for outcome in (inspected, done):
            self.assert_classified(outcome, talk="unchanged", work="unchanged")
            session = outcome.session(self.talk)
            self.assertEqual(("deleted_locally", "skip"), (session["detail"], session["action"]))
        self.assertIsNone(done.report["transaction_id"])
        self.assertIn("--restore-deleted", self.tool.words(package, self.b))
        self.assert_unchanged_since(before, self.b, Claim.NOTHING_DONE)

    def test_a_deleted_thread_is_restored_on_request_and_then_lives_on(self):
        self.begin("deleted")
        package = self.live / "packages/first"
        self.assert_stays_deleted(package)
        before = Snapshot(self.b.codex_home)
        done = self.deliver(package, self.b, "--restore-deleted")
        self.assertEqual(("import", self.talk), tuple(
            done.session(self.talk)[key] for key in ("action", "local_thread_id")))
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.deliver(package, self.b, "--restore-deleted")
        self.assert_nothing_to_do(package, self.b)
        self.a.go_on(self.talk, MORE)
        more = self.pack(self.a, "more")
        self.assert_classified(self.deliver(more, self.b), talk="fast_forward_import", work="unchanged")
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_a_deletion_ends_when_the_thread_is_alive_again(self):
        self.begin("deleted")
        package = self.live / "packages/first"
        self.assert_stays_deleted(package)
        self.deliver(package, self.b, "--restore-deleted")
        self.assert_nothing_to_do(package, self.b)
        self.b.rollout(self.talk).unlink()
        self.assert_classified(self.deliver(package, self.b), talk="new_lineage", work="unchanged")
        self.assert_works(self.b, self.talk, TALK)

    def test_deleting_a_branch_does_not_bring_it_back_under_any_id(self):
        self.begin("parted")
        branch = self.notes["branch"]
        self.b.call("thread/delete", branch)
        threads = set(self.b.rows())
        for package in (self.live / "packages/second.zip", self.live / "packages/second"):
            if package.exists():
                self.assert_nothing_to_do(package, self.b)
        self.assertEqual(threads, set(self.b.rows()))
        self.a.go_on(self.talk, "A goes further")
        done = self.deliver(self.pack(self.a, "third"), self.b)
        self.assertEqual("deleted_locally", done.session(self.talk)["detail"])
        self.assertEqual(threads, set(self.b.rows()))
        self.assert_works(self.b, self.talk, [*TALK, "B goes its way"])


for_all(globals(), DeletionRows, forms=[OwnForm], pairs=PAIRS)
for_all(globals(), DeletionRows, forms=[TransferForm], pairs=PAIRS[1:])
class CutRows:
    """The end of a file is gone, as after a crash or from a backup, and Codex has not noticed."""

    def test_a_file_that_was_cut_is_healed_by_the_same_package(self):
        """Also what Codex derived: a fork of a turn behind the cut holds the turn whole."""
        self.begin("delivered")
        self.b.open_only(self.talk)
        file = self.b.rollout(self.talk)
        whole = file.read_bytes()
        file.write_bytes(whole[:whole.index(TALK[0].encode() + b'"}]', whole.index(b"Echo: "))])
        package = self.live / "packages/first"
        with self.expect_append(file):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.assertIn("local_shrunk", [warning["code"] for warning in done.session(self.talk)["warnings"]])
        self.assert_nothing_to_do(package, self.b)
        with self.b.server() as server:
            server.resume(self.talk)
            self.assert_shows(server, self.talk, TALK)
            fork = server.fork(self.talk, lastTurnId=server.turn_ids(self.talk)[0])
            server.turn(fork, "B asks in its fork")
        self.assert_works(self.b, fork, [TALK[0], "B asks in its fork"])
        self.pack(self.b, "forks", only=fork)
        self.assert_works(self.b, self.talk, TALK)


for_all(globals(), CutRows, forms=[OwnForm], pairs=PAIRS)
for_all(globals(), LossRows, forms=[OwnForm], pairs=PAIRS)
for_all(globals(), LossRows, forms=[TransferForm], pairs=PAIRS[1:])

if __name__ == "__main__":
    unittest.main()
