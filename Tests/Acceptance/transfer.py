"""The form of the transfer tool that our packages are to be interchangeable with: what it packs, what it installs.

Its installed base is what a newcomer to this program has at home, so both halves are followed to the letter: a package
without any of our additive files, and a home in which every line was parsed and written anew.
"""

import contextlib
import datetime
import json
import pathlib
import shutil
import sqlite3
import uuid

WINDOWS_HOME = "C:\\Users\\me"
VERBATIM = "\\\\?\\"
"""The prefix by which Windows programs, Codex among them, mark a path that is to be taken as it is."""

ROW_COLUMNS = """
    id rollout_path created_at updated_at source model_provider cwd title sandbox_policy approval_mode tokens_used
    has_user_event archived archived_at git_sha git_branch git_origin_url cli_version first_user_message
    agent_nickname agent_role memory_mode model reasoning_effort agent_path""".split()
"""The columns of `threads` that the installer knows; newer ones (`preview`, `history_mode`) keep their defaults."""
TOOL_COLUMNS = "thread_id position name description input_schema defer_loading".split()


def pack(machine, output, from_windows=False, only=None):
    """Write a package of every session whose cwd is the machine's project, as a folder; returns the folder.

    With `from_windows`, as if the same sessions lay in `Documents` on a Windows machine. With `only`, of that one
    session; the tool itself can choose by cwd only.
    """
    output = pathlib.Path(output)
    for name in ("metadata", "sessions", "skills", "skeleton"):
        (output / name).mkdir(parents=True)
    rows, tools = _rows_of_project(machine, only)
    names = _index(machine.codex_home / "session_index.jsonl")
    index = [names.get(row["id"]) or {"id": row["id"], "thread_name": row["title"],
                                      "updated_at": _timestamp(row["updated_at"])} for row in rows]
    cwd = _windows_path(machine, machine.project) if from_windows else str(machine.project)
    for row in rows:
        source = pathlib.Path(row["rollout_path"])
        target = output / "sessions" / source.name
        shutil.copy2(source, target)
        if from_windows:
            plain = json.dumps(str(machine.project))[1:-1].encode()
            target.write_bytes(target.read_bytes().replace(plain, json.dumps(cwd)[1:-1].encode()))
            row.update(cwd=VERBATIM + cwd, rollout_path=VERBATIM + _windows_path(machine, source))
    folders = [cwd] if rows else []
    _write_json(output / "package_manifest.json", {
        "format_version": 1, "package_kind": "session-skill-package", "minimum_working_set_only": True,
        "cwd_filter": cwd, "thread_ids": sorted(row["id"] for row in rows), "skills_included": [],
        "deferred_components": ["logs_1.sqlite", "state_5.sqlite.logs", "state_5.sqlite.stage1_outputs",
                                ".codex-global-state.json"],
        "preferred_installer_skill": "codex-session-transfer"})
    _write_lines(output / "metadata/threads.jsonl", rows)
    _write_lines(output / "metadata/session_index.jsonl", index)
    _write_lines(output / "metadata/thread_dynamic_tools.jsonl", tools)
    _write_json(output / "metadata/path_localization.json", {
        "rule": "replace path prefix before \\\\Documents with your local home path on the machine performing the "
                "install",
        "examples": folders})
    _write_json(output / "skeleton/required-directories.json", folders)
    (output / "README.md").write_text("# Session Skill Package\n")
    (output / "INSTALL_REMOTE.md").write_text("# Install This Package on Your Machine\n")
    return output


def leave_out(package, *thread_ids):
    """Take sessions out of a package again: what a sender did who chose by hand."""
    for name in ("threads", "session_index"):
        rows = _lines(package / f"metadata/{name}.jsonl")
        _write_lines(package / f"metadata/{name}.jsonl", [row for row in rows if row["id"] not in thread_ids])
    for path in (package / "sessions").iterdir():
        if any(thread_id in path.name for thread_id in thread_ids):
            path.unlink()
    manifest = json.loads((package / "package_manifest.json").read_text())
    manifest["thread_ids"] = [thread_id for thread_id in manifest["thread_ids"] if thread_id not in thread_ids]
    _write_json(package / "package_manifest.json", manifest)


