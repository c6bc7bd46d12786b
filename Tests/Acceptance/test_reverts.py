"""Turns that were taken back: they never come back, and where the other side kept them they stay.

`thread/revert` begins a new file, a segment, that refers to the one before; it exists for paginated threads, since 0.149.0.
The transfer tool packs the newest segment alone. `thread/rollback` appends a marker to a legacy thread, up to 0.155.1.
"""

import unittest

from claims import SANDBOXES
from codex import keeps_settings_when_reverting
from journey import OwnForm, TransferForm, for_all
from shapes import Shape, ShapeRows
from tool import SOME_BLOCKED

TALK = ("A asks first", "A asks second", "A asks third")
AGAIN = "A asks again"


class Talk(Shape):
    """One thread of three turns."""

    history_mode = "paginated"

    def make_shape(self):
        self.note("talk", self.a.new_session(*TALK, historyMode=self.history_mode), TALK)

    @property
    def talk(self):
        return self.notes["talk"]


class RevertedRows(ShapeRows):
    """Threads that were reverted before they ever travelled."""

    def make_shape(self):
        self.note_reverted("twice", TALK[:1], 2, 1)
        self.note_reverted("zero", (), 0)
        with self.a.server() as server:
            base = server.start_thread(self.a.project, historyMode="paginated")
            for text in TALK:
                server.turn(base, text)
            fork = server.fork(base)
            server.turn(fork, "A asks in the fork")
            server.revert(fork, 3)
            server.turn(fork, AGAIN)
            deep = server.fork(base)
            server.turn(deep, "A asks in the fork")
            server.revert(deep, 1)
            server.turn(deep, AGAIN)
        self.note("base", base, TALK)
        self.note("fork", fork, [*TALK, AGAIN])
        self.note("deep", deep, [*TALK[:1], AGAIN])

    def note_reverted(self, name, kept, *reverts):
        """A thread that was taken back that often, with a turn after each time."""
        thread_id = self.a.new_session(*TALK, historyMode="paginated")
        for turns in reverts:
            self.a.revert(thread_id, turns)
            self.a.go_on(thread_id, AGAIN)
        self.note(name, thread_id, [*kept, AGAIN])


class RevertedThereRows(Talk):
    """The sender took turns back after they had arrived."""

    def test_what_was_only_taken_back_changes_nothing_here(self):
        self.begin("arrived")
        self.a.revert(self.talk, 2)
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.assert_all(done, "unchanged")
        self.assertEqual("local_ahead", done.session(self.talk)["detail"])
        self.assert_works(self.b, self.talk, TALK)

    def test_taken_back_and_gone_on_both_sides_stay(self):
        self.begin("arrived")
        self.a.revert(self.talk, 2)
        self.a.go_on(self.talk, AGAIN)
        package = self.pack(self.a, "package")
        with self.expect_untouched(self.b.rollout(self.talk)):
            done = self.deliver(package, self.b)
        self.assert_all(done, "diverged_lineage")
        branch = done.session(self.talk)["local_thread_id"]
        self.assert_nothing_to_do(package, self.b)
        self.a.go_on(self.talk, "A goes further")
        self.assert_all(self.deliver(self.pack(self.a, "further"), self.b), "fast_forward_import")
        self.assert_works(self.b, self.talk, TALK)
        self.assert_works(self.b, branch, [*TALK[:2], AGAIN, "A goes further"])
        self.assert_forgotten(self.b, branch, TALK[2])

    def test_taken_back_again_after_it_arrived_a_third_line_stays(self):
        self.begin("arrived")
        self.a.revert(self.talk, 2)
        self.a.go_on(self.talk, AGAIN)
        once = self.deliver(self.pack(self.a, "once"), self.b).session(self.talk)["local_thread_id"]
        self.a.revert(self.talk, 2)
        self.a.go_on(self.talk, "A asks yet again")
        done = self.deliver(self.pack(self.a, "twice"), self.b)
        self.assert_all(done, "diverged_lineage")
        twice = done.session(self.talk)["local_thread_id"]
        self.assertEqual(3, len({self.talk, once, twice}))
        self.assert_works(self.b, self.talk, TALK)
        self.assert_works(self.b, once, [*TALK[:2], AGAIN])
        self.assert_works(self.b, twice, [*TALK[:2], "A asks yet again"])

    def test_taken_back_to_nothing_and_begun_anew_both_conversations_stay(self):
        self.begin("arrived")
        self.a.revert(self.talk, 0)
        self.a.go_on(self.talk, AGAIN)
        package = self.pack(self.a, "package")
        if self.form is OwnForm:
            done = self.deliver(package, self.b)
            self.assert_all(done, "diverged_lineage")
        else:  # nothing in the transfer tool's form ties the new conversation to the old one
            self.assert_all(self.deliver(package, self.b, exit_code=SOME_BLOCKED), "id_collision_unrelated")
            done = self.tool.sync(package, self.b, "--on-collision", "import")
        self.assert_works(self.b, self.talk, TALK)
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [AGAIN])


