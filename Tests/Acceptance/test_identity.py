"""A branch travels home: it is known by what our package says, by the marker in its file, or by its history alone.

Codex drops the marker when it migrates a thread to the paginated format.
"""

import unittest

from journey import OwnForm, TransferForm, for_all
from shapes import Shape

TALK = ("A asks first", "A asks second")


class IdentityRows(Shape):
    """B has A's line as a branch of a legacy thread on which both went on."""

    def make_shape(self):
        self.note("talk", self.a.new_session(*TALK, historyMode="legacy"), TALK)

    def make_branched(self):
        self.begin("arrived")
        self.a.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        done = self.deliver(self.pack(self.a, "second"), self.b)
        self.assert_all(done, "diverged_lineage")
        self.notes["branch"] = done.session(self.talk)["local_thread_id"]
        self.assertTrue(self.has_marker())

    @property
    def talk(self):
        return self.notes["talk"]

    @property
    def branch(self):
        return self.notes["branch"]

    def has_marker(self):
        return b'"codex_session_sync"' in self.b.rollout(self.branch).read_bytes()

    def assert_recognised(self, form, by):
        """A sees its own thread in the branch; and once both are of one format, what B adds to it is appended there."""
        package = form.pack(self.tool, self.b, self.live / "packages/home", only=self.branch)
        self.assert_nothing_to_do(package, self.a)
        session = self.tool.inspect(package, self.a).session(self.branch)
        self.assertEqual((by, self.talk, "identical"),
                         (session["matched_by"], session["local_thread_id"], session["detail"]))
        self.b.go_on(self.branch, "B goes on in A's line")
        if not self.has_marker():
            self.a.codex.migrate(self.talk)
        threads = set(self.a.rows())
        grown = form.pack(self.tool, self.b, self.live / "packages/grown", only=self.branch)
        with self.expect_append(self.a.rollout(self.talk)):
            done = self.deliver(grown, self.a)
        self.assertEqual({self.branch: "fast_forward_import"}, done.classifications())
        self.assertEqual(threads, set(self.a.rows()))
        self.assert_works(self.a, self.talk, [*TALK, "A goes its way", "B goes on in A's line"])

    def test_by_the_marker_in_its_file(self):
        self.begin("branched")
        self.assert_recognised(TransferForm, "root")

    def test_by_what_the_package_says_where_codex_dropped_the_marker(self):
        self.begin("branched")
        self.b.codex.migrate(self.branch)
        self.assertFalse(self.has_marker())
        self.assert_recognised(OwnForm, "root")

    def test_by_its_history_alone(self):
        self.begin("branched")
        self.b.codex.migrate(self.branch)
        self.assertFalse(self.has_marker())
        self.assert_recognised(TransferForm, "history")


for_all(globals(), IdentityRows, forms=[TransferForm], pairs=[("0.163.0", "0.163.0")])

if __name__ == "__main__":
    unittest.main()
