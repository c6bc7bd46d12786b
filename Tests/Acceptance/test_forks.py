"""Forks: by reference, as paginated threads have them, and as copies, as legacy threads have them."""

import unittest

from journey import OwnForm, TransferForm, for_all
from shapes import Shape, ShapeRows
from snapshot import Claim, Snapshot
from tool import SOME_BLOCKED
import transfer

TRUNK = ("A asks a first question", "A asks a second question")


class Forks(Shape):
    """A thread, its fork, a fork of the fork, and a fork cut behind the first turn."""

    history_mode = None

    def make_shape(self):
        trunk = self.a.new_session(*TRUNK, historyMode=self.history_mode)
        self.note("trunk", trunk, TRUNK)
        with self.a.server() as server:
            server.resume(trunk)
            first_turn = server.turn_ids(trunk)[0]
            fork = self.fork(server, "fork", trunk, TRUNK)
            self.fork(server, "twig", fork, self.texts("fork"))
            if self.history_mode == "paginated":
                self.fork(server, "cut", trunk, TRUNK[:1], lastTurnId=first_turn)

    def fork(self, server, name, base, texts, **params):
        """Fork a thread and take a turn in the fork."""
        thread_id = server.fork(base, **params)
        server.turn(thread_id, f"A asks in the {name}")
        self.note(name, thread_id, [*texts, f"A asks in the {name}"])
        return thread_id


class ForkRows(Forks, ShapeRows):
    """The way that forks of either kind go."""

    def test_a_fork_on_which_nobody_has_gone_on_yet_is_a_thread_of_its_own(self):
        """It has the history of what it was forked from, and is another thread all the same."""
        self.begin("arrived")
        with self.a.server() as server:
            self.notes["bare"] = server.fork(self.notes["trunk"])
        package = self.pack(self.a, "bare", only=self.notes["bare"] if self.form is OwnForm else None)
        done = self.deliver(package, self.b)
        session = done.session(self.notes["bare"])
        self.assertEqual(("new_lineage", self.notes["bare"]), (session["classification"], session["local_thread_id"]))
        self.assert_nothing_to_do(package, self.b)
        self.a.go_on(self.notes["bare"], "A asks in the bare fork")
        with self.expect_untouched(self.b.rollout(self.notes["trunk"])), \
                self.expect_append(self.b.rollout(self.notes["bare"])):
            self.deliver(self.pack(self.a, "grown"), self.b)
        self.assert_works(self.b, self.notes["trunk"], TRUNK)
        self.assert_works(self.b, self.notes["bare"], [*TRUNK, "A asks in the bare fork"])


class PaginatedForkRows(ForkRows):
    """Forks that refer to their base."""

    history_mode = "paginated"


    def test_a_fork_that_was_made_here_comes_home_longer(self):
        """What comes home is flattened; here the fork's file goes on from its base, and is appended to."""
        self.begin("arrived")
        with self.b.server() as server:
            fork = self.notes["own"] = server.fork(self.notes["trunk"])
            server.turn(fork, "B asks in its fork")
        self.assertIn(b'"history_base"', self.b.rollout(fork).read_bytes())
        self.deliver(self.form.pack(self.tool, self.b, self.live / "packages/out"), self.a)
        self.a.go_on(fork, "A goes on in it")
        before = Snapshot(self.b.codex_home)
        package = self.pack(self.a, "home", only=fork)
        with self.expect_append(self.b.rollout(fork)):
            done = self.deliver(package, self.b)
        self.assertEqual({fork: "fast_forward_import"}, done.classifications())
        grown = Snapshot(self.b.codex_home)
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.assertNotEqual([], grown.differences(before, Claim.UNDONE))
        self.deliver(package, self.b)
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, fork, [*TRUNK, "B asks in its fork", "A goes on in it"])
        self.assert_works(self.b, self.notes["trunk"], TRUNK)


class LegacyForkRows(ForkRows):
    """Forks that begin with a copy of what they were forked from, its `session_meta` and all."""

    history_mode = "legacy"


