#!/usr/bin/env python3
"""Runs what documents tell people to run: every command line in every document, and in the examples of `--help`.

    commands.py TOOL [--verbose]

The program's commands are run on the stage of `make demo`, each on the stage as it was; blocks of shell lines whole,
one after another. A command that prose only mentions (`sync --execute`, `--map FROM=TO`) is completed first, an option
alone is tried with each command that has it. Targets of `make` are tried with `make -n`, scripts must be there.
What else looks like a command has to be named here: other programs in `FOREIGN`, what is no command in `PHRASES`.
"""

import collections
import json
import os
import re
import shlex
import subprocess
import sys

from stage import FENCE, REPOSITORY, TALK, Stage, documents

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PACKAGE = "~/Sessions/laptop.tar.zst"
# What stands for something in documents → what it is on the stage.
VALUES = (
    (r"\[(<[^\]]*)\]", r"\1"),
    (r" …(?= |$)|(?<=[A-Z])…", ""),
    (r"<this skill's folder>", f"{REPOSITORY}/skills/codex-session-sync"),
    (r"sha256:…|(?<!\$)\bDIGEST\b|<digest>", "$DIGEST"),
    (rf"((?:--transaction-id|show-transaction|rollback) )(?:ID\b|<id>|{UUID})", r"\1$TRANSACTION"),
    (r"\bID\b|<id>", TALK),
    (r"\bPATH\b|<package>|<this package>", PACKAGE),
    (r"(?<=--codex-home )<dir>", "~/.codex"),
    (r"(?<=-home )<dir>", "~"),
    (r"\bDIR\b|<dir>", "~/work/shop"),
    (r"<path>|\bNAME(?=\.)", "new"),
    (r"/media/stick", "~/stick"),
    (r"\bFROM=TO\b|<from=to>", "/srv/work=/home/bob/work"),
    (r"\bDATE\b|<date>", "2026-11-20"),
    (r"\bWHEN\b|<when>", "7d"),
    (r"\bSECONDS\b|<seconds>", "1"),
    (r"<days>|<limit>", "90"),
    (r"<title>", "Monday"),
    (r"<skills>", "missing"),
    (r"<on-collision>", "import"),
)
# What a command needs that prose leaves out: where none of the first is in it, the second is added.
NEEDED = {
    "packup": [(("--output",), "--output new.tar.zst"), (("--cwd", "--thread", "--all"), "--all")],
    "rollback": [(("--latest", "--transaction-id", "$TRANSACTION"), "--latest")],
    "gc": [(("--older-than",), "--older-than 90")],
    "inspect-package": [((), PACKAGE)],
    "sync": [((), PACKAGE)],
    "show-transaction": [((), "$TRANSACTION")],
}
# What must have happened before a command has something to do.
BEFORE = {"rollback": f"sync {PACKAGE} --execute"}
FOREIGN = (
    "age -p", "chattr -i", "codex app-server", "codex doctor", "codex exec", "codex migrate-rollouts", "codex resume",
    "git ls-files", "git tag -a", "gpg -c", "kill -9", "kill PID", "perf record", "rclone copy", "sudo codex", "swift build", "swift run inspect-example",
    "swift test", "--configuration release", "--static-swift-stdlib",
)
# No commands, and nothing of this repository.
PHRASES = (
    " (branch from X)", " (from X)", "CPU ×", "Place files across file systems", "[first, last, shift, ordinal_shift]",
    "another machine", "base_of: <thread>", "holds_work_of: <thread>", "incoming - common", "local - common",
    "new thread, catalogue without WAL", "recover, …", "rollback of two at once",
)
# Made from mistakes that a test makes with the program.
MISTAKES = "skills/codex-session-sync/references/messages.md"
PLACES = re.compile(r"^(?:\.ci|Benchmarks|Fuzz|Scripts|Sources|Tests|docs|skills/codex-session-sync)/")
Line = collections.namedtuple("Line", "document text")


def real(text):
    """A command with values of the stage."""
    for pattern, value in VALUES:
        text = re.sub(pattern, value, text)
    return text


