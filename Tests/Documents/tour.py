#!/usr/bin/env python3
"""Holds what documents show against what `make demo` prints: each block that begins with `$ codex-session-sync`.

    tour.py TOOL [--update]

What differs from run to run (ids of transactions, digests, times, the temporary folder) is not compared. With
`--update` the blocks are written anew.
"""

import re
import sys

from stage import REPOSITORY, Stage, documents, plain

BLOCK = re.compile(r"^```text\n(\$ codex-session-sync .*?)\n```$", re.M | re.S)


def demo(tool):
    """What the demo shows: command → output, its folder shortened."""
    with Stage(tool) as stage:
        told = stage.told
    shown, command = {}, None
    for line in told.splitlines():
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


def main():
    shown = demo(sys.argv[1])
    update, wrong = "--update" in sys.argv, []
    for path in documents():
        name = path.relative_to(REPOSITORY)

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
        if update and text != path.read_text():
            path.write_text(text)
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
