#!/usr/bin/env python3
"""Holds documents against the repository: every relative link leads somewhere, every source file that is named is there,
every error code is explained, and the translated README has the shape of the other."""

import re
import subprocess
import sys

from stage import REPOSITORY, documents

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r'(?:code: |refused\(|databaseBusy = )"([a-z_]+)"')


def anchor(heading):
    """The anchor that a heading gets: lower case, spaces as hyphens, no punctuation."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S)
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.M)}


def broken_links(document):
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.M | re.S)
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists():
            yield f"{document.relative_to(REPOSITORY)}: nothing is at {link}"
        elif fragment and target.suffix == ".md" and fragment not in anchors(target):
            yield f"{document.relative_to(REPOSITORY)}: no such heading: {link}"


def missing_sources():
    """Swift files that documents name and that are not there, by the end of their path."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.swift"], cwd=REPOSITORY,
                            capture_output=True, text=True, check=True)
    known = ["/" + name for name in listed.stdout.split() if (REPOSITORY / name).exists()]
    for document in documents():
        for name in re.findall(r"`([\w+/-]+\.swift)`", document.read_text()):
            if not any(path.endswith("/" + name) for path in known):
                yield f"{document.relative_to(REPOSITORY)}: there is no {name}"


def unexplained_codes():
    sources = (REPOSITORY / "Sources/codex-session-sync").rglob("*.swift")
    codes = {code for source in sources for code in CODE.findall(source.read_text())}
    for name in ("docs/troubleshooting.md", "skills/codex-session-sync/references/messages.md"):
        explained = (REPOSITORY / name).read_text()
        yield from (f"{name}: nothing of `{code}`" for code in sorted(codes) if f"`{code}`" not in explained)


def shape(path):
    """What a translation has in common with its original: levels of headings, blocks, tables, links, code."""
    text = path.read_text()
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return {
        "headings": re.findall(r"^#+(?= )", prose, re.M),
        "blocks": re.findall(r"^```.*?^```", text, re.M | re.S),
        "rows of tables": [line.count("|") for line in prose.splitlines() if line.startswith("|")],
        "links": sorted(link for link in LINK.findall(prose) if not link.startswith("README")),
        "code": sorted(re.findall(r"`[^`]+`", prose)),
    }


def differences_of_translation():
    original, translation = (shape(REPOSITORY / name) for name in ("README.md", "README.zh-CN.md"))
    return (f"README.zh-CN.md: other {part} than README.md" for part in original if original[part] != translation[part])


def main():
    wrong = [*differences_of_translation()]
    wrong += [problem for document in documents() for problem in broken_links(document)]
    wrong += [*missing_sources(), *unexplained_codes()]
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