class Commands:
    """The program's commands, as it says itself: name → option → whether and which value it takes."""

    def __init__(self, tool):
        told = json.loads(subprocess.run([tool, "--experimental-dump-help"], capture_output=True, check=True).stdout)
        self.all = [command for command in told["command"]["subcommands"] if command["commandName"] != "help"]
        self.options = {
            command["commandName"]: {
                "--" + name["name"]: argument["valueName"] if argument["kind"] == "option" else None
                for argument in command["arguments"] for name in argument.get("names", ()) if name["kind"] == "long"
            } for command in self.all
        }

    def examples(self):
        for command in self.all:
            for line in re.findall(r"^ +(codex-session-sync .*)$", command["discussion"], re.M):
                yield Line(f"{command['commandName']} --help", line)

    def complete(self, words):
        """A command that was only mentioned, with what else it needs."""
        name, *rest = words
        options = self.options[name]
        if rest and (value := options.get(rest[-1])):
            rest.append(real(f"<{value}>"))
        valued = [False] + [options.get(word) is not None for word in rest]
        arguments = [word for word, is_value in zip(rest, valued) if not is_value and not word.startswith("--")]
        for alternatives, addition in NEEDED.get(name, ()):
            if not (set(alternatives) & set(rest) if alternatives else arguments):
                rest.insert(0, addition)
        return " ".join([name, *rest])

    def mentioned(self, text):
        """The commands that a mention stands for."""
        words = re.findall(r"'[^']*'|\S+", real(text))
        if words[0] == "COMMAND":
            return [text.replace("COMMAND", name) for name in self.options]
        if words[0] in self.options:
            return [self.complete(words)]
        found = []
        for name, options in self.options.items():
            if words[0].startswith("--") and all(word in options for word in words if word.startswith("--")):
                value = options[words[0]] if len(words) == 1 else None
                given = real(f"{text} <{value}>").split() if value else words
                found.append(self.complete([name, *given]))
        return found or [text]


