"""What the scripts beside this share: the documents, and the stage of `make demo`, to go on with.

What differs from run to run (ids, digests of files, times, sizes, the temporary folder) is not compared by `plain`.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TALK, NOTES = "01a20505-323f-76a3-b4ba-262d7472f4a5", "01a20505-8c11-7d42-9e0b-5b1f4f7d20c3"
BRANCH = "01a2027c-0d30-70fb-9836-1a4a0957e08b"
FENCE = re.compile(r"^```(\w*)\n(.*?)\n?```$", re.M | re.S)
CHANGING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
     lambda id: id[0] if id[0] in (TALK, NOTES, BRANCH) else "<id>"),
    (re.compile(r"\(branch from [^)]*\)"), lambda _: "(branch from <machine>)"),
    (re.compile(r'"machine":"[^"]*"'), lambda _: '"machine":"<machine>"'),
    (re.compile(r'(sha256:|sha256":")[0-9a-f]{64}'), lambda _: "<digest>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:[\d.]+Z)?"),
     lambda time: time[0] if "2026-11-22T09" in time[0] else "<time>"),
    (re.compile(r'"(size|start|bytes|bytes_written)":\d+'), lambda number: f'"{number[1]}":<bytes>'),
    (re.compile(r"\[\d+,\d+,\d+,"), lambda _: "[<bytes>,<bytes>,<bytes>,"),
    (re.compile(r"(?<= )\d+[mhdwy](?= |$|,)", re.M), lambda _: "<age>"),
    (re.compile(r" +"), lambda _: " "),
)


def documents():
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [REPOSITORY / name for name in listed.stdout.split()]


def plain(text):
    """A text without what differs from run to run."""
    for pattern, replacement in CHANGING:
        text = pattern.sub(replacement, text)
    return [line.rstrip() for line in text.splitlines()]


class Stage:
    """The demo's stage, as the demo leaves it: `told` is what it printed. Removed at the end."""

    def __init__(self, tool):
        self.tool = pathlib.Path(tool).absolute()

    def __enter__(self):
        self._temporary = pathlib.Path(tempfile.mkdtemp()).resolve()
        done = subprocess.run([REPOSITORY / "Scripts/demo", self.tool], capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "TMPDIR": str(self._temporary)})
        if done.returncode:
            raise SystemExit(f"the demo fails:\n{done.stdout}{done.stderr}")
        [self.folder] = self._temporary.glob("codex-session-sync-demo.*")
        self.told = self.short(done.stdout)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self._temporary)

    def short(self, text):
        return text.replace(str(self.folder), "…")

    def keep(self):
        """Notes how all stands now, for `put_back`."""
        self._kept = self._temporary / "kept"
        shutil.copytree(self.folder, self._kept, symlinks=True)

    def put_back(self):
        shutil.rmtree(self.folder)
        shutil.copytree(self._kept, self.folder, symlinks=True)

    def shell(self, script, machine="desktop", path=()):
        """Runs a script on a machine, in its home folder, with the program on the PATH."""
        programs = self._temporary / "bin"
        programs.mkdir(exist_ok=True)
        if not (programs / "codex-session-sync").exists():
            (programs / "codex-session-sync").symlink_to(self.tool)
        home = self.folder / machine
        search = os.pathsep.join([str(programs), *path, "/usr/local/bin", "/usr/bin", "/bin"])
        return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=home, capture_output=True, text=True,
                              env={"PATH": search, "HOME": str(home), "LANG": "C.UTF-8"})

    def answer(self, *arguments, machine="desktop"):
        """What the program answers with `--json`, whatever the exit code."""
        home = self.folder / machine
        done = subprocess.run([self.tool, *map(str, arguments), "--json"], cwd=self.folder, capture_output=True,
                              text=True, env={"PATH": "/usr/bin:/bin", "HOME": str(home)})
        return json.loads(done.stdout)
