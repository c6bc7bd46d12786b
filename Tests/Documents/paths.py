#!/usr/bin/env python3
"""Holds the tables and spellings of docs/paths.md against what the program makes of these folders.

    paths.py TOOL

The laptop's package of `make demo` is made one of a session that works in the folder on the left; what the program
says of it, with the options of the last column, is the folder on the right.
"""

import json
import re
import shlex
import shutil
import sys

from stage import REPOSITORY, Stage

PATH = re.compile(r"`((?:[A-Za-z]:[\\/]|[\\/])[^`]*)`")
HOME = re.compile(r"^(/Users/\w+|/home/\w+|[A-Z]:\\Users\\\w+)")


def home(path, otherwise):
    return HOME.match(path)[0] if HOME.match(path) else otherwise


def folder_here(stage, there, here, options):
    """Where a session that works in `there` is to work on a machine whose home folder is that of `here`."""
    package = stage.folder / "moved"
    shutil.copytree(stage.folder / "package", package)
    (package / "metadata/checksums.json").unlink()
    for path in filter(lambda path: path.suffix in (".json", ".jsonl"), package.rglob("*")):
        text = path.read_text()
        text = text.replace(f"{stage.folder}/laptop/work/shop", json.dumps(there)[1:-1])
        path.write_text(text.replace(f"{stage.folder}/laptop", json.dumps(home(there, "/root"))[1:-1]))
    report = stage.answer("inspect-package", package, "--codex-home", stage.folder / "empty", "--local-home",
                          home(here, "/home/somebody"), *options)
    shutil.rmtree(package)
    return report["sessions"][0]["cwd"] if "sessions" in report else report


def claims(text):
    """What the document says: a folder there, the folder here, the options that it takes."""
    for row in re.findall(r"^\|(.*)\|$", text, re.M):
        cells = row.split("|")
        options = shlex.split(" ".join(re.findall(r"`(--map [^`]*)`", cells[-1])))
        first = [found[0] for found in map(PATH.findall, cells[:2]) if found]
        paths = PATH.findall(row) if "→" in row else first
        if len(paths) == 2:
            yield *paths, options
            also = PATH.findall(cells[-1]) if "covered too" in cells[-1] else []
            yield from ((folder + r"\shop", paths[1], options) for folder in also)
    [stays] = re.findall(r"^\| 5 .*$", text, re.M)
    yield PATH.search(stays)[1], PATH.search(stays)[1], []
    [spellings] = re.findall(r"^One path has many spellings.*$", text, re.M)
    yield from ((spelling + "/shop", "/srv/shop", ["--map", r"C:\a=/srv"]) for spelling in PATH.findall(spellings))


def main():
    document = (REPOSITORY / "docs/paths.md").read_text()
    wrong, number = [], 0
    with Stage(sys.argv[1]) as stage:
        stage.answer("packup", "--all", "--output", stage.folder / "package", machine="laptop")
        (stage.folder / "empty").mkdir()
        shutil.copy(stage.folder / "laptop/.codex/config.toml", stage.folder / "empty")
        for there, here, options in claims(document):
            number += 1
            real = folder_here(stage, there, here, options)
            if real != {"incoming": there, "local": here}:
                wrong.append(f"docs/paths.md: {there} → {here} {' '.join(options)}\n  really: {real}")
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    print(f"{number} paths")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