class RevertedHereRows(Talk):
    """The receiver took turns back that had arrived."""

    def assert_opens_with_local_settings(self, server, machine, thread_id):
        """Before 0.155.1 Codex takes the approval policy from the turns that a revert left."""
        if keeps_settings_when_reverting(machine.codex.version):
            super().assert_opens_with_local_settings(server, machine, thread_id)
        else:
            opened = server.resume(thread_id)
            self.assertEqual((str(machine.project), SANDBOXES[machine.sandbox]),
                             (opened["cwd"], opened["sandbox"]["type"]))

    def take_back(self, *reverts):
        """B takes turns back; with a turn in between, where it does so several times."""
        self.begin("arrived")
        for number, turns in enumerate(reverts):
            if number:
                self.b.go_on(self.talk, f"B tries {number}")
            self.b.revert(self.talk, turns)

    def assert_known(self, package):
        """The package holds nothing that B has not seen and taken back."""
        self.assert_nothing_to_do(package, self.b)
        self.assertEqual("known", self.tool.inspect(package, self.b).session(self.talk)["detail"])

    def test_what_was_taken_back_never_comes_back(self):
        self.take_back(2)
        package = self.pack(self.a, "package")
        self.assert_known(package)
        self.assert_works(self.b, self.talk, TALK[:2])
        self.assert_known(package)
        self.assert_forgotten(self.b, self.talk, TALK[2])

    def test_what_was_taken_back_twice_never_comes_back(self):
        self.take_back(2, 1)
        self.assert_known(self.pack(self.a, "package"))
        self.assert_works(self.b, self.talk, TALK[:1])
        self.assert_forgotten(self.b, self.talk, *TALK[1:], "B tries 1")

    def test_what_was_taken_back_to_nothing_never_comes_back(self):
        self.take_back(0)
        package = self.pack(self.a, "package")
        self.assert_known(package)
        self.b.go_on(self.talk, "B begins anew")
        self.assert_known(package)
        self.assert_works(self.b, self.talk, ["B begins anew"])
        self.assert_forgotten(self.b, self.talk, *TALK)

    def test_where_the_sender_went_on_from_what_was_taken_back_both_sides_stay(self):
        for turns in (2, 0):
            with self.subTest(turns=turns):
                self.take_back(turns)
                self.a.go_on(self.talk, "A goes on")
                package, head = self.pack(self.a, "package"), self.b.head(self.talk)
                with self.expect_untouched(head):
                    done = self.deliver(package, self.b)
                self.assert_all(done, "diverged_lineage")
                self.assert_nothing_to_do(package, self.b)
                self.assert_works(self.b, self.talk, TALK[:turns])
                self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [*TALK, "A goes on"])

    def test_taken_back_here_and_gone_on_the_line_travels_home_as_another_thread(self):
        self.take_back(2)
        self.b.go_on(self.talk, "B goes its way")
        package = self.pack(self.b, "home", only=self.talk)
        done = self.deliver(package, self.a, exit_code=0 if self.form is OwnForm else SOME_BLOCKED)
        if self.form is TransferForm:  # the segment's base is the receiver's copy, which is not there
            self.assertEqual(["incomplete_lineage"],
                             [blocker["code"] for blocker in done.session(self.talk)["blockers"]])
            return
        self.assert_all(done, "diverged_lineage")
        self.assert_works(self.a, self.talk, TALK)
        line = done.session(self.talk)["local_thread_id"]
        self.assert_works(self.a, line, [*TALK[:2], "B goes its way"])
        self.a.go_on(line, "A goes on in B's line")
        with self.expect_append(self.b.head(self.talk)):
            back = self.deliver(self.pack(self.a, "back", only=line), self.b)
        self.assertEqual(({line: "fast_forward_import"}, self.talk),
                         (back.classifications(), back.session(line)["local_thread_id"]))
        question = f"A asks once more in {line}"
        self.assert_works(self.b, self.talk, [*TALK[:2], "B goes its way", question, "A goes on in B's line"])

    def test_bytes_from_which_a_user_went_on_anew_are_not_taken_away(self):
        self.begin("arrived")
        self.a.go_on(self.talk, "A goes on")
        done = self.deliver(self.pack(self.a, "more"), self.b)
        self.b.go_on(self.talk, "B tries")
        self.b.revert(self.talk, 4)
        self.b.go_on(self.talk, "B goes its way")
        kept = self.rollback(self.b, done.report["transaction_id"], exit_code=SOME_BLOCKED).report["kept"]
        self.assertEqual([self.talk], [entry["thread_id"] for entry in kept])
        self.assert_works(self.b, self.talk, [*TALK, "A goes on", "B goes its way"])

    def test_a_delivery_after_which_turns_were_taken_back_is_not_undone(self):
        self.take_back(2)
        done = self.rollback(self.b, self.notes["first"], exit_code=SOME_BLOCKED)
        self.assertEqual([self.talk], [kept["thread_id"] for kept in done.report["kept"]])
        self.assert_works(self.b, self.talk, TALK[:2])


