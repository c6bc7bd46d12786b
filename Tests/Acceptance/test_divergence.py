"""Both sides went on: nothing is lost, nothing is interleaved, and what came back is recognised."""

import unittest

from codex import has_paginated_threads
from journey import LOCAL, TALK, WORK, for_all
from snapshot import Claim, Snapshot
from tool import SOME_BLOCKED

A_LINE = [*TALK, "A goes its way"]
B_LINE = [*TALK, "B goes its way"]


class DivergenceRows:
    """Two lines of one conversation, on two machines."""

    def test_where_both_went_on_both_remain_as_two_threads(self):
        self.begin("delivered")
        self.a.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        package = self.pack(self.a, "package")
        row = self.b.rows()[self.talk]
        with self.expect_untouched(self.b.rollout(self.talk)):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="diverged_lineage", work="unchanged")
        self.assertEqual("branch", done.session(self.talk)["action"])
        branch = done.session(self.talk)["local_thread_id"]
        self.assertNotIn(branch, (None, self.talk))
        rows = self.b.rows()
        self.assertEqual(row, rows[self.talk])
        self.assertEqual({self.talk, self.work, self.notes["local"], branch}, set(rows))
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, B_LINE)
        self.assert_works(self.b, branch, A_LINE)

    def test_a_branch_can_be_told_from_the_thread_it_came_from(self):
        self.begin("parted")
        with self.b.server() as server:
            names = {thread["id"]: thread["name"] or thread["preview"] for thread in server.listed()}
        self.assertNotEqual(names[self.talk], names[self.notes["branch"]])

    def test_a_branch_is_fast_forwarded_and_no_third_thread_appears(self):
        self.begin("parted")
        self.a.go_on(self.talk, "A goes further")
        threads, package = set(self.b.rows()), self.pack(self.a, "package.tar.zst")
        with self.expect_append(self.b.rollout(self.notes["branch"])), self.expect_untouched(self.b.rollout(self.talk)):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.assertEqual(self.notes["branch"], done.session(self.talk)["local_thread_id"])
        self.assertEqual(threads, set(self.b.rows()))
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.notes["branch"], [*A_LINE, "A goes further"])
        self.assert_works(self.b, self.talk, B_LINE)

    def test_everything_comes_home_and_nothing_twice(self):
        self.begin("parted")
        threads, package = set(self.a.rows()), self.pack(self.b, "package.tar.gz", everything=True)
        readable = has_paginated_threads(self.sender) or not has_paginated_threads(self.receiver)
        with self.expect_untouched(self.a.rollout(self.talk)), self.expect_untouched(self.a.rollout(self.work)):
            done = self.deliver(package, self.a, exit_code=0 if readable else SOME_BLOCKED)
        self.assert_classified(done, talk="diverged_lineage", branch="unchanged", work="unchanged",
                               local="new_lineage")
        self.assertEqual(self.talk, done.session(self.notes["branch"])["local_thread_id"])
        line_of_b = done.session(self.talk)["local_thread_id"]
        came = {line_of_b}
        if readable:
            came.add(self.notes["local"])
        else:
            self.assertEqual("blocked", done.session(self.notes["local"])["action"])
        self.assertEqual(threads | came, set(self.a.rows()))
        before = Snapshot(self.a.codex_home)
        again = self.deliver(package, self.a, exit_code=0 if readable else SOME_BLOCKED)
        self.assertIsNone(again.report["transaction_id"])
        self.assert_unchanged_since(before, self.a, Claim.NOTHING_DONE)
        self.assert_works(self.a, self.talk, A_LINE)
        self.assert_works(self.a, line_of_b, B_LINE)
        self.assert_works(self.a, self.work, WORK)
        if readable:
            self.assert_works(self.a, self.notes["local"], LOCAL)

    def test_two_unrelated_sessions_with_one_id_are_reported_and_left_alone(self):
        self.begin("apart")
        shared = self.notes["local"]
        self.a.give_thread_id(self.talk, shared)
        package = self.pack(self.a, "package", only=shared)
        before = Snapshot(self.b.codex_home)
        done = self.deliver(package, self.b, exit_code=SOME_BLOCKED)
        self.assertEqual({shared: "id_collision_unrelated"}, done.classifications())
        self.assertEqual("skip", done.session(shared)["action"])
        self.assertEqual(1, done.report["summary"]["id_collision_unrelated"])
        self.assertIsNone(done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.NOTHING_DONE)
        self.assert_works(self.b, shared, LOCAL)

    def test_a_collision_does_not_keep_the_others_out(self):
        self.begin("apart")
        self.a.give_thread_id(self.talk, self.notes["local"])
        done = self.deliver(self.pack(self.a, "package"), self.b, exit_code=SOME_BLOCKED)
        self.assert_classified(done, local="id_collision_unrelated", work="new_lineage")
        self.assertEqual("committed", done.report["status"])
        self.assert_works(self.b, self.work, WORK)
        self.assert_works(self.b, self.notes["local"], LOCAL)


for_all(globals(), DivergenceRows)

if __name__ == "__main__":
    unittest.main()
