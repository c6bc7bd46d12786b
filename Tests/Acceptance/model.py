"""A loopback stand-in for the model API, enough for the real Codex to run whole turns offline.

Every `POST …/responses` is answered with one assistant message that echoes the last user text, so a test can tell
from the answer which question it belongs to. A user text `run: COMMAND` makes the stand-in ask for one shell call
first, so that tool records appear in the transcript; `spawn: TASK` makes it spawn a sub-agent that is asked `TASK`, and
`spawn with context: TASK` one that is given the conversation so far. A test can also hold one response back, to pack
in the middle of a turn.
"""

import contextlib
import http.server
import json
import threading
import uuid

HOLD_LIMIT_SECONDS = 120
BEFORE_ANSWER = "before_answer"
"""The tool call and its output are recorded; nothing of the final answer has been sent."""
AFTER_ANSWER = "after_answer"
"""The final answer's item has been sent; what closes the turn has not."""

SUB_AGENT_HEADER = "x-openai-subagent"
"""Sent by Codex (0.133.0 and 0.163.0) with the requests of sub-agents only."""


class Hold:
    """One response that waits: `reached` is set when it got there, `release()` lets it go on."""

    def __init__(self, stage, text):
        self.stage, self.text = stage, text
        self.reached, self._released = threading.Event(), threading.Event()

    def pause(self):
        """Called by the server thread at the stage."""
        self.reached.set()
        self._released.wait(HOLD_LIMIT_SECONDS)

    def wait(self, seconds=60):
        """Block until the response has reached its stage."""
        if not self.reached.wait(seconds):
            raise TimeoutError(f"the model was never asked for the answer to {self.text!r}")

    def release(self):
        self._released.set()


class ModelStandIn:
    """Context manager: serves on an ephemeral loopback port while it is open."""

    def __init__(self):
        self.requests = []
        self._holds = []
        self._lock = threading.Lock()
        self._agents_may_speak = threading.Event()
        self._agents_may_speak.set()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stand_in = self
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        for hold in self._holds:
            hold.release()
        self._agents_may_speak.set()
        self._server.shutdown()
        self._server.server_close()

    @contextlib.contextmanager
    def hold(self, text, stage=BEFORE_ANSWER):
        """Hold the final answer to the user text `text`; released at the latest when the block is left."""
        hold = Hold(stage, text)
        with self._lock:
            self._holds.append(hold)
        try:
            yield hold
        finally:
            hold.release()
            with self._lock:
                self._holds.remove(hold)

    @contextlib.contextmanager
    def hold_agents(self):
        """Sub-agents get no answer inside the block.

        One that ends within the turn which spawned it is told of in that turn, and the turn then has a second answer.
        """
        self._agents_may_speak.clear()
        try:
            yield
        finally:
            self._agents_may_speak.set()

    def wait_for_agents(self):
        """Called by the server thread before it answers a sub-agent."""
        self._agents_may_speak.wait(HOLD_LIMIT_SECONDS)

    def hold_for(self, text, stage):
        with self._lock:
            return next((hold for hold in self._holds if (hold.text, hold.stage) == (text, stage)), None)

    def note(self, request):
        with self._lock:
            self.requests.append(request)

    def texts_seen_with(self, last_text, roles=("developer", "user", "assistant")):
        """All message texts of the latest request that asked `last_text`: what Codex gave the model as context."""
        with self._lock:
            requests = list(self.requests)
        for request in reversed(requests):
            texts = [text for role, text in message_texts(request) if role in roles]
            if last_text in texts:
                return texts
        return []


def message_texts(request):
    """(role, text) of every message in a request to the model, in order."""
    for item in request.get("input", []):
        if item.get("type") == "message":
            for part in item.get("content", []):
                if "text" in part:
                    yield item.get("role"), part["text"]


CALLS = ("run: ", "spawn: ", "spawn with context: ")


def question_of(request):
    """The last user text, and whether a tool call that it asks for is still to be made.

    What Codex says in a user's name, such as `<subagent_notification>…`, is no question.
    """
    text, call_pending = "", False
    for item in request.get("input", []):
        kind = item.get("type", "")
        if kind == "message" and item.get("role") == "user":
            for part in item.get("content", []):
                said = part.get("text", "<")
                if not said.startswith("<"):
                    text, call_pending = said, said.startswith(CALLS)
        elif kind.endswith("_call_output") or kind == "agent_message":
            call_pending = False
    return text, call_pending


def tool_call(text, tools):
    """The tool call that a user text asks for; a shell call in the form of the one shell tool that Codex offers."""
    kind, _, rest = text.partition(": ")
    call = {"type": "function_call", "id": "fc_" + uuid.uuid4().hex, "call_id": "call_" + uuid.uuid4().hex}
    if kind == "run" and "exec_command" in tools:
        name, arguments = "exec_command", {"cmd": rest}
    elif kind == "run":
        name, arguments = "shell", {"command": ["sh", "-c", rest]}
    elif "collaboration" in tools:
        name, turns = "spawn_agent", "all" if kind == "spawn with context" else "none"
        arguments = {"task_name": rest.replace(" ", "_"), "message": rest, "fork_turns": turns}
        call["namespace"] = "collaboration"
    else:
        name, arguments = "spawn_agent", {"message": rest, "fork_context": kind == "spawn with context"}
        call["namespace"] = "multi_agent_v1"
    return dict(call, name=name, arguments=json.dumps(arguments))


def answer_to(text):
    """The assistant text that the stand-in gives to a user text."""
    return "Echo: " + text[:200]


def answer_message(text):
    return {"type": "message", "id": "msg_" + uuid.uuid4().hex, "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": answer_to(text), "annotations": []}]}


def usage():
    return {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 120}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Quiet: the test's own report says what went wrong."""

    def do_GET(self):
        body = json.dumps({"object": "list", "data": [], "models": []}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        stand_in = self.server.stand_in
        request = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        stand_in.note(request)
        if self.headers.get(SUB_AGENT_HEADER):
            stand_in.wait_for_agents()
        text, call_pending = question_of(request)
        tools = {tool.get("name") for tool in request.get("tools", [])}
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            response = "resp_" + uuid.uuid4().hex
            if not call_pending:
                self._pause(text, BEFORE_ANSWER)
            self._event("response.created", response={"id": response})
            item = tool_call(text, tools) if call_pending else answer_message(text)
            self._event("response.output_item.done", output_index=0, item=item)
            if not call_pending:
                self._pause(text, AFTER_ANSWER)
            self._event("response.completed",
                        response={"id": response, "status": "completed", "output": [], "usage": usage()})
        self.close_connection = True

    def _pause(self, text, stage):
        hold = self.server.stand_in.hold_for(text, stage)
        if hold:
            hold.pause()

    def _event(self, kind, **fields):
        self.wfile.write(f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode())
        self.wfile.flush()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
