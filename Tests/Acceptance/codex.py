"""The real Codex: installing a pinned version, and driving its app-server over stdio.

The suite's claims are about what the real program lists, reads and resumes, so nothing here imitates Codex.
"""

import collections
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
import time

CALL_SECONDS = 60
START_ATTEMPT_SECONDS = 60


class CodexError(AssertionError):
    """A call that Codex refused, or did not answer; an assertion, because the journey expects it to answer."""


def cache_folder():
    """Where installed versions are kept between runs."""
    chosen = os.environ.get("CODEX_SESSION_SYNC_TEST_CACHE")
    return pathlib.Path(chosen) if chosen else pathlib.Path.home() / ".cache" / "codex-session-sync-tests"


def install(version):
    """The path of Codex's binary in that version, installed from PyPI into the cache if it is not there yet."""
    folder = cache_folder() / f"codex-{version}"
    if not _binary_in(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check",
                        f"openai-codex-cli-bin=={version}"], check=True)
    binary = _binary_in(folder)
    if not binary:
        raise RuntimeError(f"openai-codex-cli-bin {version} holds no codex binary")
    return binary


def _binary_in(folder):
    found = sorted(folder.glob("lib/python3*/site-packages/codex_cli_bin/bin/codex"))
    return found[0] if found else None


class Codex:
    """One version of Codex, for one home folder."""

    def __init__(self, version, home):
        self.version, self.home = version, pathlib.Path(home)
        self.binary = install(version)

    @property
    def is_paginated(self):
        """Whether new threads are paginated; they are legacy in 0.133.0."""
        return version_number(self.version) >= (0, 153, 4)

    def environment(self):
        """The test's environment without anything that would point Codex elsewhere."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("CODEX_", "OPENAI_"))}
        return dict(kept, HOME=str(self.home), CODEX_HOME=str(self.home / ".codex"))

    def server(self):
        """A context manager: a running `codex app-server` on this home."""
        return AppServer(self)

    def exec(self, text, cwd):
        """One `codex exec` turn in `cwd`; returns the new thread's id."""
        command = [str(self.binary), "exec", "--json", "--skip-git-repo-check", text]
        done = subprocess.run(command, cwd=cwd, env=self.environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=CALL_SECONDS)
        for line in done.stdout.splitlines():
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("type") == "thread.started" and done.returncode == 0:
                return event["thread_id"]
        raise CodexError(f"{command} exited with {done.returncode}\n{done.stdout}\n{done.stderr[-3000:]}")


def version_number(text):
    return tuple(int(part) for part in text.split("."))


class AppServer:
    """A running `codex app-server`. One process, many calls; leaving the block ends it."""

    def __init__(self, codex):
        self.codex = codex
        self._number = 0
        self._messages = queue.Queue()
        self._errors = collections.deque(maxlen=200)
        self.turns = {}

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

    def begin_turn(self, thread_id, text):
        """Start a turn and return its id without waiting for its end."""
        answer = self.call("turn/start", threadId=thread_id, input=[{"type": "text", "text": text}])
        return answer["turn"]["id"]

    def finish_turn(self, turn_id, timeout=CALL_SECONDS):
        """Wait until the turn has ended, and require that it completed."""
        def ended(message):
            return message.get("method") == "turn/completed" and message["params"]["turn"]["id"] == turn_id
        turn = self._wait(ended, timeout, f"the end of turn {turn_id}")["params"]["turn"]
        if turn["status"] != "completed":
            raise CodexError(f"{self._name()}: the turn ended as {json.dumps(turn)}\n{self.stderr()}")
        return turn

    def turn(self, thread_id, text):
        """One whole turn."""
        return self.finish_turn(self.begin_turn(thread_id, text))

    def resume(self, thread_id, **params):
        """Open a thread; the answer holds cwd, approval policy and sandbox that Codex would work with."""
        return self.call("thread/resume", threadId=thread_id, **params)

    def fork(self, thread_id, **params):
        """Fork a thread; the new thread's id."""
        return self.call("thread/fork", threadId=thread_id, **params)["thread"]["id"]

    def read(self, thread_id):
        """The thread with its turns. Of a paginated thread, only what the last `resume` or turn has projected."""
        return self.call("thread/read", threadId=thread_id, includeTurns=True)["thread"]

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
