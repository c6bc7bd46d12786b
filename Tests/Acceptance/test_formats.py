"""One conversation in both formats: a thread that `codex migrate-rollouts` rewrote on one side only."""

import unittest

from homes import records
from journey import TALK, OwnForm, TransferForm, for_all
from snapshot import Claim, Snapshot
from tool import SOME_BLOCKED

NEWEST = "0.163.0"
MORE = "A asks a third question"
PAIRS = (("0.133.0", NEWEST), ("0.149.0", "0.149.0"))
"""The oldest sender, whose threads only the receiver's Codex can migrate; the oldest Codex that can do it itself."""


class FormatRows:
    """A thread is legacy on one machine and paginated on the other."""

    versions = (NEWEST,)

    def make_delivered(self):
        """A's legacy threads have arrived on B."""
        super().make_delivered()
        self.assertEqual(["legacy", "legacy"], [self.format_of(machine) for machine in (self.a, self.b)])

    @property
    def migrating_a(self):
        """A, with a Codex that can migrate."""
        return self.a if self.sender == "0.149.0" else self.a.running(NEWEST)

    def format_of(self, machine):
        return records(machine.rollout(self.talk))[0]["payload"].get("history_mode", "legacy")

    def migrate(self, machine, thread_id=None):
        machine.codex.migrate(thread_id or self.talk)
        first = records(machine.rollout(thread_id or self.talk))[0]
        self.assertEqual("paginated", first["payload"]["history_mode"])

    def test_a_thread_that_was_migrated_here_is_the_same_history(self):
        self.begin("delivered")
        package = self.pack(self.a, "package")
        self.migrate(self.b)
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, TALK)

    def test_a_compacted_thread_that_was_migrated_here_is_the_same_history_and_grows(self):
        """Migrating adds members that are null to each `compacted` record."""
        self.begin("apart")
        with self.a.server() as server:
            server.resume(self.talk)
            server.compact(self.talk)
            server.turn(self.talk, "A asks after the compaction")
        package = self.pack(self.a, "package")
        self.deliver(package, self.b)
        self.migrate(self.b)
        self.assert_nothing_to_do(package, self.b)
        self.a.go_on(self.talk, MORE)
        self.migrate(self.migrating_a)
        more = self.pack(self.a, "more")
        self.assert_classified(self.deliver(more, self.b), talk="fast_forward_import", work="unchanged")
        self.assert_nothing_to_do(more, self.b)

    def test_a_fork_that_was_migrated_here_is_the_same_history(self):
        self.begin("apart")
        with self.a.server() as server:
            server.resume(self.talk)
            self.notes["fork"] = server.fork(self.talk)
            server.turn(self.notes["fork"], "A asks in its fork")
        package = self.pack(self.a, "package")
        self.assert_classified(self.deliver(package, self.b),
                               talk="new_lineage", work="new_lineage", fork="new_lineage")
        for thread in (self.notes["fork"], self.talk):
            self.migrate(self.b, thread)
            self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.notes["fork"], [*TALK, "A asks in its fork"])
        self.assert_works(self.b, self.talk, TALK)

    def test_a_branch_that_was_migrated_here_is_still_known_here_and_at_home(self):
        """Migrating drops what we wrote into its first record."""
        self.begin("parted")
        self.migrate(self.b, self.notes["branch"])
        self.assertNotIn(b"codex_session_sync", self.b.rollout(self.notes["branch"]).read_bytes())
        self.assert_nothing_to_do(self.pack(self.a, "again"), self.b)
        done = self.deliver(self.pack(self.b, "home", only=self.notes["branch"]), self.a)
        self.assert_classified(done, branch="unchanged")
        self.assertEqual(self.talk, done.session(self.notes["branch"])["local_thread_id"])

    def test_a_thread_that_was_migrated_there_is_the_same_history(self):
        self.begin("delivered")
        self.migrate(self.migrating_a)
        self.assert_nothing_to_do(self.pack(self.a, "package"), self.b)
        self.assertEqual("legacy", self.format_of(self.b))

    def test_a_thread_that_was_migrated_before_it_ever_travelled_arrives_paginated(self):
        self.begin("apart")
        self.migrate(self.migrating_a)
        self.assert_classified(self.deliver(self.pack(self.a, "package"), self.b),
                               talk="new_lineage", work="new_lineage")
        self.assertEqual(("paginated", "paginated"), (self.format_of(self.b), self.b.rows()[self.talk]["history_mode"]))
        self.assert_works(self.b, self.talk, TALK)

    def test_a_legacy_tail_waits_until_the_sender_has_migrated_too(self):
        self.begin("delivered")
        self.migrate(self.b)
        self.a.go_on(self.talk, MORE)
        self.assert_mismatch(self.pack(self.a, "before"), "local is paginated, incoming is legacy")
        self.migrate(self.migrating_a)
        self.assert_arrives(self.pack(self.a, "after"))

    def test_a_paginated_tail_waits_until_the_receiver_has_migrated_too(self):
        self.begin("delivered")
        newer = self.migrating_a
        self.migrate(newer)
        newer.go_on(self.talk, MORE)
        package = self.pack(self.a, "package")
        self.assert_mismatch(package, "local is legacy, incoming is paginated")
        self.migrate(self.b)
        self.assert_arrives(package)

    def assert_mismatch(self, package, detail):
        """Only this session is blocked, nothing is written, and a person is told what to run."""
        before = Snapshot(self.b.codex_home)
        done = self.deliver(package, self.b, exit_code=SOME_BLOCKED)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        session = done.session(self.talk)
        self.assertEqual(("blocked", [("history_mode_mismatch", detail)]),
                         (session["action"], [(blocker["code"], blocker["detail"]) for blocker in session["blockers"]]))
        self.assertIsNone(done.report["transaction_id"])
        self.assertIn(f"codex migrate-rollouts --apply --thread {self.talk}", self.tool.words(package, self.b))
        self.assert_unchanged_since(before, self.b, Claim.NOTHING_DONE)

    def assert_arrives(self, package):
        with self.expect_append(self.b.rollout(self.talk)):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_where_both_went_on_in_different_formats_the_branch_keeps_its_own(self):
        self.begin("delivered")
        self.migrate(self.b)
        self.a.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        self.assert_branch("legacy")

    def test_where_both_went_on_and_the_sender_has_migrated_the_branch_is_paginated(self):
        self.begin("delivered")
        newer = self.migrating_a
        self.migrate(newer)
        newer.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        self.assert_branch("paginated")

    def assert_branch(self, mode):
        package = self.pack(self.a, "package")
        with self.expect_untouched(self.b.rollout(self.talk)):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="diverged_lineage", work="unchanged")
        branch = done.session(self.talk)["local_thread_id"]
        self.assertEqual((mode, mode), (records(self.b.rollout(branch))[0]["payload"].get("history_mode", "legacy"),
                                        self.b.rows()[branch]["history_mode"]))
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, branch, [*TALK, "A goes its way"])
        self.assert_works(self.b, self.talk, [*TALK, "B goes its way"])


for_all(globals(), FormatRows, forms=[OwnForm], pairs=PAIRS)
for_all(globals(), FormatRows, forms=[TransferForm], pairs=PAIRS[:1])

if __name__ == "__main__":
    unittest.main()
