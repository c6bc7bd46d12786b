"""What a step of the journey claims, about files, about reports, and about what the real Codex does with a thread."""

import contextlib
import os

from app_server import Turn
from model import answer_to
from snapshot import Claim, Snapshot

SANDBOXES = {"read-only": "readOnly", "danger-full-access": "dangerFullAccess"}
"""What `config.toml` calls a sandbox, and what the app-server calls it."""


class Claims:
    """Assertions shared by all steps; mixed into a test case that has `model`, `notes` and `deliver`."""

    def assert_classified(self, outcome, **expected):
        """Classification by the name under which a thread is noted; every incoming session must be named.

        The summary's counts must agree, where nothing was blocked.
        """
        by_id = {self.notes[name]: classification for name, classification in expected.items()}
        self.assertEqual(by_id, outcome.classifications())
        counts = {kind: count for kind, count in outcome.report["summary"].items() if count}
        if "blocked" not in counts:
            kinds = list(by_id.values())
            self.assertEqual({kind: kinds.count(kind) for kind in kinds}, counts)

    def assert_unchanged_since(self, before, machine, claim):
        """Every difference is named, the first ones in full."""
        differences = before.differences(Snapshot(machine.codex_home), claim)
        self.assertEqual([], differences, f"machine {machine.name}, {claim.value}:\n" + "\n".join(differences[:20]))

    @contextlib.contextmanager
    def expect_append(self, file):
        """What the block does to the file is an append: old bytes an exact prefix, the very same inode."""
        before = file.read_bytes()
        with file.open("rb") as held:  # held open, so that the file system cannot give its inode to another file
            yield
            self.assertTrue(os.path.samestat(os.fstat(held.fileno()), file.stat()), f"{file} was replaced")
        after = file.read_bytes()
        self.assertEqual(before, after[:len(before)], f"the old bytes of {file} are not a prefix of the new ones")
        self.assertGreater(len(after), len(before), f"nothing was appended to {file}")

    @contextlib.contextmanager
    def expect_untouched(self, file):
        """What the block does leaves the file as it is: bytes, inode, modification time."""
        before, about = file.read_bytes(), file.stat()
        with file.open("rb") as held:
            yield
            self.assertTrue(os.path.samestat(os.fstat(held.fileno()), file.stat()), f"{file} was replaced")
        self.assertEqual((before, about.st_mtime_ns), (file.read_bytes(), file.stat().st_mtime_ns))

    def assert_nothing_to_do(self, package, machine):
        """Syncing the package says that there is nothing to do, and does nothing."""
        before = Snapshot(machine.codex_home)
        outcome = self.deliver(package, machine)
        self.assertEqual("nothing_to_do", outcome.report["status"])
        self.assertIsNone(outcome.report["transaction_id"])
        self.assertEqual({"unchanged"}, set(outcome.classifications().values()))
        self.assert_unchanged_since(before, machine, Claim.NOTHING_DONE)

    def assert_works(self, machine, thread_id, texts):
        """The real Codex lists the thread, opens it with the machine's settings, shows its turns, and takes another."""
        with machine.server() as server:
            self.assert_listed(server, machine, thread_id)
            self.assert_opens_with_local_settings(server, machine, thread_id)
            self.assert_shows(server, thread_id, texts)
            self.assert_takes_a_turn(server, machine, thread_id, texts)

    def assert_listed(self, server, machine, thread_id):
        """By default, from the database alone, and when only this project's threads are asked for.

        Where Codex looks at files it lists a reverted thread once for each of them that a user wrote in.
        """
        files = len([path for path in machine.rollouts() if thread_id in path.name])
        for at_most, filters in ((files, {}), (1, {"useStateDbOnly": True}), (files, {"cwd": str(machine.project)})):
            listed = [thread["id"] for thread in server.listed(**filters)]
            self.assertIn(listed.count(thread_id), range(1, at_most + 1),
                          f"thread/list {filters} on {machine.name}: {listed}")

    def assert_opens_with_local_settings(self, server, machine, thread_id):
        """Whatever the sender allowed: cwd, approval policy and sandbox are this machine's own."""
        opened = server.resume(thread_id)
        self.assertEqual(
            (str(machine.project), [str(machine.project)], machine.approval, SANDBOXES[machine.sandbox]),
            (opened["cwd"], opened["runtimeWorkspaceRoots"], opened["approvalPolicy"], opened["sandbox"]["type"]))

    def assert_shows(self, server, thread_id, texts):
        """The opened thread has exactly these turns, each completed and answered; a compaction is a turn without text."""
        expected = [Turn(text, "completed", (answer_to(text),) if text else ()) for text in texts]
        self.assertEqual(expected, server.read(thread_id))

    def assert_takes_a_turn(self, server, machine, thread_id, texts):
        """One more turn; the model is given every earlier one, in order, as context."""
        question = f"{machine.name} asks once more in {thread_id}"
        server.turn(thread_id, question)
        texts = [*texts, question]
        self.assertEqual([text for text in texts if text],
                         [text for text in self.model.texts_seen_with(question) if text in texts])
        self.assert_shows(server, thread_id, texts)

    def assert_forgotten(self, machine, thread_id, *texts):
        """The model is no longer given these texts when the thread goes on."""
        question = f"{machine.name} wonders in {thread_id}"
        machine.go_on(thread_id, question)
        seen = self.model.texts_seen_with(question)
        self.assertIn(question, seen)
        self.assertEqual([], [text for text in texts if text in seen])