class Checks:
    def __init__(self, stage, commands, verbose):
        self.stage, self.commands, self.verbose = stage, commands, verbose
        self.wrong, self.seen = [], collections.Counter()
        self.done = set()

    def complain(self, document, text, reason):
        self.wrong.append(f"{document}: {text}\n  {reason}")

    def script(self, document, script, shown, machine="desktop", before=""):
        """Runs shell lines; none of them may fail."""
        script = real(script)
        if self.verbose:
            print(f"{document}: {script}")
        newest = 'grep -o \'"transaction_id":"[^"]*","status":"committed"\' | head -1 | cut -d\'"\' -f4'
        prelude = f"codex-session-sync {before} >/dev/null\n" if before else ""
        if "$DIGEST" in script:
            prelude += f"DIGEST=$(codex-session-sync inspect-package {PACKAGE} --json | grep -o 'sha256:[0-9a-f]*')\n"
        if "$TRANSACTION" in script:
            prelude += f"TRANSACTION=$(codex-session-sync list-transactions --json | {newest})\n"
        for package in re.findall(r"(?:inspect-package|sync) (~/[\w./]+)", script):
            prelude += f"[ -e {package} ] || cp {PACKAGE} {package}\n"
        done = self.stage.shell(prelude + script, machine)
        if done.returncode:
            self.complain(document, shown, f"exit code {done.returncode}: {done.stdout[-200:]}{done.stderr.strip()}")
        return done.stdout

    def tool(self, line, text):
        """Runs one command of the program on the stage as it was, and leaves the stage so."""
        self.seen["commands of the program"] += 1
        text = real(text)
        if text not in self.done:
            self.done.add(text)
            self.seen["of them run, each once"] += 1
            before = BEFORE.get(text.split()[0], "")
            self.script(line.document, "codex-session-sync " + text, line.text, before=before)
            if before or "--execute" in text or text.startswith(("packup", "recover")):
                self.stage.put_back()

    def make(self, line, words):
        self.seen["commands of make"] += 1
        makefile = (REPOSITORY / "Makefile").read_text()
        words = [re.sub("…|(?<==).*", "x", word) if "=" in word else word for word in words]
        for name in (word.split("=")[0] for word in words if "=" in word):
            if not re.search(rf"^[^#\n].*## .*\b{name}\b", makefile, re.M):
                self.complain(line.document, line.text, f"`make help` does not tell of {name}")
        if "make" in words:
            done = subprocess.run(["make", "-n", *[word for word in words if word != "make"]], cwd=REPOSITORY,
                                  capture_output=True, text=True, env={"PATH": os.environ["PATH"], "HOME": "/"})
            if done.returncode:
                self.complain(line.document, line.text, done.stderr.strip())

    def line(self, line, inline):
        """One line of a block, or inline code."""
        text = re.sub(r"\s+# .*", "", line.text).strip()
        if line.text in PHRASES:
            return
        words = text.split()
        place = next((word for word in words[:2] if PLACES.match(word)), None)
        if words[0] == "codex-session-sync" and len(words) > 1:
            for command in self.commands.mentioned(text.split(" ", 1)[1]) if inline else [text.split(" ", 1)[1]]:
                self.tool(line, command)
        elif text.startswith(FOREIGN):
            self.seen["commands of other programs, not run"] += 1
        elif words[0].startswith("--") or words[0] in self.commands.options and len(words) > 1:
            for command in self.commands.mentioned(text):
                self.tool(line, command)
        elif re.match(r"([A-Z_]+=.*\s)?make |[A-Z]+=\S", text):
            self.make(line, shlex.split(text))
        elif place:
            self.seen["scripts and files"] += 1
            if not list(REPOSITORY.glob(re.sub(r"<[^>]*>", "*", place).rstrip("/"))):
                self.complain(line.document, line.text, f"there is no {place}")
        elif (len(words) > 1 or not inline) and "/<" not in text:
            self.complain(line.document, line.text, "neither a command that is known here nor in FOREIGN or PHRASES")

    def document(self, name, text):
        """All lines and inline code of a document; its blocks that are run whole go on from one another."""
        prose = FENCE.sub("", text)
        for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose):
            self.line(Line(name, code), inline=True)
        variables, whole = "", self.seen["blocks run whole"]
        for match in FENCE.finditer(text):
            language, block = match.groups()
            block = block.replace("\\\n", "")
            if language == "sh" and re.search(r"^(codex-session-sync|\$S) ", block, re.M):
                self.seen["blocks run whole"] += 1
                said = re.findall(r"^On the (laptop|desktop)", text[:match.start()], re.M)
                self.script(name, variables + block, block, said[-1] if said else "desktop")
                variables += "".join(re.findall(r"^\w+=.*\n", block, re.M))
            elif language == "sh":
                for line in filter(None, block.splitlines()):
                    self.line(Line(name, line), inline=False)
            elif language == "text" and block.startswith("$ codex-session-sync "):
                self.seen["blocks that tour.py holds"] += 1
            elif language == "text" and block.startswith("$ "):
                self.shown(name, *block[2:].split("\n", 1))
            elif language == "text":
                for line in re.findall(r"^codex-session-sync .*", block, re.M):
                    self.line(Line(name, line), inline=False)
        if self.seen["blocks run whole"] != whole:
            self.stage.put_back()

    def shown(self, name, command, output):
        """A command of the shell with what it prints."""
        if command.startswith(FOREIGN):
            self.seen["commands of other programs, not run"] += 1
        else:
            self.seen["blocks run whole"] += 1
            real = self.script(name, command, command)
            if real.strip() != output.strip():
                self.complain(name, command, f"really prints {real}")


def main():
    tool = sys.argv[1]
    commands = Commands(tool)
    with Stage(tool) as stage:
        # A folder that a tool for that keeps the same on both machines, with the laptop's newest package in it.
        (stage.folder / "laptop/Sessions").mkdir()
        (stage.folder / "desktop/Sessions").symlink_to("../laptop/Sessions")
        (stage.folder / "desktop/stick").mkdir()
        (stage.folder / "wednesday.tar.zst").rename(stage.folder / "laptop/Sessions/laptop.tar.zst")
        stage.shell("codex-session-sync packup --all --output package", "laptop")
        stage.keep()
        checks = Checks(stage, commands, "--verbose" in sys.argv)
        for path in documents():
            if path == REPOSITORY / MISTAKES:
                continue
            checks.document(path.relative_to(REPOSITORY), path.read_text())
        for name in ("README.md", "INSTALL_REMOTE.md"):
            checks.document(f"{name} of a package", (stage.folder / "laptop/package" / name).read_text())
        for example in commands.examples():
            checks.line(example, inline=False)
    for complaint in checks.wrong:
        print(complaint, file=sys.stderr)
    print(", ".join(f"{number} {what}" for what, number in checks.seen.items()))
    return 1 if checks.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