class BaseRows(Forks):
    """Forks whose base did not come along, in the transfer tool's form: it packs files as they are."""

    history_mode = "paginated"

    def forks_alone(self, name="forks"):
        """A package of A's forks without the thread they were forked from."""
        package = self.pack(self.a, name)
        transfer.leave_out(package, self.notes["trunk"])
        return package

    def assert_incomplete(self, outcome, *names):
        """These sessions are blocked for their base, and nothing else is."""
        for name in names:
            session = outcome.session(self.notes[name])
            self.assertEqual(("blocked", ["incomplete_lineage"]),
                             (session["action"], [blocker["code"] for blocker in session["blockers"]]), name)
        self.assertEqual(len(names), outcome.report["summary"]["blocked"])

    def test_a_fork_without_its_base_is_blocked_and_the_others_go_on(self):
        self.begin("shaped")
        self.notes["other"] = self.a.new_session("A asks something else")
        package = self.forks_alone()
        transfer.leave_out(package, self.notes["fork"])
        done = self.deliver(package, self.b, exit_code=SOME_BLOCKED)
        self.assert_incomplete(done, "twig", "cut")
        self.assertEqual("import", done.session(self.notes["other"])["action"])
        self.assertEqual({self.notes["local"], self.notes["other"]}, set(self.b.rows()))
        self.assert_works(self.b, self.notes["other"], ["A asks something else"])

    def test_a_base_that_arrived_before_is_found_in_its_localised_copy(self):
        self.begin("shaped")
        self.deliver(self.pack(self.a, "trunk", only=self.notes["trunk"]), self.b)
        self.b.open_only(self.notes["trunk"])
        self.assert_forks_arrive(self.forks_alone())

    def test_a_base_on_which_the_receiver_went_on_is_found_all_the_same(self):
        self.begin("shaped")
        self.deliver(self.pack(self.a, "trunk", only=self.notes["trunk"]), self.b)
        self.b.go_on(self.notes["trunk"], "B goes its way")
        self.assert_forks_arrive(self.forks_alone())
        self.assert_works(self.b, self.notes["trunk"], [*TRUNK, "B goes its way"])

    def assert_forks_arrive(self, package):
        done = self.deliver(package, self.b)
        self.assert_classified(done, fork="new_lineage", twig="new_lineage", cut="new_lineage")
        self.assert_nothing_to_do(package, self.b)
        for name in ("fork", "twig", "cut"):
            self.assert_self_contained(self.b.rollout(self.notes[name]))
            self.assert_works(self.b, self.notes[name], self.texts(name))

    def test_a_cut_in_what_has_not_arrived_yet_is_blocked_until_it_has(self):
        self.begin("shaped")
        self.deliver(self.pack(self.a, "trunk", only=self.notes["trunk"]), self.b)
        self.a.go_on(self.notes["trunk"], "A goes on in trunk")
        with self.a.server() as server:
            server.resume(self.notes["trunk"])
            self.fork(server, "late", self.notes["trunk"], [*TRUNK, "A goes on in trunk"])
        late = self.pack(self.a, "late", only=self.notes["late"])
        self.assert_incomplete(self.deliver(late, self.b, exit_code=SOME_BLOCKED), "late")
        self.deliver(self.pack(self.a, "trunk-again", only=self.notes["trunk"]), self.b)
        self.assert_classified(self.deliver(late, self.b), late="new_lineage")
        self.assert_works(self.b, self.notes["late"], self.texts("late"))

    def test_a_cut_in_what_became_a_branch_here_is_found_there(self):
        self.begin("shaped")
        self.deliver(self.pack(self.a, "trunk", only=self.notes["trunk"]), self.b)
        self.a.go_on(self.notes["trunk"], "A goes on in trunk")
        self.b.go_on(self.notes["trunk"], "B goes on in trunk")
        with self.a.server() as server:
            server.resume(self.notes["trunk"])
            self.fork(server, "late", self.notes["trunk"], [*TRUNK, "A goes on in trunk"])
        self.assert_classified(self.deliver(self.pack(self.a, "again", only=self.notes["trunk"]), self.b),
                               trunk="diverged_lineage")
        late = self.pack(self.a, "late", only=self.notes["late"])
        self.assert_classified(self.deliver(late, self.b), late="new_lineage")
        self.assert_works(self.b, self.notes["late"], self.texts("late"))

    def test_a_fork_of_a_fork_that_arrived_flattened_finds_its_cut(self):
        self.begin("arrived")
        with self.a.server() as server:
            self.fork(server, "late", self.notes["fork"], self.texts("fork"))
        self.a.go_on(self.notes["twig"], "A goes on in twig")
        late, twig = (self.pack(self.a, name, only=self.notes[name]) for name in ("late", "twig"))
        self.assert_classified(self.deliver(late, self.b), late="new_lineage")
        self.assert_works(self.b, self.notes["late"], self.texts("late"))
        self.assert_classified(self.deliver(twig, self.b), twig="fast_forward_import")
        self.assert_works(self.b, self.notes["twig"], self.texts("twig", "A goes on in twig"))

    def test_an_undone_delivery_is_no_base(self):
        self.begin("shaped")
        done = self.deliver(self.pack(self.a, "trunk", only=self.notes["trunk"]), self.b)
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_incomplete(self.deliver(self.forks_alone(), self.b, exit_code=SOME_BLOCKED), "fork", "twig", "cut")


for_all(globals(), PaginatedForkRows, forms=[OwnForm, TransferForm], pairs=[("0.163.0", "0.163.0")])
for_all(globals(), PaginatedForkRows, forms=[OwnForm], pairs=[("0.147.0", "0.163.0")])
for_all(globals(), LegacyForkRows, forms=[TransferForm], pairs=[("0.133.0", "0.163.0")])
for_all(globals(), LegacyForkRows, forms=[OwnForm], pairs=[("0.133.0", "0.133.0"), ("0.163.0", "0.163.0")])
for_all(globals(), BaseRows, forms=[TransferForm], pairs=[("0.147.0", "0.163.0"), ("0.163.0", "0.163.0")])

if __name__ == "__main__":
    unittest.main()
