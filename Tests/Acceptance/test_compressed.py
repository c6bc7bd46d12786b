"""Rollouts that Codex has compressed: read where they lie, made plain before anything is appended."""

import shutil
import unittest

from homes import records
from journey import TALK, WORK, OwnForm, TransferForm, for_all
from snapshot import Claim, Snapshot
from tool import SOME_BLOCKED

NEWEST = "0.163.0"
MORE = "A asks a third question"
OLDEST = "0.144.4"
"""The oldest Codex that reads compressed rollouts, and makes them; its threads are legacy."""


class CompressedRows:
    """`.jsonl.zst` instead of the plain file, or beside it, on either machine."""

    def make_compressed_here(self):
        """B's Codex has compressed what A had sent."""
        self.begin("delivered")
        self.b.compress(self.talk)

    def compressed(self, machine):
        machine.compress(self.talk)
        return machine.stored(self.talk)

    def test_a_compressed_thread_is_packed_as_a_plain_one(self):
        self.begin("apart")
        plain = self.a.rollout(self.talk).read_bytes()
        compressed = self.compressed(self.a)
        with self.expect_untouched(compressed):
            package = self.pack(self.a, "package")
        packed = package / "sessions" / compressed.name.removesuffix(".zst")
        self.assertEqual(plain, packed.read_bytes())
        self.assert_classified(self.deliver(package, self.b), talk="new_lineage", work="new_lineage")
        self.assert_works(self.b, self.talk, TALK)

    def test_a_stale_compressed_copy_beside_the_plain_file_does_not_count_at_the_sender(self):
        self.begin("delivered")
        compressed = self.compressed(self.a)
        self.put_back_beside(self.a, compressed)
        self.assert_classified(self.deliver(self.pack(self.a, "package"), self.b),
                               talk="fast_forward_import", work="unchanged")
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def put_back_beside(self, machine, compressed):
        """Codex goes on in a compressed thread, which makes it plain; the compressed file is put back beside it."""
        kept = self.live / "kept.zst"
        shutil.copy2(compressed, kept)
        machine.go_on(self.talk, MORE)
        self.assertFalse(compressed.exists())
        shutil.copy2(kept, compressed)

    def test_the_same_package_again_leaves_a_compressed_thread_compressed(self):
        self.begin("compressed_here")
        compressed = self.b.stored(self.talk)
        with self.expect_untouched(compressed):
            self.assert_nothing_to_do(self.pack(self.a, "package"), self.b)
        self.assert_works(self.b, self.talk, TALK)

    def test_going_on_at_the_sender_makes_a_compressed_thread_plain_and_is_appended(self):
        self.begin("compressed_here")
        self.a.go_on(self.talk, MORE)
        package = self.pack(self.a, "package")
        with self.expect_untouched(self.b.rollout(self.work)):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.assertEqual(self.b.rollout(self.talk), self.b.stored(self.talk))
        self.assertEqual(str(self.b.rollout(self.talk)), self.b.rows()[self.talk]["rollout_path"])
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, [*TALK, MORE])
        self.assert_works(self.b, self.work, WORK)

    def test_a_thread_whose_row_names_the_compressed_file_is_appended_to_and_named_anew(self):
        self.begin("compressed_here")
        self.b.remove_databases()
        with self.b.server() as server:
            server.listed()
        self.assertTrue(self.b.rows()[self.talk]["rollout_path"].endswith(".jsonl.zst"))
        self.a.go_on(self.talk, MORE)
        before = Snapshot(self.b.codex_home)
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.deliver(self.live / "packages/package", self.b)
        self.assertEqual(str(self.b.rollout(self.talk)), self.b.rows()[self.talk]["rollout_path"])
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_a_stale_compressed_copy_beside_the_plain_file_does_not_count_here(self):
        self.begin("compressed_here")
        self.put_back_beside(self.b, self.b.stored(self.talk))
        plain = self.b.rollout(self.talk)
        with self.expect_untouched(plain):
            self.assert_nothing_to_do(self.pack(self.a, "package"), self.b)
        threads = set(self.b.rows())
        self.a.go_on(self.talk, "A goes its way")
        with self.expect_untouched(plain):
            done = self.deliver(self.pack(self.a, "more"), self.b)
        self.assert_classified(done, talk="diverged_lineage", work="unchanged")
        self.assertEqual(threads | {done.session(self.talk)["local_thread_id"]}, set(self.b.rows()))
        self.assert_works(self.b, self.talk, [*TALK, MORE])
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [*TALK, "A goes its way"])

    def test_undoing_a_fast_forward_puts_the_compressed_file_back(self):
        self.begin("compressed_here")
        before = Snapshot(self.b.codex_home)
        self.a.go_on(self.talk, MORE)
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.assert_works(self.b, self.talk, TALK)

    def test_a_thread_that_codex_compressed_since_is_kept_by_a_rollback(self):
        self.begin("compressed_here")
        compressed = self.b.stored(self.talk)
        with self.expect_untouched(compressed):
            done = self.rollback(self.b, self.notes["first"], exit_code=SOME_BLOCKED)
        self.assertEqual([(self.talk, str(compressed))],
                         [(kept["thread_id"], kept["path"]) for kept in done.report["kept"]])
        self.assertNotIn(self.work, self.b.rows())
        self.assert_works(self.b, self.talk, TALK)

    def test_a_compressed_thread_on_which_both_went_on_stays_as_it_is(self):
        self.begin("delivered")
        self.a.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        compressed = self.compressed(self.b)
        package = self.pack(self.a, "package")
        with self.expect_untouched(compressed):
            done = self.deliver(package, self.b)
        self.assert_classified(done, talk="diverged_lineage", work="unchanged")
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, [*TALK, "B goes its way"])
        self.assert_works(self.b, done.session(self.talk)["local_thread_id"], [*TALK, "A goes its way"])

    def test_an_archived_thread_that_was_compressed_is_appended_to_where_it_lies(self):
        self.begin("delivered")
        for machine in (self.a, self.b):
            machine.call("thread/archive", self.talk)
        self.b.compress(self.talk)
        self.a.call("thread/unarchive", self.talk)
        self.a.go_on(self.talk, MORE)
        self.a.call("thread/archive", self.talk)
        before = Snapshot(self.b.codex_home)
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        self.assertEqual([self.b.rollout(self.talk)], list(self.b.codex_home.glob(f"archived_sessions/*{self.talk}*")))
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.deliver(self.live / "packages/package", self.b)
        self.b.call("thread/unarchive", self.talk)
        self.assert_works(self.b, self.talk, [*TALK, MORE])


class CompressedTransferRows:
    """The transfer tool copies the file that the row names, and a row that Codex built itself may name a `.zst`."""

    def test_a_package_that_holds_a_compressed_rollout_is_read(self):
        self.begin("apart")
        plain = records(self.a.rollout(self.talk))
        self.a.compress(self.talk)
        self.a.remove_databases()
        with self.a.server() as server:
            server.listed()
        package = self.pack(self.a, "package")
        self.assertEqual(1, len(list((package / "sessions").glob("*.zst"))))
        self.assert_classified(self.deliver(package, self.b), talk="new_lineage", work="new_lineage")
        self.assertEqual(len(plain) + 1, len(records(self.b.rollout(self.talk))))
        self.assert_nothing_to_do(package, self.b)
        self.assert_works(self.b, self.talk, TALK)


for_all(globals(), CompressedRows, forms=[OwnForm], pairs=[(NEWEST, NEWEST), (OLDEST, OLDEST)])
for_all(globals(), CompressedTransferRows, forms=[TransferForm], pairs=[(OLDEST, NEWEST)])

if __name__ == "__main__":
    unittest.main()
