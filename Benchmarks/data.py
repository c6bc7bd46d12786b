"""Seeded data: Codex homes with rollouts shaped like real ones, made on the spot.

A rollout of Codex 0.163.0 is a line of JSON a record, 5 KB in the mean: questions and answers in several scripts, tool
calls with JSON inside strings, outputs with terminal escapes, reasoning blobs, token counts with fractions, and now
and then an image as base64. The same seed gives the same bytes.
"""

import base64
import datetime
import json
import pathlib
import random
import re
import sqlite3
import uuid

MB = 1_000_000
START = datetime.datetime(2026, 11, 1, 9, 0, 0)
WORDS = """
the build was slow because every file is read twice when nothing changed; 検索結果を整理して報告します。
проверка прошла без ошибок 每個檔案只讀一次 — 「引用」 emoji 🙂🚀 naïve façade função größer
if (a < b && c > d) { return "\\n"; } else { x[i] = 'y'; } # comment \t tab
\x1b[31mFAILED\x1b[0m tests/test_checkout.py::test_tax - AssertionError: 12.5 != 12.50
""".split(" ")
CONFIG = 'model = "gpt-5"\napproval_policy = "on-request"\nsandbox_mode = "read-only"\n'
SCHEMA = pathlib.Path(__file__).parent.parent / "Tests/SyncTestSupport/CatalogueSchema.swift"


def schema(name):
    """The tables as the project's own tests make them."""
    return re.search(rf'static let {name} = """(.*?)"""', SCHEMA.read_text(), re.S).group(1)


