"""Packages arrive: for the first time, again, after more work, on a home that was only looked at, or half lost."""

import hashlib
import json
import pathlib
import shutil
import unittest

from homes import records
from journey import LOCAL, TALK, WORK, OwnForm, TransferForm, for_all
from snapshot import Claim, Snapshot
from tool import DONE, REFUSED, SOME_BLOCKED
import transfer
import readonly

MORE = "A asks a third question"


class DeliveryRows:
    """One delivery, and the next."""

    def test_two_new_sessions_arrive_and_codex_lists_opens_and_continues_them(self):
        self.begin("apart")
        package = self.pack(self.a, "package")
        inspected = self.tool.inspect(package, self.b)
        self.assertEqual("inspect-package", inspected.report["command"])
        self.assert_classified(inspected, talk="new_lineage", work="new_lineage")
        done = self.deliver(package, self.b)
        self.assertEqual("committed", done.report["status"])
        self.assert_classified(done, talk="new_lineage", work="new_lineage")
        for session in done.report["sessions"]:
            self.assertEqual(("import", session["thread_id"], None),
                             (session["action"], session["local_thread_id"], session["matched_by"]))
            self.assertEqual(str(self.b.project), session["cwd"]["local"])
        self.assertEqual({self.talk, self.work, self.notes["local"]}, set(self.b.rows()))
        self.assert_works(self.b, self.talk, TALK)
        self.assert_works(self.b, self.work, WORK)
        self.assert_works(self.b, self.notes["local"], LOCAL)

    def test_a_shell_call_on_the_receiver_runs_in_its_own_folder(self):
        self.begin("delivered")
        with self.b.server() as server:
            server.resume(self.talk)
            server.turn(self.talk, "run: pwd -P", approvalPolicy="never", sandboxPolicy={"type": "dangerFullAccess"})
        outputs = [record["payload"]["output"] for record in records(self.b.rollout(self.talk))
                   if record["payload"].get("type") == "function_call_output"]
        self.assertIn(f"\n{self.b.project}\n", outputs[-1])

    def test_a_dry_run_says_what_would_be_done_and_writes_nothing(self):
        self.begin("apart")
        package = self.pack(self.a, "package")
        before = Snapshot(self.b.codex_home)
        planned = self.deliver(package, self.b, execute=False)
        self.assertEqual("dry_run", planned.report["status"])
        self.assertIsNone(planned.report["transaction_id"])
        self.assert_classified(planned, talk="new_lineage", work="new_lineage")
        self.assert_unchanged_since(before, self.b, Claim.NOTHING_DONE)
        done = self.deliver(package, self.b)
        self.assertEqual(planned.report["plan_digest"], done.report["plan_digest"])

    def test_inspecting_works_on_a_home_that_cannot_be_written_to(self):
        self.begin("delivered")
        self.b.open_only(self.talk)
        self.a.go_on(self.talk, MORE)
        package = self.pack(self.a, "package.zip")
        before = Snapshot(self.b.codex_home)
        wrapper = readonly.wrapper(self.b.codex_home)
        inspected = self.tool.inspect(package, self.b, wrapper=wrapper, exit_code=SOME_BLOCKED if wrapper else DONE)
        blockers = [blocker["code"] for blocker in inspected.session(self.talk)["blockers"]]
        self.assertEqual(["unwritable"] if wrapper else [], blockers)
        self.assert_classified(inspected, talk="fast_forward_import", work="unchanged")
        self.assert_unchanged_since(before, self.b, Claim.UNTOUCHED)

    def test_the_same_package_again_does_nothing(self):
        self.begin("apart")
        package = self.pack(self.a, "package")
        self.deliver(package, self.b)
        self.assert_nothing_to_do(package, self.b)
        with self.b.server() as server:
            server.listed()
        self.assert_nothing_to_do(package, self.b)

    def test_going_on_at_the_sender_is_appended(self):
        self.begin("delivered")
        self.a.go_on(self.talk, MORE)
        package = self.pack(self.a, "package.tar.gz")
        with self.expect_append(self.b.rollout(self.talk)), self.expect_untouched(self.b.rollout(self.work)):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        session = done.session(self.talk)
        self.assertEqual(("append", self.talk), (session["action"], session["local_thread_id"]))
        self.assertEqual(session["history"]["common"], session["history"]["local"])
        self.assert_works(self.b, self.talk, [*TALK, MORE])
        self.assert_works(self.b, self.work, WORK)

    def test_opening_a_thread_is_not_going_on(self):
        self.begin("delivered")
        self.b.open_only(self.talk)
        self.a.go_on(self.talk, MORE)
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_a_home_without_a_state_database_is_written_to_and_codex_builds_its_own(self):
        self.begin("apart")
        self.b.remove_databases()
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.assertEqual("committed", done.report["status"])
        self.assert_classified(done, talk="new_lineage", work="new_lineage")
        self.assertEqual([], sorted(self.b.codex_home.glob("state_*")))
        self.assert_works(self.b, self.talk, TALK)
        self.assert_works(self.b, self.work, WORK)
        self.assert_works(self.b, self.notes["local"], LOCAL)

    def test_a_session_of_codex_exec_travels_too(self):
        self.begin("apart")
        self.notes["exec"] = self.a.codex.exec("A asks from a script", self.a.project)
        done = self.deliver(self.pack(self.a, "package.tar.zst"), self.b)
        self.assert_classified(done, talk="new_lineage", work="new_lineage", exec="new_lineage")
        with self.b.server() as server:
            listed = [thread["id"] for thread in server.listed(sourceKinds=["exec"])]
            self.assertEqual([self.notes["exec"]], listed)
            self.assert_opens_with_local_settings(server, self.b, self.notes["exec"])
            self.assert_shows(server, self.notes["exec"], ["A asks from a script"])
            self.assert_takes_a_turn(server, self.b, self.notes["exec"], ["A asks from a script"])


