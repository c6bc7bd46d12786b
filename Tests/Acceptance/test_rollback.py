"""Every transaction can be undone, and undoing never takes anybody's later work."""

import unittest

from journey import TALK, WORK, for_all
from snapshot import Claim, Snapshot
from tool import FAILED, SOME_BLOCKED

MORE = "A asks a third question"


class RollbackRows:
    """Undo right away, newest first; and undo after the user went on."""

    def test_imports_and_fast_forwards_are_undone_newest_first(self):
        self.begin("apart")
        at_first = Snapshot(self.b.codex_home)
        first = self.deliver(self.pack(self.a, "first"), self.b).report["transaction_id"]
        self.a.go_on(self.talk, MORE)
        between = Snapshot(self.b.codex_home)
        second = self.deliver(self.pack(self.a, "second"), self.b).report["transaction_id"]
        listed = [entry["transaction_id"] for entry in self.tool.transactions(self.b)]
        self.assertEqual([second, first], listed)
        self.assert_undone(second, between)
        self.assert_undone(first, at_first)
        self.assertEqual({"rolled_back"}, {entry["status"] for entry in self.tool.transactions(self.b)
                                           if entry["transaction_id"] in (first, second)})

    def test_branches_and_their_fast_forwards_are_undone_newest_first(self):
        self.begin("delivered")
        self.a.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        at_first = Snapshot(self.b.codex_home)
        made = self.deliver(self.pack(self.a, "second"), self.b)
        self.assert_classified(made, talk="diverged_lineage", work="unchanged")
        self.a.go_on(self.talk, MORE)
        between = Snapshot(self.b.codex_home)
        grown = self.deliver(self.pack(self.a, "third"), self.b)
        self.assert_classified(grown, talk="fast_forward_import", work="unchanged")
        self.assert_undone(grown.report["transaction_id"], between)
        self.assert_undone(made.report["transaction_id"], at_first)
        self.assert_works(self.b, self.talk, [*TALK, "B goes its way"])

    def assert_undone(self, transaction_id, before):
        """First planned, which writes nothing; then done, which leaves nothing."""
        now = Snapshot(self.b.codex_home)
        planned = self.tool.rollback(self.b, transaction_id, execute=False)
        self.assertEqual("dry_run", planned.report["status"])
        self.assert_unchanged_since(now, self.b, Claim.NOTHING_DONE)
        done = self.rollback(self.b, transaction_id)
        self.assertEqual([], done.report["kept"])
        self.assertTrue(done.report["operations"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)

    def test_the_latest_is_undone_without_naming_it_and_what_was_undone_can_come_again(self):
        self.begin("apart")
        before, package = Snapshot(self.b.codex_home), self.pack(self.a, "package")
        delivered = self.deliver(package, self.b).report["transaction_id"]
        self.assertEqual(delivered, self.tool.rollback(self.b).report["rolled_back"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.assert_classified(self.deliver(package, self.b), talk="new_lineage", work="new_lineage")
        self.assert_works(self.b, self.talk, TALK)
        self.assert_works(self.b, self.work, WORK)

    def test_a_transaction_is_shown_and_recovering_a_sound_home_does_nothing(self):
        self.begin("delivered")
        shown = self.tool.transaction(self.b, self.notes["first"])
        self.assertIn(self.notes["first"], str(shown))
        self.assertIn(self.talk, str(shown))
        before = Snapshot(self.b.codex_home)
        self.tool.recover(self.b)
        self.assert_unchanged_since(before, self.b, Claim.NOTHING_DONE)

    def test_a_thread_that_was_only_opened_is_undone_all_the_same(self):
        self.begin("delivered")
        self.b.open_only(self.talk)
        self.rollback(self.b, self.notes["first"])
        self.assertEqual({self.notes["local"]}, set(self.b.rows()))
        self.assertEqual([self.b.rollout(self.notes["local"])], self.b.rollouts())

    def test_work_after_an_import_stays(self):
        self.begin("delivered")
        self.b.go_on(self.talk, "B goes on")
        self.assert_keeps(self.notes["first"], self.talk)
        self.assertEqual({self.talk, self.notes["local"]}, set(self.b.rows()))
        self.assert_works(self.b, self.talk, [*TALK, "B goes on"])

    def test_work_after_a_fast_forward_stays(self):
        self.begin("delivered")
        self.a.go_on(self.talk, MORE)
        self.a.go_on(self.work, MORE)
        other = self.b.rollout(self.work).read_bytes()
        second = self.deliver(self.pack(self.a, "second"), self.b).report["transaction_id"]
        self.b.go_on(self.talk, "B goes on")
        self.assert_keeps(second, self.talk)
        self.assertEqual(other, self.b.rollout(self.work).read_bytes())
        self.assert_works(self.b, self.talk, [*TALK, MORE, "B goes on"])
        self.assert_works(self.b, self.work, WORK)

    def test_work_after_a_branch_stays(self):
        self.begin("parted")
        self.b.go_on(self.notes["branch"], "B goes on in A's line")
        self.assert_keeps(self.notes["second"], self.notes["branch"])
        self.assert_works(self.b, self.notes["branch"], [*TALK, "A goes its way", "B goes on in A's line"])
        self.assert_works(self.b, self.talk, [*TALK, "B goes its way"])

    def test_work_becomes_a_branch_where_that_is_asked_for(self):
        self.begin("delivered")
        self.b.go_on(self.talk, "B goes on")
        done = self.rollback(self.b, self.notes["first"], "--keep-local-work")
        self.assertEqual([self.talk], [branch["thread_id"] for branch in done.report["branches"]])
        branch = done.report["branches"][0]["branch_id"]
        self.assertEqual({branch, self.notes["local"]}, set(self.b.rows()))
        self.assert_works(self.b, branch, [*TALK, "B goes on"])

    def test_work_after_a_fast_forward_becomes_a_branch_where_that_is_asked_for(self):
        self.begin("delivered")
        self.a.go_on(self.talk, MORE)
        before = self.b.rollout(self.talk).read_bytes()
        second = self.deliver(self.pack(self.a, "second"), self.b).report["transaction_id"]
        self.b.go_on(self.talk, "B goes on")
        done = self.rollback(self.b, second, "--keep-local-work")
        branch = done.report["branches"][0]["branch_id"]
        self.assertEqual(before, self.b.rollout(self.talk).read_bytes())
        self.assert_works(self.b, branch, [*TALK, MORE, "B goes on"])
        self.assert_works(self.b, self.talk, TALK)

    def test_deliveries_that_build_on_each_other_are_undone_together(self):
        self.begin("apart")
        before = Snapshot(self.b.codex_home)
        first = self.deliver(self.pack(self.a, "first"), self.b).report["transaction_id"]
        self.a.go_on(self.talk, MORE)
        second = self.deliver(self.pack(self.a, "second"), self.b).report["transaction_id"]
        refused = self.tool.rollback(self.b, first, exit_code=FAILED)
        self.assertEqual("later_transactions", refused.report["error"]["code"])
        done = self.rollback(self.b, first, "--cascade")
        self.assertEqual([second, first], done.report["transactions"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def assert_keeps(self, transaction_id, thread_id):
        """The rollback leaves this one thread, byte for byte, and says so with a reason."""
        file, row = self.b.rollout(thread_id), self.b.rows()[thread_id]
        with self.expect_untouched(file):
            done = self.rollback(self.b, transaction_id, exit_code=SOME_BLOCKED)
        self.assertEqual([thread_id], [kept["thread_id"] for kept in done.report["kept"]])
        self.assertTrue(done.report["kept"][0]["reason"])
        self.assertEqual(str(file), done.report["kept"][0]["path"])
        self.assertEqual(row, self.b.rows()[thread_id])

    def test_a_fork_of_delivered_turns_still_reads_and_opens_after_the_rollback(self):
        self.begin("delivered")
        with self.b.server() as server:
            server.resume(self.talk)
            fork = server.fork(self.talk)
            server.turn(fork, "B asks in its fork")
        if b'"history_base"' in self.b.rollout(fork).read_bytes():
            self.assert_keeps(self.notes["first"], self.talk)
            self.assert_works(self.b, self.talk, TALK)
        else:
            self.rollback(self.b, self.notes["first"])
            self.assertNotIn(self.talk, self.b.rows())
        self.assertNotIn(self.work, self.b.rows())
        self.assert_works(self.b, fork, [*TALK, "B asks in its fork"])


for_all(globals(), RollbackRows)

if __name__ == "__main__":
    unittest.main()
