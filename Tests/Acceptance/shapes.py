"""Histories of one shape, made by the real Codex on A, and the way that each of them goes whatever its shape.

A shape says how its threads are made; their turns are noted, and the steps here ask for exactly those on the receiver.
"""

from journey import LOCAL, OwnForm
from tool import SOME_BLOCKED


class Shape:
    """What a shape is: `make_shape` makes A's threads of it, and calls `note` for each."""

    def make_shape(self):
        raise NotImplementedError

    def note(self, name, thread_id, texts):
        """Remember a thread of A and the user texts of its turns."""
        self.notes[name] = thread_id
        self.notes["texts"][name] = list(texts)

    @property
    def names(self):
        """The names of all noted threads that a user sees in his list."""
        return list(self.notes["texts"])

    def texts(self, name, *more):
        return [*self.notes["texts"][name], *more]

    # States

    def make_shaped(self):
        """A has the shape's threads; B has one of its own."""
        for machine in (self.a, self.b):
            machine.create(self.model.base_url)
        self.notes = {"texts": {}, "local": self.b.new_session(*LOCAL)}
        self.make_shape()

    def make_arrived(self):
        """Everything of A has arrived on B."""
        self.begin("shaped")
        self.notes["first"] = self.deliver(self.pack(self.a, "first"), self.b).report["transaction_id"]

    def make_diverged(self):
        """Both went on in every thread, and B has A's lines as branches."""
        self.begin("arrived")
        for name in self.names:
            self.a.go_on(self.notes[name], f"A goes on in {name}")
            self.b.go_on(self.notes[name], f"B goes on in {name}")
        package, threads = self.pack(self.a, "second"), set(self.b.rows())
        done = self.deliver(package, self.b)
        self.assert_all(done, "diverged_lineage")
        self.notes["branches"] = {name: done.session(self.notes[name])["local_thread_id"] for name in self.names}
        branches = set(self.notes["branches"].values())
        self.assertEqual((len(self.names), set(self.b.rows())), (len(branches - threads), threads | branches))
        self.assert_nothing_to_do(package, self.b)

    def branch(self, name):
        """The thread on B that has A's line."""
        return self.notes["branches"][name]

    # Claims

    def assert_all(self, outcome, classification):
        """Every thread of the shape is that, under its own id."""
        self.assert_classified(outcome, **{name: classification for name in self.names})

    def assert_self_contained(self, file):
        """The rollout refers to no other one."""
        self.assertNotIn(b'"history_base"', file.read_bytes(), file)


class ShapeRows(Shape):
    """Steps that hold for every shape."""

    def test_it_arrives_and_codex_lists_opens_and_continues_it(self):
        self.begin("shaped")
        package = self.pack(self.a, "package")
        if self.form is OwnForm:
            for file in (package / "sessions").iterdir():
                self.assert_self_contained(file)
        done = self.deliver(package, self.b)
        self.assert_all(done, "new_lineage")
        for name in self.names:
            self.assertEqual(self.notes[name], done.session(self.notes[name])["local_thread_id"])
            self.assert_self_contained(self.b.rollout(self.notes[name]))
        self.assert_nothing_to_do(package, self.b)
        for name in self.names:
            self.assert_works(self.b, self.notes[name], self.texts(name))
        self.assert_works(self.b, self.notes["local"], LOCAL)
        self.assert_nothing_to_do(package, self.b)

    def test_going_on_at_the_sender_is_appended(self):
        self.begin("arrived")
        for name in self.names:
            self.a.go_on(self.notes[name], f"A goes on in {name}")
        package = self.pack(self.a, "package")
        before = {name: self.b.rollout(self.notes[name]).read_bytes() for name in self.names}
        threads = set(self.b.rows())
        self.assert_all(self.deliver(package, self.b), "fast_forward_import")
        for name in self.names:
            self.assertTrue(self.b.rollout(self.notes[name]).read_bytes().startswith(before[name]), name)
        self.assertEqual(threads, set(self.b.rows()))
        self.assert_nothing_to_do(package, self.b)
        for name in self.names:
            self.assert_works(self.b, self.notes[name], self.texts(name, f"A goes on in {name}"))

    def test_where_both_went_on_both_remain(self):
        self.begin("diverged")
        for name in self.names:
            self.a.go_on(self.notes[name], "A goes further")
        self.assert_all(self.deliver(self.pack(self.a, "further"), self.b), "fast_forward_import")
        for name in self.names:
            self.assert_works(self.b, self.notes[name], self.texts(name, f"B goes on in {name}"))
            self.assert_works(self.b, self.branch(name), self.texts(name, f"A goes on in {name}", "A goes further"))

    def test_branches_that_travel_home_are_recognised(self):
        self.begin("diverged")
        package, threads = self.pack(self.b, "home"), set(self.a.rows())
        done = self.deliver(package, self.a, exit_code=(0, SOME_BLOCKED))
        for name in self.names:
            self.assertEqual("diverged_lineage", done.session(self.notes[name])["classification"], name)
            branch = done.session(self.branch(name))
            self.assertEqual(("unchanged", "root", self.notes[name]),
                             (branch["classification"], branch["matched_by"], branch["local_thread_id"]), name)
        self.assertEqual(len(threads) + len(self.names) + self.local_comes_along(done), len(self.a.rows()))
        for name in self.names:
            self.assert_works(self.a, self.notes[name], self.texts(name, f"A goes on in {name}"))
            line_of_b = done.session(self.notes[name])["local_thread_id"]
            self.assert_works(self.a, line_of_b, self.texts(name, f"B goes on in {name}"))

    def local_comes_along(self, outcome):
        """Whether B's own session was imported: an old Codex cannot read a newer one's format."""
        return outcome.session(self.notes["local"])["action"] == "import"