def install(package, machine):
    """Do to the machine's home what the transfer tool's installer does with a package; returns its transaction id."""
    package, codex_home = pathlib.Path(package), machine.codex_home
    transaction, folder = _begin_journal(package, machine)
    rows = []
    for row in _lines(package / "metadata/threads.jsonl"):
        source_name = row["rollout_path"].replace("\\", "/").rpartition("/")[2]
        target = _target_rollout(codex_home, row["rollout_path"])
        cwd = _local_cwd(row["cwd"], machine.home)
        sandbox = dict(json.loads(row["sandbox_policy"]), writable_roots=[cwd])
        rows.append(dict(row, cwd=cwd, rollout_path=str(target),
                         sandbox_policy=json.dumps(sandbox, ensure_ascii=False, separators=(",", ":"))))
        target.parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(cwd).mkdir(parents=True, exist_ok=True)
        text = (package / "sessions" / source_name).read_text(encoding="utf-8")
        target.write_text(_rewritten(text, cwd), encoding="utf-8")
    tools = _lines(package / "metadata/thread_dynamic_tools.jsonl")
    with contextlib.closing(sqlite3.connect(codex_home / "state_5.sqlite")) as connection, connection:
        for table, columns, values in (("threads", ROW_COLUMNS, rows), ("thread_dynamic_tools", TOOL_COLUMNS, tools)):
            marks = ",".join("?" * len(columns))
            connection.executemany(f"INSERT OR REPLACE INTO {table} ({','.join(columns)}) VALUES ({marks})",
                                   [[row.get(column) for column in columns] for row in values])
    index = _index(codex_home / "session_index.jsonl")
    index.update({row["id"]: row for row in _lines(package / "metadata/session_index.jsonl")})
    _write_lines(codex_home / "session_index.jsonl", index.values())
    transaction.update(status="completed", completed_at=_timestamp())
    _write_json(folder / "manifest.json", transaction)
    return transaction["transaction_id"]


def _rows_of_project(machine, only):
    with contextlib.closing(sqlite3.connect(machine.codex_home / "state_5.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM threads")
                if row["cwd"] == str(machine.project) and only in (None, row["id"])]
        ids = {row["id"] for row in rows}
        tools = [dict(row) for row in connection.execute("SELECT * FROM thread_dynamic_tools")]
    return rows, [row for row in tools if row["thread_id"] in ids]


def _windows_path(machine, path):
    return WINDOWS_HOME + "\\" + str(pathlib.Path(path).relative_to(machine.home)).replace("/", "\\")


def _local_cwd(cwd, home):
    """Only a Windows path with `Documents` in it is rewritten; any other is kept."""
    cwd = cwd.removeprefix(VERBATIM)
    _, found, rest = cwd.partition("\\Documents\\")
    return str(pathlib.Path(home, "Documents", *rest.split("\\"))) if found else cwd


def _target_rollout(codex_home, rollout_path):
    path = rollout_path.replace("\\", "/")
    at = path.lower().find("/sessions/")
    if at < 0:
        return codex_home / "sessions/imported" / path.rpartition("/")[2]
    return codex_home / "sessions" / path[at + len("/sessions/"):]


def _rewritten(text, cwd):
    """Every line parsed and written anew with Python's separators, three kinds of path slot rewritten on the way."""
    lines = []
    for line in text.splitlines():
        record = json.loads(line)
        kind, payload = record.get("type"), record.get("payload")
        if kind in ("session_meta", "turn_context"):
            payload["cwd"] = cwd
        if kind == "turn_context" and isinstance(payload.get("sandbox_policy"), dict):
            payload["sandbox_policy"]["writable_roots"] = [cwd]
        if kind == "response_item" and (payload.get("type"), payload.get("role")) == ("message", "user"):
            for part in payload.get("content", []):
                start, end = (part.get("text") or "").find("<cwd>"), (part.get("text") or "").find("</cwd>")
                if start >= 0 and end > start + len("<cwd>"):
                    part["text"] = part["text"][:start] + "<cwd>" + cwd + part["text"][end:]
        lines.append(json.dumps(record, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def _begin_journal(package, machine):
    """The installer's own journal; its operations name what a rollback of its own would restore or remove."""
    rollouts = [_target_rollout(machine.codex_home, row["rollout_path"])
                for row in _lines(package / "metadata/threads.jsonl")]
    transaction = {"transaction_id": str(uuid.uuid4()), "created_at": _timestamp(), "status": "prepared",
                   "package_root": str(package), "codex_home": str(machine.codex_home),
                   "remote_home": str(machine.home),
                   "plan_summary": {"sessions": len(rollouts), "skills": 0, "directories": 1}}
    folder = machine.codex_home / "transfer-journal" / transaction["transaction_id"]
    operations = []
    for name in ("state_5.sqlite", "state_5.sqlite-wal", "state_5.sqlite-shm", "session_index.jsonl"):
        target, backup = machine.codex_home / name, folder / "backups/codex-home" / name
        backup.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.copy2(target, backup)
            operations.append({"op": "restore_file", "target": str(target), "backup": str(backup)})
        else:
            operations.append({"op": "remove_created_file", "target": str(target)})
    operations += [{"op": "remove_created_file", "target": str(target)} for target in rollouts]
    _write_json(folder / "manifest.json", transaction)
    _write_lines(folder / "operations.jsonl", operations)
    return transaction, folder


def _index(path):
    return {row["id"]: row for row in _lines(path)}


def _lines(path):
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _write_lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2), encoding="utf-8")


def _timestamp(seconds=None):
    utc = datetime.timezone.utc
    moment = datetime.datetime.now(utc) if seconds is None else datetime.datetime.fromtimestamp(seconds, utc)
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