class OwnPackageRows:
    """What `packup` writes."""

    def test_packing_writes_a_whole_package_and_leaves_the_home_alone(self):
        self.begin("apart")
        before = Snapshot(self.a.codex_home)
        package = self.pack(self.a, "package")
        self.assert_unchanged_since(before, self.a, Claim.NOTHING_DONE)
        manifest = json.loads((package / "package_manifest.json").read_text())
        self.assertEqual((1, "session-skill-package"), (manifest["format_version"], manifest["package_kind"]))
        self.assertEqual(sorted([self.talk, self.work]), sorted(manifest["thread_ids"]))
        rows = [json.loads(line) for line in (package / "metadata/threads.jsonl").read_text().splitlines()]
        for row in rows:
            packed = package / "sessions" / pathlib.PurePath(row["rollout_path"]).name
            self.assertEqual(self.a.rollout(row["id"]).read_bytes(), packed.read_bytes())
        self.assertEqual({self.talk, self.work}, {row["id"] for row in rows})
        self.assertTrue((package / "metadata/lineage.json").is_file())
        self.assert_checksums_cover(package)

    def assert_checksums_cover(self, package):
        """Every file but the checksums themselves is named in them, whatever shape the list has."""
        text = (package / "metadata/checksums.json").read_text()
        json.loads(text)
        for path in package.rglob("*"):
            if path.is_file() and path.name != "checksums.json":
                self.assertIn(path.relative_to(package).as_posix(), text)
                self.assertIn(hashlib.sha256(path.read_bytes()).hexdigest(), text)

    def test_a_package_is_never_written_into_a_folder_that_holds_something(self):
        self.begin("apart")
        folder = self.live / "packages/taken"
        folder.mkdir(parents=True)
        (folder / "mine.txt").write_text("mine")
        self.tool.run("packup", "--codex-home", self.a.codex_home, "--output", folder, "--all", exit_code=(1, 64))
        self.assertEqual(["mine.txt"], [path.name for path in folder.iterdir()])

    def test_every_archive_form_says_the_same_as_the_folder(self):
        self.begin("delivered")
        self.a.go_on(self.talk, MORE)
        for name in ("folder", "package.zip", "package.tar", "package.tar.gz", "package.tar.zst"):
            with self.subTest(name):
                inspected = self.tool.inspect(self.pack(self.a, name), self.b)
                self.assert_classified(inspected, talk="fast_forward_import", work="unchanged")

    def test_the_transfer_tool_can_install_our_package(self):
        self.begin("apart")
        package = self.pack(self.a, "package")
        transfer.install(package, self.b)
        self.assertEqual({self.talk, self.work, self.notes["local"]}, set(self.b.rows()))
        self.assertEqual({self.talk, self.work}, set(self.deliver(package, self.b).report["adopted"]))
        self.assert_nothing_to_do(package, self.b)


class TransferPackageRows:
    """What is special about the transfer tool's packages."""

    def test_an_archive_of_such_a_folder_is_read_too(self):
        self.begin("apart")
        package = self.pack(self.a, "package")
        for kind in ("zip", "gztar"):
            with self.subTest(kind):
                archive = shutil.make_archive(str(package.parent / kind), kind, package.parent, package.name)
                self.assert_classified(self.tool.inspect(archive, self.b), talk="new_lineage", work="new_lineage")

    def test_a_package_from_windows_arrives_in_the_local_documents_folder_and_is_continued(self):
        self.begin("apart")
        first = transfer.pack(self.a, self.live / "packages/first", from_windows=True)
        done = self.deliver(first, self.b)
        self.assert_classified(done, talk="new_lineage", work="new_lineage")
        self.assertEqual(str(self.b.project), done.session(self.talk)["cwd"]["local"])
        self.assert_nothing_to_do(first, self.b)
        self.a.go_on(self.talk, MORE)
        second = transfer.pack(self.a, self.live / "packages/second", from_windows=True)
        self.assert_classified(self.deliver(second, self.b), talk="fast_forward_import", work="unchanged")
        self.assert_works(self.b, self.talk, [*TALK, MORE])
        self.assert_works(self.b, self.work, WORK)

    def test_a_package_of_another_kind_is_refused(self):
        self.begin("apart")
        package = self.pack(self.a, "package")
        manifest = json.loads((package / "package_manifest.json").read_text())
        (package / "package_manifest.json").write_text(json.dumps(dict(manifest, package_kind="something-else")))
        before = Snapshot(self.b.codex_home)
        refused = self.tool.sync(package, self.b, exit_code=REFUSED)
        self.assertTrue(refused.report["error"]["message"])
        self.assert_unchanged_since(before, self.b, Claim.NOTHING_DONE)


for_all(globals(), DeliveryRows)
for_all(globals(), OwnPackageRows, forms=[OwnForm])
for_all(globals(), TransferPackageRows, forms=[TransferForm])

if __name__ == "__main__":
    unittest.main()