class RevertedBranchRows(Talk):
    """The receiver took turns of a branch back. Codex drops our marker from the new segment."""

    def make_branched(self):
        """Both went on; B took the end of A's line back, and went on there."""
        self.begin("arrived")
        self.a.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        done = self.deliver(self.pack(self.a, "second"), self.b)
        self.notes["branch"] = done.session(self.talk)["local_thread_id"]
        self.b.revert(self.notes["branch"], 3)
        self.b.go_on(self.notes["branch"], AGAIN)
        self.assertNotIn(b"codex_session_sync", self.b.head(self.notes["branch"]).read_bytes())

    def assert_lines_stay(self):
        self.assert_works(self.b, self.talk, [*TALK, "B goes its way"])
        self.assert_works(self.b, self.notes["branch"], [*TALK, AGAIN])

    def test_what_was_taken_back_in_a_branch_never_comes_back(self):
        self.begin("branched")
        package = self.pack(self.a, "package")
        self.assert_nothing_to_do(package, self.b)
        session = self.tool.inspect(package, self.b).session(self.talk)
        self.assertEqual(("known", self.notes["branch"]), (session["detail"], session["local_thread_id"]))
        self.assert_lines_stay()

    def test_where_the_sender_went_on_from_it_a_third_line_stays(self):
        self.begin("branched")
        self.a.go_on(self.talk, "A goes further")
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.assert_all(done, "diverged_lineage")
        self.assert_lines_stay()
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"],
                          [*TALK, "A goes its way", "A goes further"])

    def test_the_branch_is_recognised_at_home(self):
        self.begin("branched")
        package = self.pack(self.b, "home", only=self.notes["branch"])
        done = self.deliver(package, self.a, exit_code=0 if self.form is OwnForm else SOME_BLOCKED)
        session = done.session(self.notes["branch"])
        if self.form is TransferForm:  # the segment's base is the branch, which is not there
            self.assertEqual(["incomplete_lineage"], [blocker["code"] for blocker in session["blockers"]])
            return
        self.assertEqual(("diverged_lineage", "root"), (session["classification"], session["matched_by"]))
        self.assert_nothing_to_do(package, self.a)
        self.assert_works(self.a, self.talk, [*TALK, "A goes its way"])
        self.assert_works(self.a, session["local_thread_id"], [*TALK, AGAIN])


