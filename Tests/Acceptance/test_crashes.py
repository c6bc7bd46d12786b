"""The program is killed in the middle of its work; what the real Codex then finds.

The crash matrix (`make crash`) plays every point with homes made by code. Here the homes are Codex's own, and some
points are played: what is recovered must be a home that Codex lists, opens and goes on in.
"""

import unittest

import crashes
import transfer
from journey import LOCAL, TALK, WORK, OwnForm, for_all
from tool import DONE

PARTS = 12
"""Into how many parts a run is cut: one point between two of them."""

END = (crashes.KILLED, DONE)

OURS, THEIRS, MORE, FRESH = "B goes its way", "A goes its way", "A asks a third question", "A begins anew"


@unittest.skipUnless(crashes.shim(), "the shim is not built: make .build/crash-points.so")
class CrashesRows:
    """A delivery with a new thread, a fast-forward and a branch, and its undoing."""

    def make_ready(self):
        """The package is there, and not delivered yet."""
        self.begin("delivered")
        self.a.go_on(self.talk, THEIRS)
        self.b.go_on(self.talk, OURS)
        self.a.go_on(self.work, MORE)
        self.notes["fresh"] = self.a.new_session(FRESH)
        self.notes["package"] = str(self.pack(self.a, "mixed"))

    def make_installed(self):
        """The transfer tool has put A's sessions there."""
        self.begin("apart")
        transfer.install(transfer.pack(self.a, self.live / "packages/installed"), self.b)

    def make_arrived(self):
        """The package is delivered."""
        self.begin("ready")
        outcome = self.deliver(self.notes["package"], self.b)
        self.notes.update(mixed=outcome.report["transaction_id"],
                          branch=outcome.session(self.talk)["local_thread_id"])

    def test_a_delivery_that_is_killed_leaves_a_home_that_codex_works_in(self):
        self.begin("arrived")
        branch = self.notes["branch"]
        for point in self.points_of("ready", self.sync):
            with self.subTest(killed_before=point):
                self.begin("ready")
                self.sync(crashes.killed_at(self.b, point), crashes.KILLED)
                self.tool.recover(self.b)
                self.assert_whole(self.delivered(branch) if self.notes["fresh"] in self.b.rows() else self.before)
                again = self.deliver(self.notes["package"], self.b)
                self.assertEqual(branch, again.session(self.talk)["local_thread_id"])
                self.assert_whole(self.delivered(branch))
                self.assert_works(self.b, self.notes["fresh"], [FRESH])

    def test_an_undoing_that_is_killed_leaves_a_home_that_codex_works_in(self):
        for point in self.points_of("arrived", self.undo):
            with self.subTest(killed_before=point):
                self.begin("arrived")
                self.undo(crashes.killed_at(self.b, point), crashes.KILLED)
                self.tool.recover(self.b)
                stands = self.notes["fresh"] in self.b.rows()
                self.assert_whole(self.delivered(self.notes["branch"]) if stands else self.before)
                if stands:
                    self.undo((), 0)
                self.assert_whole(self.before)
                self.assert_works(self.b, self.work, WORK)

    def test_a_recovery_that_is_killed_three_times_leaves_a_home_that_codex_works_in(self):
        self.begin("arrived")
        branch = self.notes["branch"]
        for state, command in (("ready", self.sync), ("arrived", self.undo)):
            points, killed = self.points_of(state, command), []
            for point in points[PARTS // 2 - 1:PARTS // 2 + 1]:
                with self.subTest(state=state, killed_before=point):
                    self.begin(state)
                    command(crashes.killed_at(self.b, point), crashes.KILLED)
                    for killed_before in (5, 25, 15):
                        killed.append(self.recover(crashes.killed_at(self.b, killed_before), END).exit_code)
                    self.tool.recover(self.b)
                    self.assert_whole(self.delivered(branch) if self.notes["fresh"] in self.b.rows() else self.before)
                    self.assert_works(self.b, self.notes["local"], LOCAL)
            self.assertIn(crashes.KILLED, killed)

    def test_an_adopting_that_is_killed_leaves_a_home_that_codex_works_in(self):
        for point in self.points_of("installed", self.adopt):
            with self.subTest(killed_before=point):
                self.begin("installed")
                files = [self.b.rollout(self.talk), self.b.rollout(self.work)]
                with self.expect_untouched(files[0]), self.expect_untouched(files[1]):
                    self.adopt(crashes.killed_at(self.b, point), crashes.KILLED)
                    self.tool.recover(self.b)
                    self.adopt((), 0)
                with self.b.server() as server:
                    listed = [thread["id"] for thread in server.listed(useStateDbOnly=True)]
                    self.assertLessEqual({self.talk, self.work}, set(listed))
                self.assert_whole({self.talk: TALK, self.work: WORK, self.notes["local"]: LOCAL})

    # What is done

    def adopt(self, wrapper, exit_code=0):
        self.tool.run("adopt", "--codex-home", self.b.codex_home, "--local-home", self.b.home, "--execute",
                      wrapper=wrapper, exit_code=exit_code)

    def recover(self, wrapper, exit_code=0):
        return self.tool.run("recover", "--codex-home", self.b.codex_home, wrapper=wrapper, exit_code=exit_code)

    def sync(self, wrapper, exit_code=0):
        self.tool.run("sync", self.notes["package"], "--codex-home", self.b.codex_home, "--local-home", self.b.home,
                      "--execute", wrapper=wrapper, exit_code=exit_code)

    def undo(self, wrapper, exit_code=0):
        self.tool.run("rollback", "--transaction-id", self.notes["mixed"], "--codex-home", self.b.codex_home,
                      "--local-home", self.b.home, "--execute", wrapper=wrapper, exit_code=exit_code)

    def points_of(self, state, command):
        """Some points of a command, from its first to its last."""
        self.begin(state)
        log = self.live / "points.txt"
        command(crashes.counted(self.b, log))
        count = crashes.points(log)
        self.assertGreater(count, 100)
        return [1 + (count - 1) * part // PARTS for part in range(PARTS + 1)]

    # What must be true

    @property
    def before(self):
        """Turns by thread, where nothing of the package is there."""
        return {self.talk: [*TALK, OURS], self.work: WORK, self.notes["local"]: LOCAL}

    def delivered(self, branch):
        """Turns by thread, where all of it is."""
        return {**self.before, self.work: [*WORK, MORE], branch: [*TALK, THEIRS], self.notes["fresh"]: [FRESH]}

    def assert_whole(self, threads):
        """Codex lists exactly these threads, opens each, and shows exactly its turns."""
        with self.b.server() as server:
            self.assertEqual(sorted(threads), sorted(thread["id"] for thread in server.listed()))
            for thread_id, texts in threads.items():
                server.resume(thread_id)
                self.assert_shows(server, thread_id, texts)


for_all(globals(), CrashesRows, forms=(OwnForm,), pairs=(("0.163.0", "0.163.0"),))