class Texts:
    """A stock of JSON string contents, to be drawn from: making each anew would take longer than measuring."""

    def __init__(self, random_, count=300):
        self.random = random_
        self.short = [self._text(random_.randint(40, 400)) for _ in range(count)]
        self.long = [self._text(int(random_.lognormvariate(8.6, 0.9))) for _ in range(count)]
        self.blobs = [self._blob(random_.randint(800, 6000)) for _ in range(count // 4)]
        self.images = [self._blob(random_.randint(150_000, 900_000)) for _ in range(8)]

    def _text(self, length):
        words = []
        size = 0
        while size < length:
            word = self.random.choice(WORDS)
            words.append(word)
            size += len(word) + 1
        return json.dumps(" ".join(words), ensure_ascii=False)[1:-1]

    def _blob(self, length):
        return base64.b64encode(self.random.randbytes(length * 3 // 4)).decode()


class Rollout:
    """One thread's file while it is written."""

    def __init__(self, thread, cwd, texts, seconds=0):
        self.thread, self.cwd, self.texts = thread, cwd, texts
        self.random = texts.random
        self.ordinal, self.seconds = 0, seconds
        self.turns = 0

    def name(self):
        return f"rollout-{START:%Y-%m-%dT%H-%M-%S}-{self.thread}.jsonl"

    def _record(self, kind, payload):
        self.seconds += 1
        time = START + datetime.timedelta(seconds=self.seconds)
        line = (
            f'{{"timestamp":"{time:%Y-%m-%dT%H:%M:%S}.{self.random.randrange(1000):03}Z","ordinal":{self.ordinal},'
            f'"type":"{kind}","payload":{payload}}}\n'
        )
        self.ordinal += 1
        return line

    def head(self):
        payload = {
            "session_id": self.thread, "id": self.thread, "timestamp": f"{START:%Y-%m-%dT%H:%M:%S}.000Z",
            "cwd": self.cwd, "originator": "codex_cli", "cli_version": "0.163.0", "source": "cli",
            "model_provider": "openai", "history_mode": "paginated",
        }
        return self._record("session_meta", json.dumps(payload, separators=(",", ":")))

    def turn(self):
        """A question, tool calls, the answer, and the bookkeeping around them: about 60 KB."""
        draw = self.random.choice
        texts = self.texts
        turn = f"turn-{self.turns}"
        self.turns += 1
        question = f"{self.thread} {self.turns}: {draw(texts.short)}"
        yield self._record("event_msg", f'{{"type":"task_started","turn_id":"{turn}","model_context_window":258400}}')
        yield self._record(
            "turn_context",
            f'{{"turn_id":"{turn}","cwd":"{self.cwd}","approval_policy":"never","sandbox_policy":{{"type":'
            f'"workspace-write","writable_roots":["{self.cwd}"],"network_access":false}},"model":"gpt-5"}}',
        )
        yield self._message("user", "input_text", question)
        yield self._item(turn, f'"type":"UserMessage","content":[{{"type":"text","text":"{question}"}}]')
        for call in range(self.random.randint(2, 5)):
            command = draw(texts.short).replace("\\", "\\\\").replace('"', '\\"')
            yield self._record(
                "response_item",
                f'{{"type":"function_call","name":"exec_command","arguments":"{{\\"cmd\\":\\"{command[:200].rstrip(chr(92))}'
                f'\\"}}","call_id":"call-{self.turns}-{call}"}}',
            )
            output = draw(texts.long)
            yield self._record(
                "response_item",
                f'{{"type":"function_call_output","call_id":"call-{self.turns}-{call}","output":"{output}"}}',
            )
            yield self._item(turn, f'"type":"CommandExecution","exit_code":0,"duration":1.25,"aggregated_output":"{output}"')
            yield self._record(
                "response_item",
                f'{{"type":"reasoning","summary":[],"encrypted_content":"{draw(texts.blobs)}"}}',
            )
            yield self._record(
                "event_msg",
                '{"type":"token_count","info":{"total_token_usage":{"total_tokens":%d}},"rate_limits":{"used":%.1f}}'
                % (self.ordinal * 100, self.ordinal % 1000 + 0.5),
            )
        if self.random.random() < 0.02:
            image = f'{{"type":"input_image","image_url":"data:image/png;base64,{draw(texts.images)}"}}'
            yield self._record("response_item", f'{{"type":"message","role":"user","content":[{image}]}}')
        answer = draw(texts.long)
        yield self._item(turn, f'"type":"AgentMessage","content":[{{"type":"Text","text":"{answer}"}}]')
        yield self._message("assistant", "output_text", answer)
        yield self._record("event_msg", f'{{"type":"task_complete","turn_id":"{turn}"}}')

    def line(self, size):
        """One tool output of `size` bytes, in pieces: what this script holds, the commands it measures seem to hold too."""
        piece = self.texts.long[0]
        before, after = self._record(
            "response_item", '{"type":"function_call_output","call_id":"call-long","output":"|"}'
        ).split("|")
        yield before
        for _ in range(size // len(piece.encode()) + 1):
            yield piece
        yield after

    def _message(self, role, kind, text):
        content = f'[{{"type":"{kind}","text":"{text}"}}]'
        return self._record("response_item", f'{{"type":"message","role":"{role}","content":{content}}}')

    def _item(self, turn, item):
        return self._record(
            "event_msg", f'{{"type":"item_completed","thread_id":"{self.thread}","turn_id":"{turn}","item":{{{item}}}}}'
        )

    def say(self, path):
        """Appends the shortest turn that there is: a question."""
        turn = f"turn-{self.turns}"
        self.turns += 1
        with open(path, "a", encoding="utf-8") as file:
            file.write(self._record("event_msg", f'{{"type":"task_started","turn_id":"{turn}","model_context_window":258400}}'))
            file.write(self._message("user", "input_text", f"{self.thread} {self.turns}"))
            file.write(self._record("event_msg", f'{{"type":"task_complete","turn_id":"{turn}"}}'))

    def write(self, path, size, mode="w", long_line=0):
        """Writes turns until the file grew by `size` bytes; a long line, if one is asked for, in their middle."""
        with open(path, mode, encoding="utf-8") as file:
            start = file.tell()
            if self.ordinal == 0:
                file.write(self.head())
            while file.tell() - start < size:
                if long_line and file.tell() - start > size // 2:
                    file.writelines(self.line(long_line))
                    long_line = 0
                for _ in range(8):
                    file.writelines(self.turn())
                    if file.tell() - start >= size:
                        break


class Home:
    """A machine: its home folder, and a Codex home with configuration and catalogue in it."""

    def __init__(self, folder, seed=0):
        self.folder = pathlib.Path(folder)
        self.codex = self.folder / ".codex"
        self.project = self.folder / "work"
        self.random = random.Random(seed)
        self.rollouts = {}

    def create(self):
        self.project.mkdir(parents=True)
        self.codex.mkdir()
        (self.codex / "config.toml").write_text(CONFIG)
        with sqlite3.connect(self.codex / "state_5.sqlite") as database:
            database.executescript(schema("state"))
            database.execute("INSERT INTO _sqlx_migrations VALUES (61, '', '', 1, x'00', 0)")
        database.close()
        return self

    def fill(self, sessions, size, long_line=0):
        """Adds threads of `size` bytes each."""
        texts = Texts(self.random, 300 if size > MB // 10 else 60)
        folder = self.codex / f"sessions/{START:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        rows, names = [], []
        for number in range(sessions):
            seconds = len(self.rollouts)
            bits = (int(START.timestamp() * 1000) + seconds) << 80 | self.random.getrandbits(80)
            thread = str(uuid.UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))
            rollout = Rollout(thread, str(self.project), texts)
            path = folder / rollout.name()
            rollout.write(path, size, long_line=long_line)
            self.rollouts[path] = rollout
            rows.append(self._row(rollout, path, number))
            names.append(json.dumps({"id": thread, "thread_name": f"Thread {number}", "updated_at": "2026-11-01T09:00:00Z"}))
        with sqlite3.connect(self.codex / "state_5.sqlite") as database:
            columns = ", ".join(rows[0])
            marks = ", ".join("?" for _ in rows[0])
            database.executemany(f"INSERT INTO threads ({columns}) VALUES ({marks})", [tuple(row.values()) for row in rows])
        database.close()
        with open(self.codex / "session_index.jsonl", "a") as index:
            index.writelines(name + "\n" for name in names)
        return self

    def grow(self, size):
        """Appends turns to every thread."""
        for path, rollout in self.rollouts.items():
            rollout.write(path, size, mode="a")

    def _row(self, rollout, path, number):
        seconds = int(START.replace(tzinfo=datetime.timezone.utc).timestamp()) + rollout.seconds
        return {
            "id": rollout.thread, "rollout_path": str(path), "created_at": seconds, "updated_at": seconds,
            "source": "cli", "model_provider": "openai", "cwd": str(self.project), "title": f"Thread {number}",
            "sandbox_policy": '{"type":"read-only"}', "approval_mode": "on-request", "preview": f"Thread {number}",
            "history_mode": "paginated", "cli_version": "0.163.0",
        }


def size_below(folder):
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def respell(source, target):
    """Copies a rollout as Python's `json` spells it, which is what the transfer tool does."""
    with open(source, encoding="utf-8", newline="\n") as lines, open(target, "w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(json.loads(line), ensure_ascii=False) + "\n")
