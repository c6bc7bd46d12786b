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

    def real(match):
        command = match[1].splitlines()[0]
        return f"{command}\n{shown[command]}" if command in shown else None

    wrong = []
    for path in documents():
        for match in BLOCK.finditer(path.read_text()):
            command = match[1].splitlines()[0]
            if real(match) is None:
                wrong.append(f"{path.relative_to(REPOSITORY)}: the demo does not run {command}")
            elif plain(real(match)) != plain(match[1]):
                wrong.append(f"{path.relative_to(REPOSITORY)}: {command} really prints\n{shown[command]}\n")
    if "--update" in sys.argv and wrong:
        # All of them: a reader follows one run from block to block.
        for path in documents():
            text = BLOCK.sub(lambda match: f"```text\n{real(match) or match[1]}\n```", path.read_text())
            if text != path.read_text():
                path.write_text(text)
        wrong = [complaint for complaint in wrong if "does not run" in complaint]
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
