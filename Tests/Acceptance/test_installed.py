"""A home that the transfer tool had installed into: what it left there is recognised and carried on."""

import unittest

import transfer
from homes import records
from journey import TALK, WORK, OwnForm, TransferForm, for_all
from snapshot import Claim, Snapshot
from tool import DONE, SOME_BLOCKED

MORE = "A asks a third question"


class InstalledRows:
    """B holds A's sessions as the transfer tool writes them: every line anew, some columns only."""

    def make_installed(self):
        """What B has of A was put there by the transfer tool, from a package made on Windows."""
        self.begin("apart")
        package = transfer.pack(self.a, self.live / "packages/windows", from_windows=True)
        transfer.install(package, self.b)

    def test_the_installed_threads_are_recognised_and_adopted(self):
        self.begin("installed")
        before, package = Snapshot(self.b.codex_home), self.pack(self.a, "package")
        with self.expect_untouched(self.b.rollout(self.talk)), self.expect_untouched(self.b.rollout(self.work)):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="unchanged", work="unchanged")
        self.assertEqual({self.talk, self.work}, set(done.report["adopted"]))
        self.assert_nothing_to_do(package, self.b)
        self.assert_nothing_to_do(self.live / "packages/windows", self.b)
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)

    def test_adopting_brings_the_installed_threads_into_the_list(self):
        self.begin("installed")
        if self.receiver == "0.163.0":
            self.assertNotIn(self.talk, self.listed_from_the_database())
        files = [self.b.rollout(self.talk), self.b.rollout(self.work)]
        with self.expect_untouched(files[0]), self.expect_untouched(files[1]):
            done = self.tool.adopt(self.b)
        self.assertEqual({self.talk, self.work}, {thread["thread_id"] for thread in done.report["threads"]})
        self.assertEqual("nothing_to_do", self.tool.adopt(self.b).report["status"])
        self.assertEqual({}, self.tool.health(self.b))
        with self.b.server() as server:
            self.assert_listed(server, self.b, self.talk)
            server.resume(self.talk, **self.roots())
            self.assert_shows(server, self.talk, TALK)
            self.assert_takes_a_turn(server, self.b, self.talk, TALK)

    def test_an_adopted_thread_that_went_on_stays_adopted_when_the_adoption_is_undone(self):
        self.begin("installed")
        done = self.tool.adopt(self.b)
        mended = {thread["thread_id"] for thread in done.report["threads"] if thread["columns"]}
        with self.b.server() as server:
            server.resume(self.talk, **self.roots())
            self.assert_takes_a_turn(server, self.b, self.talk, TALK)
        row = self.b.rows()[self.talk]
        kept = {self.talk} & mended
        undone = self.rollback(self.b, done.report["transaction_id"], exit_code=SOME_BLOCKED if kept else DONE)
        self.assertEqual(kept, {thread["thread_id"] for thread in undone.report["kept"]})
        self.assertEqual(row, self.b.rows()[self.talk])
        if self.receiver == "0.163.0":
            self.assertIn(self.talk, self.listed_from_the_database())
            self.assertNotIn(self.work, self.listed_from_the_database())
        with self.b.server() as server:
            server.resume(self.talk, **self.roots())

    def roots(self):
        """The transfer tool leaves Windows roots in settings records; without others 0.163.0 refuses to open those."""
        return {"runtimeWorkspaceRoots": [str(self.b.project)]} if self.sender == "0.163.0" else {}

    def listed_from_the_database(self):
        with self.b.server() as server:
            return [thread["id"] for thread in server.listed(useStateDbOnly=True)]

    def test_an_installed_thread_is_fast_forwarded_as_it_stands(self):
        self.begin("installed")
        self.a.go_on(self.talk, MORE)
        file, package = self.b.rollout(self.talk), self.pack(self.a, "package")
        with self.expect_append(file), self.expect_untouched(self.b.rollout(self.work)):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.assertEqual(self.talk, done.session(self.talk)["local_thread_id"])
        self.assertEqual(records(file)[0]["payload"].get("history_mode", "legacy"),
                         self.b.rows()[self.talk].get("history_mode", "legacy"))
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_an_installed_thread_fast_forwards_from_another_windows_package(self):
        self.begin("installed")
        self.a.go_on(self.work, MORE)
        package = transfer.pack(self.a, self.live / "packages/again", from_windows=True)
        done = self.deliver(package, self.b)
        self.assert_classified(done, talk="unchanged", work="fast_forward_import")
        self.assert_works(self.b, self.work, [*WORK, MORE])

    def test_an_installed_thread_on_which_both_went_on_gets_a_branch(self):
        self.begin("installed")
        self.a.go_on(self.talk, MORE)
        self.deliver(self.pack(self.a, "first"), self.b)
        self.a.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        done = self.deliver(self.pack(self.a, "second"), self.b)
        self.assert_classified(done, talk="diverged_lineage", work="unchanged")
        self.assert_works(self.b, self.talk, [*TALK, MORE, "B goes its way"])
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [*TALK, MORE, "A goes its way"])

    def test_a_fast_forward_of_an_installed_thread_is_undone(self):
        self.begin("installed")
        before = Snapshot(self.b.codex_home)
        self.a.go_on(self.talk, MORE)
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)


class OwnOverInstalledForm(OwnForm):
    """Our own packages, of sessions that the transfer tool had brought before."""

    project = TransferForm.project


for_all(globals(), InstalledRows, forms=[OwnOverInstalledForm, TransferForm])

if __name__ == "__main__":
    unittest.main()