class RolledBackRows(ShapeRows):
    """Legacy threads with the marker that drops turns."""

    def make_shape(self):
        rolled_back, anew = self.a.new_session(*TALK), self.a.new_session(*TALK)
        self.a.roll_back(rolled_back, 1)
        self.a.roll_back(anew, 2)
        self.a.go_on(anew, AGAIN)
        self.note("rolled_back", rolled_back, TALK[:2])
        self.note("anew", anew, [TALK[0], AGAIN])


class RolledBackThereRows(Talk):
    """Turns of a legacy thread were dropped after they had arrived. The marker is history, so it travels."""

    history_mode = "legacy"

    def test_the_marker_is_appended_and_the_turns_are_gone_here_too(self):
        self.begin("arrived")
        self.a.roll_back(self.talk, 1)
        with self.expect_append(self.b.rollout(self.talk)):
            self.assert_all(self.deliver(self.pack(self.a, "marker"), self.b), "fast_forward_import")
        self.assert_works(self.b, self.talk, TALK[:2])
        self.assert_forgotten(self.b, self.talk, TALK[2])

    def test_dropped_there_and_gone_on_the_new_line_is_here(self):
        self.begin("arrived")
        self.a.roll_back(self.talk, 1)
        self.a.go_on(self.talk, AGAIN)
        package = self.pack(self.a, "package")
        self.assert_all(self.deliver(package, self.b), "fast_forward_import")
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, [*TALK[:2], AGAIN])

    def test_dropped_there_while_the_receiver_went_on_both_sides_stay(self):
        self.begin("arrived")
        self.a.roll_back(self.talk, 1)
        self.b.go_on(self.talk, "B goes its way")
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.assert_all(done, "diverged_lineage")
        self.assert_works(self.b, self.talk, [*TALK, "B goes its way"])
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], TALK[:2])


class RolledBackHereRows(Talk):
    """The receiver dropped turns of a legacy thread."""

    history_mode = "legacy"

    def test_what_was_dropped_never_comes_back(self):
        self.begin("arrived")
        self.b.roll_back(self.talk, 1)
        package = self.pack(self.a, "package")
        self.assert_nothing_to_do(package, self.b)
        self.b.go_on(self.talk, "B goes its way")
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, [*TALK[:2], "B goes its way"])
        self.assert_forgotten(self.b, self.talk, TALK[2])

    def test_where_the_sender_went_on_from_what_was_dropped_both_sides_stay(self):
        self.begin("arrived")
        self.b.roll_back(self.talk, 1)
        self.a.go_on(self.talk, "A goes on")
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.assert_all(done, "diverged_lineage")
        self.assert_works(self.b, self.talk, TALK[:2])
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [*TALK, "A goes on"])


NEWEST, OLDEST = ("0.163.0", "0.163.0"), ("0.149.0", "0.163.0")

for_all(globals(), RevertedRows, forms=[OwnForm], pairs=[NEWEST, OLDEST])
for_all(globals(), RevertedThereRows, pairs=[NEWEST, OLDEST])
for_all(globals(), RevertedHereRows, pairs=[NEWEST])
for_all(globals(), RevertedHereRows, forms=[OwnForm], pairs=[("0.149.0", "0.149.0")])
for_all(globals(), RevertedBranchRows, pairs=[NEWEST])
for_all(globals(), RolledBackRows, forms=[TransferForm], pairs=[("0.133.0", "0.163.0")])
for_all(globals(), RolledBackThereRows, forms=[OwnForm], pairs=[("0.133.0", "0.133.0")])
for_all(globals(), RolledBackThereRows, forms=[TransferForm], pairs=[("0.133.0", "0.163.0")])
for_all(globals(), RolledBackHereRows, forms=[OwnForm], pairs=[("0.133.0", "0.133.0")])

if __name__ == "__main__":
    unittest.main()
