"""The suite's own parts, against the real Codex but without the program under test: what they claim holds."""

import json
import os
import pathlib
import shutil
import tempfile
import time
import unittest

import transfer
from app_server import CodexError
from codex import has_paginated_threads
from homes import CAREFUL, TRUSTING, Machine, SavedStates, records
from journey import TALK, WORK
from model import AFTER_ANSWER, BEFORE_ANSWER, ModelStandIn, answer_to, question_of
from snapshot import Claim, Snapshot

HALF = "run: echo half of a turn"


class ModelQuestions(unittest.TestCase):
    """What the model stand-in takes for a question."""

    def test_a_notification_behind_a_call_does_not_ask_for_the_call_again(self):
        def said(text):
            return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        asked, made = said("spawn: count"), {"type": "function_call_output", "call_id": "1", "output": "{}"}
        notified = said("<subagent_notification>done</subagent_notification>")
        self.assertEqual(("spawn: count", True), question_of({"input": [asked]}))
        self.assertEqual(("spawn: count", True), question_of({"input": [asked, notified]}))
        self.assertEqual(("spawn: count", False), question_of({"input": [asked, made, notified]}))
        self.assertEqual(("next", False), question_of({"input": [asked, made, notified, said("next")]}))


class SupportParts:
    """One machine of this version, another as the place where things arrive."""

    version = None

    @classmethod
    def setUpClass(cls):
        root = pathlib.Path(tempfile.mkdtemp(prefix="acceptance-")).resolve()
        cls.addClassCleanup(shutil.rmtree, root, ignore_errors=True)
        cls.live = root / "live"
        cls.model = ModelStandIn()
        cls.model.__enter__()
        cls.addClassCleanup(cls.model.__exit__)
        cls.a = Machine(cls.live, "A", cls.version, TRUSTING, "Documents/proj")
        cls.b = Machine(cls.live, "B", cls.version, CAREFUL, "Documents/proj")
        for machine in (cls.a, cls.b):
            machine.create(cls.model.base_url)
        cls.talk, cls.work = cls.a.new_session(*TALK), cls.a.new_session(*WORK)
        cls.local = cls.b.new_session("B asks for itself")
        cls.states = SavedStates(cls.live, root / "saved")
        cls.states.save("start")

    def setUp(self):
        self.states.restore("start")

    def test_codex_shows_what_was_asked_and_answered(self):
        with self.a.server() as server:
            self.assertEqual({self.talk, self.work}, {thread["id"] for thread in server.listed()})
            for thread_id, texts in ((self.talk, TALK), (self.work, WORK)):
                server.resume(thread_id)
                self.assertEqual([(text, "completed", (answer_to(text),)) for text in texts],
                                 [(turn.text, turn.status, turn.answers) for turn in server.read(thread_id)])
        outputs = [record["payload"]["output"] for record in records(self.a.rollout(self.work))
                   if record["payload"].get("type") == "function_call_output"]
        self.assertEqual(1, len(outputs))
        self.assertIn("the output of a tool\n", outputs[0])

    def test_a_machine_opens_its_own_threads_with_its_own_policy(self):
        for machine, thread_id, policy in ((self.a, self.talk, ("never", "dangerFullAccess")),
                                           (self.b, self.local, ("on-request", "readOnly"))):
            with machine.server() as server:
                opened = server.resume(thread_id)
            self.assertEqual(policy, (opened["approvalPolicy"], opened["sandbox"]["type"]))
            self.assertEqual(str(machine.project), opened["cwd"])

    def test_a_response_can_be_held_in_the_middle_of_a_turn(self):
        for stage, answered in ((BEFORE_ANSWER, False), (AFTER_ANSWER, True)):
            with self.subTest(stage), self.a.server() as server, self.model.hold(HALF, stage) as hold:
                server.resume(self.talk)
                turn = server.begin_turn(self.talk, HALF)
                hold.wait()
                time.sleep(0.5)
                kinds = [record["payload"].get("type") for record in records(self.a.rollout(self.talk))]
                self.assertIn("function_call_output", kinds)
                self.assertNotEqual("task_complete", kinds[-1])
                last = [record["payload"] for record in records(self.a.rollout(self.talk))
                        if record["type"] == "response_item"][-1]
                self.assertEqual(answered, last.get("role") == "assistant")
                hold.release()
                server.finish_turn(turn)
            self.setUp()

    def test_a_snapshot_names_every_difference(self):
        before = Snapshot(self.a.codex_home)
        self.assertEqual([], before.differences(Snapshot(self.a.codex_home), Claim.UNTOUCHED))
        rollout = self.a.rollout(self.talk)
        os.utime(rollout)
        self.assertEqual([], before.differences(Snapshot(self.a.codex_home), Claim.UNDONE))
        self.assertEqual(1, len(before.differences(Snapshot(self.a.codex_home), Claim.NOTHING_DONE)))
        self.a.go_on(self.talk, "A asks more")
        (self.a.codex_home / "session-sync").mkdir()
        (self.a.codex_home / "session-sync/lock").touch()
        found = before.differences(Snapshot(self.a.codex_home), Claim.UNDONE)
        self.assertTrue(any(rollout.name in words for words in found), found)
        self.assertTrue(any("threads: row" in words for words in found), found)
        self.assertFalse(any(words.startswith("session-sync/") for words in found), found)

    def test_a_restored_home_works_and_is_the_same(self):
        before = Snapshot(self.a.codex_home)
        self.a.go_on(self.talk, "A asks more")
        self.states.restore("start")
        self.assertEqual([], before.differences(Snapshot(self.a.codex_home), Claim.UNDONE))
        with self.a.server() as server:
            server.resume(self.talk)
            self.assertEqual(list(TALK), [turn.text for turn in server.read(self.talk)])

    def test_a_session_under_another_id_opens(self):
        self.a.give_thread_id(self.talk, self.local)
        with self.a.server() as server:
            server.resume(self.local)
            self.assertEqual(list(TALK), [turn.text for turn in server.read(self.local)])

    def test_a_home_without_databases_gets_new_ones(self):
        self.a.remove_databases()
        with self.a.server() as server:
            self.assertEqual({self.talk, self.work}, {thread["id"] for thread in server.listed()})
            server.resume(self.talk)
            self.assertEqual(list(TALK), [turn.text for turn in server.read(self.talk)])

    def test_the_transfer_form_holds_files_and_rows_as_they_are(self):
        package = transfer.pack(self.a, self.live / "package")
        manifest = json.loads((package / "package_manifest.json").read_text())
        self.assertEqual((str(self.a.project), sorted([self.talk, self.work])),
                         (manifest["cwd_filter"], manifest["thread_ids"]))
        self.assertEqual({"threads.jsonl", "session_index.jsonl", "thread_dynamic_tools.jsonl",
                          "path_localization.json"}, {path.name for path in (package / "metadata").iterdir()})
        for thread_id in (self.talk, self.work):
            rollout = self.a.rollout(thread_id)
            self.assertEqual(rollout.read_bytes(), (package / "sessions" / rollout.name).read_bytes())
        rows = [json.loads(line) for line in (package / "metadata/threads.jsonl").read_text().splitlines()]
        self.assertEqual({self.talk: self.a.rows()[self.talk], self.work: self.a.rows()[self.work]},
                         {row["id"]: row for row in rows})

    def test_an_installed_package_is_read_by_codex_under_the_local_folder(self):
        package = transfer.pack(self.a, self.live / "package", from_windows=True)
        transfer.install(package, self.b)
        lines = self.b.rollout(self.talk).read_bytes().splitlines()
        self.assertTrue(all(b'": ' in line for line in lines))
        self.assertNotIn(b"<cwd>C:", b"\n".join(lines))
        row = self.b.rows()[self.talk]
        self.assertEqual((str(self.b.project), ""), (row["cwd"], row["preview"]))
        with self.b.server() as server:
            server.listed()
            if has_paginated_threads(self.version):
                with self.assertRaises(CodexError, msg="opens, with a Windows root and a row that says legacy"):
                    server.resume(self.talk)
            else:
                server.resume(self.talk)
                self.assertEqual(list(TALK), [turn.text for turn in server.read(self.talk)])


class Support_0_133_0(SupportParts, unittest.TestCase):
    version = "0.133.0"


class Support_0_163_0(SupportParts, unittest.TestCase):
    version = "0.163.0"


if __name__ == "__main__":
    unittest.main()
