"""A running `codex app-server`, driven over stdio: the interface that editors and the desktop app use.

One process takes many calls. Every wait has a limit, and what Codex wrote to stderr is in the error when it runs out.
"""

import collections
import dataclasses
import json
import queue
import subprocess
import threading
import time

CALL_SECONDS = 60


class CodexError(AssertionError):
    """A call that Codex refused, or did not answer; an assertion, because the journey expects it to answer."""


@dataclasses.dataclass(frozen=True)
class Turn:
    """One turn as a client is shown it: what the user wrote, how it ended, what was answered."""

    text: str
    status: str
    answers: tuple

    @classmethod
    def shown(cls, turn):
        texts = [part["text"] for item in turn["items"] if item["type"] == "userMessage"
                 for part in item["content"] if part["type"] == "text"]
        answers = tuple(item["text"] for item in turn["items"] if item["type"] == "agentMessage")
        return cls(" / ".join(texts), turn["status"], answers)


class AppServer:
    """A running `codex app-server`. One process, many calls; leaving the block ends it."""

    def __init__(self, codex):
        self.codex = codex
        self._number = 0
        self._messages = queue.Queue()
        self._errors = collections.deque(maxlen=200)

    def __enter__(self):
        self._process = subprocess.Popen(
            [str(self.codex.binary), "app-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.codex.environment(), cwd=self.codex.home, text=True)
        for target in (self._read_answers, self._read_errors):
            threading.Thread(target=target, daemon=True).start()
        try:
            self.call("initialize", clientInfo={"name": "acceptance", "version": "1"},
                      capabilities={"experimentalApi": True})
        except BaseException:
            self.__exit__()
            raise
        self._send({"method": "initialized"})
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()

    # Calls

    def call(self, method, timeout=CALL_SECONDS, **params):
        """One JSON-RPC call; its result, or CodexError with Codex's own words."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        answer = self._wait(lambda message: message.get("id") == number and "method" not in message, timeout,
                            f"{method} {json.dumps(params)}")
        if "error" in answer:
            raise CodexError(f"{self._name()}: {method} {json.dumps(params)} was refused: "
                             f"{json.dumps(answer['error'])}\n{self.stderr()}")
        return answer["result"]

    def start_thread(self, cwd, **params):
        """A new thread's id. Codex writes its rollout with the first turn."""
        return self.call("thread/start", cwd=str(cwd), **params)["thread"]["id"]

    def begin_turn(self, thread_id, text, images=(), **params):
        """Start a turn and return its id without waiting for its end."""
        parts = [{"type": "text", "text": text}, *({"type": "image", "url": url} for url in images)]
        answer = self.call("turn/start", threadId=thread_id, input=parts, **params)
        return answer["turn"]["id"]

    def finish_turn(self, turn_id, timeout=CALL_SECONDS):
        """Wait until the turn has ended, and require that it completed."""
        def ended(message):
            return message.get("method") == "turn/completed" and message["params"]["turn"]["id"] == turn_id
        turn = self._wait(ended, timeout, f"the end of turn {turn_id}")["params"]["turn"]
        if turn["status"] != "completed":
            raise CodexError(f"{self._name()}: the turn ended as {json.dumps(turn)}\n{self.stderr()}")
        return turn

    def turn(self, thread_id, text, **params):
        """One whole turn."""
        return self.finish_turn(self.begin_turn(thread_id, text, **params))

    def resume(self, thread_id, **params):
        """Open a thread; the answer holds cwd, approval policy and sandbox that Codex would work with."""
        return self.call("thread/resume", threadId=thread_id, **params)

    def fork(self, thread_id, **params):
        """Fork a thread; the new thread's id."""
        return self.call("thread/fork", threadId=thread_id, **params)["thread"]["id"]

    def revert(self, thread_id, turns):
        """Take the thread back to its first `turns` turns: what follows goes into a new segment."""
        first = self.turn_ids(thread_id)[turns]
        self.call("thread/revert", threadId=thread_id, beforeTurnId=first)

    def roll_back(self, thread_id, turns):
        """Drop the last `turns` turns of a legacy thread: a marker is appended; versions up to 0.155.1 can."""
        self.call("thread/rollback", threadId=thread_id, numTurns=turns)

    def compact(self, thread_id):
        """Let the model sum up the conversation so far; that is a turn of its own."""
        self.call("thread/compact/start", threadId=thread_id)
        self.wait_for_turn_of(thread_id)

    def wait_for_turn_of(self, thread_id):
        """Wait until a turn of this thread has ended that nobody here started, such as a sub-agent's."""
        self._wait(lambda message: message.get("method") == "turn/completed"
                   and message["params"]["threadId"] == thread_id, CALL_SECONDS, f"the end of a turn of {thread_id}")

    def turn_ids(self, thread_id):
        """The ids of the opened thread's turns, in order."""
        thread = self.call("thread/read", threadId=thread_id, includeTurns=True)["thread"]
        return [turn["id"] for turn in thread["turns"]]

    def read(self, thread_id):
        """The thread's turns. Of a paginated thread, only what the last `resume` or turn has projected."""
        thread = self.call("thread/read", threadId=thread_id, includeTurns=True)["thread"]
        return [Turn.shown(turn) for turn in thread["turns"]]

    def listed(self, **params):
        """All threads that a client with these filters is shown, all pages."""
        threads, cursor = [], None
        while True:
            page = self.call("thread/list", limit=50, **({"cursor": cursor} if cursor else {}), **params)
            threads += page["data"]
            cursor = page.get("nextCursor")
            if not cursor:
                return threads

    # The pipe

    def stderr(self):
        return "stderr of app-server: " + "".join(self._errors)[-3000:]

    def _name(self):
        return f"codex {self.codex.version} app-server"

    def _read_answers(self):
        for line in self._process.stdout:
            self._messages.put(json.loads(line))

    def _read_errors(self):
        self._errors.extend(self._process.stderr)

    def _send(self, message):
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            time.sleep(0.2)
            raise CodexError(f"{self._name()} has ended\n{self.stderr()}") from None

    def _wait(self, accept, timeout, what):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                message = self._messages.get(timeout=0.2)
            except queue.Empty:
                if self._process.poll() is not None:
                    raise CodexError(f"{self._name()} exited with {self._process.returncode}\n"
                                     f"{self.stderr()}") from None
                continue
            if "id" in message and "method" in message:
                self._refuse(message)
            elif accept(message):
                return message
        raise CodexError(f"{self._name()}: no answer in {timeout} s to {what}\n{self.stderr()}")

    def _refuse(self, request):
        """Nobody is there to approve anything: a request of the server is refused, so that it does not wait."""
        self._send({"id": request["id"], "error": {"code": -32601, "message": "the acceptance suite approves nothing"}})
