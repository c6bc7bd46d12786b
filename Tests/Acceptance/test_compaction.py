"""Compacted threads: the model goes on from a summary, and the record that says so is history like any other."""

import unittest

from journey import OwnForm, TransferForm, for_all
from shapes import Shape, ShapeRows

TALK = ("A asks first", "A asks second")
COMPACTION = ""
"""A compaction is shown as a turn without text."""


class Compaction(Shape):
    """One thread that has been compacted, one that has been compacted twice, and one that will be."""

    history_mode = None

    def make_shape(self):
        for name, times in (("talk", 0), ("once", 1), ("twice", 2)):
            texts = [*TALK]
            with self.a.server() as server:
                thread_id = server.start_thread(self.a.project, historyMode=self.history_mode)
                for text in TALK:
                    server.turn(thread_id, text)
                for number in range(times):
                    server.compact(thread_id)
                    server.turn(thread_id, f"A asks after compaction {number}")
                    texts += [COMPACTION, f"A asks after compaction {number}"]
            self.note(name, thread_id, texts)

    @property
    def talk(self):
        return self.notes["talk"]


class CompactingRows(Compaction):
    """Compactions before, after and beside a delivery."""

    def test_a_fast_forward_across_a_compaction_gives_the_model_the_same_context(self):
        self.begin("arrived")
        self.a.compact(self.talk)
        self.a.go_on(self.talk, "A goes on")
        package = self.pack(self.a, "package", only=self.talk)
        with self.expect_append(self.b.rollout(self.talk)):
            self.assert_classified(self.deliver(package, self.b), talk="fast_forward_import")
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, [*TALK, COMPACTION, "A goes on"])

    def test_the_model_is_given_the_same_conversation_on_both_machines(self):
        self.begin("arrived")
        for name in self.names:
            with self.subTest(name):
                there, here = (self.conversation(machine, self.notes[name]) for machine in (self.a, self.b))
                self.assertEqual(there, here)

    def conversation(self, machine, thread_id):
        """What the model is given of the thread, but for what Codex tells it of the machine."""
        question = "What did we talk about?"
        machine.go_on(thread_id, question)
        seen = self.model.texts_seen_with(question, roles=("user", "assistant"))
        self.assertIn(question, seen)
        return [text for text in seen if not text.startswith("<")]

    def test_a_compaction_here_is_work_of_this_side(self):
        self.begin("arrived")
        self.b.compact(self.talk)
        package = self.pack(self.a, "package", only=self.talk)
        self.assert_nothing_to_do(package, self.b)
        self.a.go_on(self.talk, "A goes on")
        done = self.deliver(self.pack(self.a, "further", only=self.talk), self.b)
        self.assert_classified(done, talk="diverged_lineage")
        self.assert_works(self.b, self.talk, [*TALK, COMPACTION])
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [*TALK, "A goes on"])

    def test_where_both_sides_compacted_both_remain(self):
        self.begin("arrived")
        self.a.compact(self.talk)
        self.b.compact(self.talk)
        done = self.deliver(self.pack(self.a, "package", only=self.talk), self.b)
        self.assert_classified(done, talk="diverged_lineage")
        self.assert_works(self.b, self.talk, [*TALK, COMPACTION])
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [*TALK, COMPACTION])


class PaginatedCompactingRows(CompactingRows):
    """In the format of today."""

    history_mode = "paginated"


class LegacyCompactingRows(CompactingRows):
    """In the old format."""

    history_mode = "legacy"


class PaginatedCompactedRows(Compaction, ShapeRows):
    """The way of paginated threads that were compacted."""

    history_mode = "paginated"


class LegacyCompactedRows(Compaction, ShapeRows):
    """The way of legacy threads that were compacted."""

    history_mode = "legacy"


NEWEST = ("0.163.0", "0.163.0")

for_all(globals(), PaginatedCompactedRows, forms=[OwnForm], pairs=[NEWEST])
for_all(globals(), PaginatedCompactingRows, forms=[OwnForm], pairs=[("0.147.0", "0.163.0")])
for_all(globals(), PaginatedCompactingRows, forms=[TransferForm], pairs=[NEWEST])
for_all(globals(), LegacyCompactedRows, forms=[TransferForm], pairs=[("0.133.0", "0.163.0")])
for_all(globals(), LegacyCompactingRows, forms=[OwnForm], pairs=[("0.133.0", "0.133.0"), ("0.133.0", "0.163.0")])

if __name__ == "__main__":
    unittest.main()
