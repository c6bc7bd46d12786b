"""Codex is running while a package is made or arrives; and what a sender allowed does not travel."""

import time
import unittest

from codex import has_writer_locks
from homes import records
from journey import TALK, WORK, for_all
from model import AFTER_ANSWER, BEFORE_ANSWER
from tool import BUSY, SOME_BLOCKED

MORE = "A asks a third question"
HALF = "run: echo half of a turn"


class RunningRows:
    """A thread open in a running app-server; a turn that is not over; a sender without caution."""

    def test_an_open_thread_is_busy_the_others_are_synced_and_later_all_are(self):
        self.begin("delivered")
        self.a.go_on(self.talk, MORE)
        self.a.go_on(self.work, MORE)
        self.notes["fresh"] = self.a.new_session("A asks something new")
        package = self.pack(self.a, "package")
        with self.b.server() as server:
            server.resume(self.talk)
            opened = self.b.rollout(self.talk).read_bytes()
            done = self.deliver(package, self.b, exit_code=SOME_BLOCKED)
            self.assertEqual("committed", done.report["status"])
            self.assert_classified(done, talk="fast_forward_import", work="fast_forward_import", fresh="new_lineage")
            self.assertEqual(opened, self.b.rollout(self.talk).read_bytes())
            self.assert_busy(done.session(self.talk))
            self.assertEqual("import", done.session(self.notes["fresh"])["action"])
            if has_writer_locks(self.receiver):
                self.assertEqual("append", done.session(self.work)["action"])
            else:
                self.assert_busy(done.session(self.work))
        self.deliver(package, self.b)
        self.assert_works(self.b, self.talk, [*TALK, MORE])
        self.assert_works(self.b, self.work, [*WORK, MORE])
        self.assert_works(self.b, self.notes["fresh"], ["A asks something new"])

    def test_where_all_of_the_work_is_busy_nothing_is_written(self):
        self.begin("delivered")
        self.a.go_on(self.talk, MORE)
        package = self.pack(self.a, "package", only=self.talk)
        with self.b.server() as server:
            server.resume(self.talk)
            opened = self.b.rollout(self.talk).read_bytes()
            self.tool.sync(package, self.b, exit_code=BUSY)
            self.assertEqual(opened, self.b.rollout(self.talk).read_bytes())
            server.turn(self.talk, "B goes its way")
        done = self.deliver(package, self.b)
        self.assert_classified(done, talk="diverged_lineage")
        self.assert_works(self.b, self.talk, [*TALK, "B goes its way"])
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [*TALK, MORE])

    def assert_busy(self, session):
        self.assertEqual("blocked", session["action"])
        self.assertIn("busy", str(session["blockers"]))

    def test_a_turn_packed_before_its_answer_is_completed_by_the_next_package(self):
        self.half_a_turn_then_all_of_it(BEFORE_ANSWER, "function_call_output")

    def test_a_turn_packed_before_its_end_was_noted_is_completed_by_the_next_package(self):
        self.half_a_turn_then_all_of_it(AFTER_ANSWER, "message")

    def half_a_turn_then_all_of_it(self, stage, last_item):
        """A packs in the middle of a turn and again after it; B opens the thread after each delivery."""
        self.begin("apart")
        with self.a.server() as server, self.model.hold(HALF, stage) as hold:
            server.resume(self.talk)
            turn = server.begin_turn(self.talk, HALF)
            hold.wait()
            self.wait_for_record(self.talk, last_item)
            first = self.pack(self.a, "first.tar.zst")
            hold.release()
            server.finish_turn(turn)
        second = self.pack(self.a, "second.tar.gz")
        self.assert_classified(self.deliver(first, self.b), talk="new_lineage", work="new_lineage")
        with self.b.server() as server:
            server.resume(self.talk)
            *whole, half = server.read(self.talk)
        self.assertEqual(list(TALK), [turn.text for turn in whole])
        self.assertEqual(HALF, half.text)
        self.assertNotEqual("completed", half.status)
        threads = set(self.b.rows())
        done = self.deliver(second, self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.assertEqual(self.talk, done.session(self.talk)["local_thread_id"])
        self.assertEqual(threads, set(self.b.rows()))
        self.assert_nothing_to_do(second, self.b)
        self.assert_works(self.b, self.talk, [*TALK, HALF])

    def wait_for_record(self, thread_id, kind):
        """Wait until the last model-visible record on A's disk is of this kind."""
        for _ in range(200):
            items = [record["payload"] for record in records(self.a.rollout(thread_id))
                     if record["type"] == "response_item"]
            if items[-1]["type"] == kind and items[-1].get("role") in (None, "assistant"):
                return
            time.sleep(0.05)
        self.fail(f"no {kind} was recorded; the last item is {items[-1]}")

    def test_what_the_sender_allowed_does_not_travel(self):
        self.begin("delivered")
        self.assert_careful(self.talk, "a new thread")
        self.a.go_on(self.talk, MORE)
        self.deliver(self.pack(self.a, "more"), self.b)
        self.assert_careful(self.talk, "a fast-forward")
        self.begin("parted")
        self.assert_careful(self.notes["branch"], "a branch")
        self.a.go_on(self.talk, MORE)
        self.deliver(self.pack(self.a, "further"), self.b)
        self.assert_careful(self.notes["branch"], "a branch's fast-forward")

    def assert_careful(self, thread_id, what):
        """The row says it, and the real Codex opens the thread so."""
        with self.subTest(what):
            row = self.b.rows()[thread_id]
            self.assertEqual((str(self.b.project), "on-request"), (row["cwd"], row["approval_mode"]))
            self.assertIn("read", row["sandbox_policy"])
            with self.b.server() as server:
                self.assert_opens_with_local_settings(server, self.b, thread_id)


for_all(globals(), RunningRows)

if __name__ == "__main__":
    unittest.main()
