"""Files as crashes, older versions and other programs leave them: read and continued as Codex would.

Each oddity is put by hand into a file that the real Codex wrote.
"""

import json
import re
import unittest

from homes import records
from journey import LOCAL, TALK, WORK, OwnForm, TransferForm, for_all
from snapshot import Claim, Snapshot
from tool import SOME_BLOCKED

NEWEST = "0.163.0"
PAIRS = ((NEWEST, NEWEST), ("0.133.0", NEWEST))
MORE = "A asks a third question"


def lines_of(data):
    return data.removesuffix(b"\n").split(b"\n")


def before_second_turn(data, *inserted):
    """The lines with others put in front of the second turn's first one."""
    lines = lines_of(data)
    at = [index for index, line in enumerate(lines) if b'"task_started"' in line][1]
    return b"\n".join([*lines[:at], *inserted, *lines[at:]]) + b"\n"


def torn_then_whole(data):
    """A crash cut the last turn's first line; Codex wrote it again on the next."""
    line = next(line for line in lines_of(data) if TALK[1].encode() in line)
    return data.replace(line, line[:len(line) // 2] + b"\n" + line)


def odd_in_the_middle(data):
    """Everything at once that can stand between two records."""
    data = before_second_turn(data, b"\0" * 4096, b"", b"{this was never JSON}")
    return torn_then_whole(data).replace(b"\n", b"\r\n")


ODDITIES = {
    "a run of NUL at the end": lambda data: odd_in_the_middle(data) + b"\0" * 512,
    "no newline at the end": lambda data: odd_in_the_middle(data).removesuffix(b"\n"),
    "a torn last line": lambda data: odd_in_the_middle(data) + b'{"timestamp":"2026-',
}


def with_ordinals(data, number):
    """The lines of a paginated file, each with the ordinal that `number` makes of its own."""
    lines = []
    for line in lines_of(data):
        ordinal = json.loads(line)["ordinal"]
        lines.append(line.replace(b'"ordinal":%d,' % ordinal, b'"ordinal":%d,' % number(ordinal), 1))
    return b"\n".join(lines) + b"\n"


class OddFileRows:
    """An oddity in A's file, or in B's copy of it."""

    def test_an_odd_file_of_the_sender_arrives_with_every_turn_and_grows(self):
        for name, change in ODDITIES.items():
            with self.subTest(name):
                self.begin("apart")
                self.a.edit(self.talk, change)
                package = self.pack(self.a, "package")
                done = self.deliver(package, self.b)
                self.assert_classified(done, talk="new_lineage", work="new_lineage")
                self.assertIn("lines_not_json", [warning["code"] for warning in done.session(self.talk)["warnings"]])
                self.assert_nothing_to_do(package, self.b)
                self.a.go_on(self.talk, MORE)
                done = self.deliver(self.pack(self.a, "more"), self.b)
                self.assert_classified(done, talk="fast_forward_import", work="unchanged")
                self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_an_odd_file_here_is_the_same_history_and_grows(self):
        for name, change in ODDITIES.items():
            with self.subTest(name):
                self.begin("delivered")
                self.b.edit(self.talk, change)
                with self.expect_untouched(self.b.rollout(self.talk)):
                    self.assert_nothing_to_do(self.live / "packages/first", self.b)
                self.a.go_on(self.talk, MORE)
                package = self.pack(self.a, "more")
                before = Snapshot(self.b.codex_home)
                with self.expect_append(self.b.rollout(self.talk)):
                    done = self.deliver(package, self.b)
                self.assert_classified(done, talk="fast_forward_import", work="unchanged")
                self.assert_nothing_to_do(package, self.b)
                self.rollback(self.b, done.report["transaction_id"])
                self.assert_unchanged_since(before, self.b, Claim.UNDONE)
                self.deliver(package, self.b)
                self.assert_works(self.b, self.talk, [*TALK, MORE])


def repeated(ordinal, first):
    """At a resume boundary Codex 0.147 to 0.153 wrote one number twice."""
    return ordinal if ordinal < first else ordinal - 1


def restarted(ordinal, first):
    """Another program counted the second turn from 0."""
    return ordinal if ordinal < first else ordinal - first


class OrdinalRows:
    """Numbers that repeat or go back, in A's file or in B's copy of it."""

    def disorder(self, machine, number):
        """Give every record from the second turn's first on the ordinal that `number` makes of its own."""
        first = [record["ordinal"] for record in records(machine.rollout(self.talk))
                 if record["payload"].get("type") == "task_started"][1]
        machine.edit(self.talk, lambda data: with_ordinals(data, lambda ordinal: number(ordinal, first)))

    def test_ordinals_out_of_order_at_the_sender_arrive_in_order(self):
        for number in (repeated, restarted):
            with self.subTest(number.__name__):
                self.begin("apart")
                self.disorder(self.a, number)
                package = self.pack(self.a, "package")
                self.assert_classified(self.deliver(package, self.b), talk="new_lineage", work="new_lineage")
                ordinals = [record["ordinal"] for record in records(self.b.rollout(self.talk))]
                self.assertEqual(list(range(len(ordinals))), ordinals)
                self.assert_nothing_to_do(package, self.b)
                self.a.go_on(self.talk, MORE)
                done = self.deliver(self.pack(self.a, "more"), self.b)
                self.assert_classified(done, talk="fast_forward_import", work="unchanged")
                self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_ordinals_out_of_order_here_are_continued_from_the_highest(self):
        """What Codex hid before it still hides; what was delivered, and what comes after it, it shows."""
        for number, shown in ((repeated, TALK), (restarted, TALK[:1])):
            with self.subTest(number.__name__):
                self.begin("delivered")
                self.disorder(self.b, number)
                highest = max(record["ordinal"] for record in records(self.b.rollout(self.talk)))
                with self.expect_untouched(self.b.rollout(self.talk)):
                    self.assert_nothing_to_do(self.live / "packages/first", self.b)
                self.a.go_on(self.talk, MORE)
                with self.expect_append(self.b.rollout(self.talk)):
                    done = self.deliver(self.pack(self.a, "more"), self.b)
                self.assert_classified(done, talk="fast_forward_import", work="unchanged")
                written = done.session(self.talk)["records_written"]
                self.assertEqual(list(range(highest + 1, highest + 1 + written)),
                                 [record["ordinal"] for record in records(self.b.rollout(self.talk))[-written:]])
                self.assert_continues(shown)

    def assert_continues(self, shown):
        """The model is given every turn, also those that Codex does not show."""
        question = "B asks too"
        with self.b.server() as server:
            server.resume(self.talk)
            self.assert_shows(server, self.talk, [*shown, MORE])
            server.turn(self.talk, question)
            self.assert_shows(server, self.talk, [*shown, MORE, question])
        texts = [*TALK, MORE, question]
        self.assertEqual(texts, [text for text in self.model.texts_seen_with(question) if text in texts])


STRANGE = "a\u2028b\u2029c\u0085d \U0001f9d1\u200d\U0001f680 e\u0301 \u0000 \x7f \ufeff \uffff \\/ \"quoted\" \t end"
"""What editors, Python's `splitlines` and careless escaping trip over."""
PIXEL = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
         "RU5ErkJggg==")
MACHINE_BOUND = (b'"session_meta"', b'"turn_context"', b'<environment_context>', b'"thread_settings_applied"')
BIG = 25_000_000


def last_answer(data):
    return next(line for line in reversed(lines_of(data)) if b'"response_item"' in line and b'"assistant"' in line)


class Exactly:
    """What must come through byte for byte: packed, delivered, packed again."""

    def with_extra(self, *made):
        """A's file with more records behind the last answer, each made of its line."""
        self.begin("apart")
        self.a.edit(self.talk, lambda data: data.replace(
            last_answer(data), b"\n".join([last_answer(data), *(make(last_answer(data)) for make in made)])))
        self.assert_travels()

    def assert_travels(self):
        """A's file, its package, B's file and B's package hold the same lines, but for machine-bound ones."""
        package = self.pack(self.a, "package")
        self.assert_classified(self.deliver(package, self.b), talk="new_lineage", work="new_lineage")
        self.assert_nothing_to_do(package, self.b)
        back = self.pack(self.b, "back", only=self.talk)
        lines = self.portable(self.a.rollout(self.talk))
        for file in (package / "sessions" / self.a.rollout(self.talk).name, self.b.rollout(self.talk),
                     back / "sessions" / self.b.rollout(self.talk).name):
            self.assertEqual(lines, self.portable(file)[:len(lines)], f"{file}")
        self.assert_nothing_to_do(back, self.a)

    def portable(self, file):
        """The lines without those that hold a folder of the machine, and without their ordinals."""
        lines = [line for line in lines_of(file.read_bytes())
                 if not any(kind in line for kind in MACHINE_BOUND)]
        return [re.sub(rb'^(\{"timestamp":"[^"]*",)"ordinal":\d+,', rb"\1", line) for line in lines]


class ExactRows(Exactly):
    """Characters, images, records and keys that must come through byte for byte."""

    def test_strange_characters_in_what_was_asked_and_answered(self):
        self.begin("apart")
        with self.a.server() as server:
            server.resume(self.talk)
            server.turn(self.talk, STRANGE)
        self.assert_travels()
        self.assert_works(self.b, self.talk, [*TALK, STRANGE])

    def test_an_image_travels_inside_its_record(self):
        self.begin("apart")
        with self.a.server() as server:
            server.resume(self.talk)
            server.turn(self.talk, MORE, images=[PIXEL])
        self.assertIn(PIXEL.encode(), self.a.rollout(self.talk).read_bytes())
        self.assert_travels()
        self.assertIn(PIXEL.encode(), self.b.rollout(self.talk).read_bytes())
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_lone_surrogates_which_codex_cannot_read(self):
        self.with_extra(lambda line: re.sub(rb'"Echo: [^"]*"', rb'"half \\ud83d of a pair"', line, count=1))
        self.assertIn(rb"half \ud83d of a pair", self.b.rollout(self.talk).read_bytes())
        self.assert_works(self.b, self.talk, TALK)

    def test_records_and_keys_of_tomorrow(self):
        begun = rb'^(\{"timestamp":"[^"]*",("ordinal":\d+,)?)'
        self.with_extra(
            lambda line: re.sub(begun + rb".*", rb'\1"type":"of_tomorrow","payload":{"n":[1.50,1E2,-0]}}', line),
            lambda line: re.sub(begun, rb'\1"unknown": {"a" : 1 ,"a":2},', line))
        inspected = self.tool.inspect(self.live / "packages/package", self.b)
        self.assertEqual([("unknown_records", "of_tomorrow")],
                         [(warning["code"], warning["detail"]) for warning in inspected.session(self.talk)["warnings"]])
        self.assert_works(self.b, self.talk, TALK)


class BigLineRows(Exactly):
    """Slow, so for one pair only."""

    def test_a_line_of_25_megabytes(self):
        self.with_extra(lambda line: re.sub(rb'"Echo: [^"]*"', b'"' + b"x" * BIG + b'"', line, count=1))
        self.assertGreater(self.b.rollout(self.talk).stat().st_size, BIG)
        with self.b.server() as server:
            server.resume(self.talk)
            self.assert_shows(server, self.talk, TALK)


class BadInputRows:
    """A session that cannot be understood is blocked, with the record and the reason; the others go on."""

    def test_a_rollout_that_begins_otherwise_is_blocked_and_the_others_arrive(self):
        self.begin("apart")
        name = self.a.rollout(self.talk).name
        package = self.pack(self.a, "package")
        damaged = package / "sessions" / name
        whole = damaged.read_bytes()
        for change, reason in ((lambda data: b"", "no_session_meta: empty"),
                               (lambda data: data[:1000], "no_session_meta: incomplete_line"),
                               (lambda data: data[data.index(b"\n") + 1:], "no_session_meta: type event_msg"),
                               (lambda data: b"\0" * 64 + data, "no_session_meta: not_json: unexpectedByte at byte 0")):
            with self.subTest(reason):
                damaged.write_bytes(change(whole))
                self.assert_blocked(package, "damaged", reason)
        self.deliver(package, self.b, exit_code=SOME_BLOCKED)
        self.assertNotIn(self.talk, self.b.rows())
        self.assert_works(self.b, self.work, WORK)
        damaged.write_bytes(whole)
        self.assert_classified(self.deliver(package, self.b), talk="new_lineage", work="unchanged")
        self.assert_works(self.b, self.talk, TALK)

    def assert_blocked(self, package, code, reason):
        """Reported to programs and to people, by record number, byte offset and reason."""
        inspected = self.tool.inspect(package, self.b, exit_code=SOME_BLOCKED)
        session = inspected.session(self.talk)
        self.assertEqual(("blocked", None, [(code, reason, 1, 0)]), (
            session["action"], session["classification"],
            [tuple(blocker[key] for key in ("code", "detail", "record", "offset")) for blocker in session["blockers"]]))
        words = self.tool.words(package, self.b)
        self.assertIn("record 1 at byte 0", words)
        self.assertIn(reason, words)

    def test_a_damaged_file_here_that_holds_more_blocks_its_own_session_and_stays_as_it_is(self):
        self.begin("delivered")
        self.b.go_on(self.talk, *LOCAL)
        self.b.edit(self.talk, lambda data: data[data.index(b"\n") + 1:])
        self.a.go_on(self.talk, MORE)
        self.a.go_on(self.work, MORE)
        package = self.pack(self.a, "more")
        self.assert_blocked(package, "damaged", "no_session_meta: type event_msg")
        with self.expect_untouched(self.b.rollout(self.talk)):
            self.deliver(package, self.b, exit_code=SOME_BLOCKED)
        self.assert_works(self.b, self.work, [*WORK, MORE])

    def test_a_damaged_file_here_that_holds_no_more_gives_way_to_the_whole_one(self):
        self.begin("delivered")
        self.b.edit(self.talk, lambda data: data[data.index(b"\n") + 1:])
        before = Snapshot(self.b.codex_home)
        self.a.go_on(self.talk, MORE)
        done = self.deliver(self.pack(self.a, "more"), self.b)
        self.assert_classified(done, talk="new_lineage", work="unchanged")
        self.assertEqual(["unreadable_replaced"], [warning["code"] for warning in done.session(self.talk)["warnings"]])
        self.rollback(self.b, done.report["transaction_id"])
        self.assert_unchanged_since(before, self.b, Claim.UNDONE)
        self.deliver(self.live / "packages/more", self.b)
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_a_damaged_file_at_the_sender_is_left_out_of_the_package_and_said_so(self):
        self.begin("apart")
        self.a.edit(self.talk, lambda data: data[data.index(b"\n") + 1:])
        package = self.live / "packages/package"
        package.parent.mkdir(exist_ok=True)
        packed = self.tool.packup(self.a, package, "--all", exit_code=SOME_BLOCKED)
        self.assertEqual([(self.talk, "damaged", "no_session_meta: type event_msg", 1, 0)], [
            tuple(blocked[key] for key in ("thread_id", "code", "detail", "record", "offset"))
            for blocked in packed.report["blocked"]])
        self.assert_classified(self.deliver(package, self.b), work="new_lineage")
        self.assert_works(self.b, self.work, WORK)


for_all(globals(), OddFileRows, forms=[OwnForm], pairs=PAIRS)
for_all(globals(), OrdinalRows, forms=[OwnForm], pairs=PAIRS[:1])
for_all(globals(), ExactRows, forms=[OwnForm], pairs=PAIRS)
for_all(globals(), BigLineRows, forms=[OwnForm], pairs=PAIRS[:1])
for_all(globals(), BadInputRows, forms=[TransferForm], pairs=PAIRS)

if __name__ == "__main__":
    unittest.main()
