#!/usr/bin/env python3
"""Holds the examples of docs/formats.md, and what docs/library-example.md prints, against real ones, made on the stage
of `make demo`.

    examples.py TOOL [--update]

What differs from run to run (ids, digests of files and plans, times, sizes, the temporary folder) is not compared, nor
where lines of one object end. Keys, their order and every other value are. With `--update` examples are written anew.
"""

import json
import pathlib
import re
import shutil
import sqlite3
import sys

from stage import NOTES, REPOSITORY, TALK, Stage, plain

sys.path.append(str(REPOSITORY / "Benchmarks"))
import data  # noqa: E402: the benchmarks' schema of a catalogue

BLOCK = re.compile(r"^```json\n(.*?)\n```$", re.M | re.S)
LIBRARY = re.compile(r"(?<=^```text\n)(\$ swift run inspect-example .*?)\n(.*?)(?=\n```$)", re.M | re.S)
OPERATIONS = ("make_folder", "remove_folder", "place_file", "take_file", "append", "cut", "move_file", "add_line",
              "drop_line", "row", "forget_derived")
WIDTH = 118


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def spread(value, depth=1):
    """One value over lines: what fits into a line stands in one."""
    if len(compact(value)) + depth <= WIDTH or not isinstance(value, (dict, list)):
        return compact(value)
    members = [f"{compact(key)}:{spread(value[key], depth + 1)}" for key in value] if isinstance(value, dict) \
        else [spread(member, depth + 1) for member in value]
    text = "{" if isinstance(value, dict) else "["
    for index, member in enumerate(members):
        column = len(text) - text.rfind("\n")
        if index and ("\n" in member or column + len(member) > WIDTH):
            text += "\n" + " " * depth
        text += member + ("," if index + 1 < len(members) else "}" if isinstance(value, dict) else "]")
    return text


def lines(path):
    return pathlib.Path(path).read_text().splitlines()


def transactions(stage):
    """The folders of the desktop's transactions, the oldest first."""
    return sorted((stage.folder / "desktop/.codex/session-sync/journal").glob("*-*-*-*-*"))


def operations(stage):
    found = (line for folder in transactions(stage) for line in lines(folder / "operations.jsonl"))
    return [(json.loads(line), line) for line in found]


def with_catalogue(stage):
    """The desktop from its beginning once more, with a catalogue; then everything is undone."""
    home, laptop = stage.folder / "desktop/.codex", stage.folder / "laptop/.codex"
    shutil.rmtree(home)
    home.mkdir()
    shutil.copy(laptop / "config.toml", home)
    with sqlite3.connect(home / "state_5.sqlite") as database:
        database.executescript(data.schema("state"))
        database.execute("INSERT INTO _sqlx_migrations VALUES (61, '', '', 1, x'00', 0)")
    database.close()
    [talk] = laptop.rglob(f"rollout-*-{TALK}.jsonl")
    (laptop / "archived_sessions").mkdir()
    talk.rename(laptop / "archived_sessions" / talk.name)
    stage.answer("packup", "--all", "--output", stage.folder / "archived", machine="laptop")
    for package in ("monday.tar.zst", "tuesday.tar.zst", "archived"):
        stage.answer("sync", stage.folder / package, "--execute")
    for _ in range(3):
        stage.answer("rollback", "--latest", "--execute")


def examples(stage):
    """The texts that docs/formats.md shows, in its order."""
    desktop = stage.folder / "desktop/.codex"
    tuesday = transactions(stage)[1]
    package = stage.folder / "package"
    stage.answer("packup", "--all", "--output", package, machine="laptop")
    [packed] = package.glob(f"sessions/*-{TALK}.jsonl")
    checksums = json.loads((package / "metadata/checksums.json").read_text())
    shown = ("metadata/threads.jsonl", f"sessions/{packed.name}")
    checksums["files"] = {name: value for name, value in checksums["files"].items() if name in shown}
    lineage = json.loads((package / "metadata/lineage.json").read_text())
    del lineage["threads"][NOTES]
    inspected = stage.answer("inspect-package", stage.folder / "wednesday.tar.zst")
    failed = stage.answer("inspect-package", stage.folder / "nothere.zip")

    [talk] = desktop.rglob(f"rollout-*-{TALK}.jsonl")
    settings = [line for line in lines(talk) if '"thread_settings_applied"' in line][-1]
    branched = stage.answer("sync", stage.folder / "wednesday.tar.zst", "--execute")["sessions"][0]["local_thread_id"]
    [branch] = desktop.rglob(f"rollout-*-{branched}.jsonl")
    marker = json.loads(lines(branch)[0])["payload"]["codex_session_sync"]
    manifest, notes = json.loads((tuesday / "manifest.json").read_text()), (tuesday / "notes.json").read_text().strip()

    played = operations(stage)
    with_catalogue(stage)
    played = operations(stage) + played
    chosen = [next(line for operation, line in played
                   if operation["op"] == name and (name != "row" or operation["before"] and operation["after"]))
              for name in OPERATIONS]
    texts = [stage.short(text) for text in (
        compact(manifest), notes, "\n".join(chosen), settings, f'"codex_session_sync":{compact(marker)}',
        (package / "package_manifest.json").read_text().strip(), compact(checksums), compact(lineage),
        lines(packed)[2], compact(inspected), compact(failed),
    )]
    texts[0], texts[9] = spread(json.loads(texts[0])), spread(json.loads(texts[9]))
    return texts, inspected


def printed(report):
    """What the program of docs/library-example.md prints of a plan."""
    sessions = ((session["title"], session["classification"], session["action"], session["history"]["common"])
                for session in report["sessions"])
    return "\n".join([*(" ".join(map(str, session)) for session in sessions), report["plan_digest"]])


def main():
    with Stage(sys.argv[1]) as stage:
        real, inspected = examples(stage)
    update, wrong = "--update" in sys.argv, []

    def hold(path, pattern, texts):
        document = (REPOSITORY / path).read_text()
        found = [match[match.lastindex] for match in pattern.finditer(document)]
        if len(found) != len(texts):
            return wrong.append(f"{path}: {len(found)} examples, and {len(texts)} that are looked for")
        for shown, text in zip(found, texts):
            if plain(re.sub(r"\n *", "", shown)) != plain(re.sub(r"\n *", "", text)):
                document = document.replace(shown, text)
                if not update:
                    wrong.append(f"{path}: shows\n{shown}\nand really it is\n{text}\n")
        if update:
            (REPOSITORY / path).write_text(document)

    hold("docs/formats.md", BLOCK, real)
    hold("docs/library-example.md", LIBRARY, [printed(inspected)])
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
