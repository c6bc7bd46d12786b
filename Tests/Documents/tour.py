#!/usr/bin/env python3
"""Holds what documents show against what `make demo` prints: each block that begins with `$ codex-session-sync`.

    tour.py TOOL [--update]

What differs from run to run (ids of transactions, digests, times, the temporary folder) is not compared. With
`--update` the blocks are written anew.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "README.zh-CN.md")
THREADS = ("01a20505-323f-76a3-b4ba-262d7472f4a5", "01a20505-8c11-7d42-9e0b-5b1f4f7d20c3",
           "01a2027c-0d30-70fb-9836-1a4a0957e08b")
BLOCK = re.compile(r"^```text\n(\$ codex-session-sync .*?)\n```$", re.M | re.S)
CHANGING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), lambda id: id[0] if id[0] in THREADS else "<id>"),
    (re.compile(r"\(branch from [^)]*\)"), lambda _: "(branch from <machine>)"),
    (re.compile(r"sha256:[0-9a-f]{64}"), lambda _: "<digest>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d"), lambda _: "<time>"),
    (re.compile(r"(?<= )\d+[mhdwy](?= |$|,)", re.M), lambda _: "<age>"),
    (re.compile(r" +"), lambda _: " "),
)


def demo(tool):
    """What the demo shows: command → output, its folder shortened."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([REPOSITORY / "Scripts/demo", tool], env={"PATH": "/usr/bin:/bin", "TMPDIR": folder},
                              capture_output=True, text=True)
        shutil.rmtree(folder, ignore_errors=True)
        pathlib.Path(folder).mkdir()
    if done.returncode:
        raise SystemExit(f"the demo fails:\n{done.stdout}{done.stderr}")
    text = re.sub(re.escape(folder) + r"/codex-session-sync-demo\.\w+", "…", done.stdout)
    shown, command = {}, None
    for line in text.splitlines():
        if line.startswith("  $ "):
            command = line.strip()
            shown[command] = []
        elif line.startswith("  | ") and command:
            shown[command].append(line[4:])
        elif line.strip() != "|":
            command = None
        elif command:
            shown[command].append("")
    return {command: "\n".join(lines).rstrip() for command, lines in shown.items()}


def plain(text):
    """A text without what differs from run to run."""
    for pattern, replacement in CHANGING:
        text = pattern.sub(replacement, text)
    return [line.rstrip() for line in text.splitlines()]


def main():
    shown = demo(pathlib.Path(sys.argv[1]).absolute())
    update, wrong = "--update" in sys.argv, []
    for name in DOCUMENTS:
        path = REPOSITORY / name

        def check(match):
            command = match[1].splitlines()[0]
            if command not in shown:
                wrong.append(f"{name}: the demo does not run {command}")
                return match[0]
            real = f"{command}\n{shown[command]}"
            if plain(real) == plain(match[1]):
                return match[0]
            if not update:
                wrong.append(f"{name}: {command} really prints\n{shown[command]}\n")
            return f"```text\n{real}\n```"

        text = BLOCK.sub(check, path.read_text())
        if update:
            path.write_text(text)
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
