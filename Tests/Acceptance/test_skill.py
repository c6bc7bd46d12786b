"""The skill, installed as `make install-skill` does, in the eyes of the real Codex."""

import os
import subprocess

from journey import OwnForm, for_all
from tool import REPOSITORY

NAME = "codex-session-sync"


class SkillRows:
    """Codex finds the skill, and the skill finds the program."""

    def test_codex_lists_the_installed_skill_without_a_warning_and_forgets_it_again(self):
        self.begin("apart")
        self.install("skill")
        (found,) = [skill for skill in self.listed() if skill["name"] == NAME]
        self.assertEqual(("user", True), (found["scope"], found["enabled"]))
        self.assertIn("Use when", found["description"])
        self.assertEqual("Codex Session Sync", found["interface"]["displayName"])
        self.install("remove-skill")
        self.assertNotIn(NAME, [skill["name"] for skill in self.listed()])

    def test_the_skill_runs_its_program_from_anywhere_and_says_what_to_do_without_one(self):
        self.begin("apart")
        self.install("skill")
        skill = self.b.codex_home / "skills" / NAME
        link = self.live / "a link"
        link.symlink_to(skill / "scripts" / NAME)
        for launcher in (skill / "scripts" / NAME, link):
            self.assertIn(NAME, self.launch(launcher).stdout)
        (skill / "bin" / NAME).unlink()
        alone = self.launch(link)
        self.assertEqual(127, alone.returncode)
        self.assertIn("make install-skill", alone.stderr)

    def install(self, what):
        subprocess.run([REPOSITORY / "Scripts/install", what, self.b.codex_home], check=True, capture_output=True,
                       env={**os.environ, "PROGRAM": str(self.tool.binary)})

    def launch(self, launcher):
        return subprocess.run([launcher, "--version"], cwd="/", capture_output=True, text=True,
                              env={"HOME": str(self.b.home), "PATH": "/usr/bin:/bin"})

    def listed(self):
        """Skills that Codex finds; none of them may have been refused."""
        with self.b.server() as server:
            (answer,) = server.call("skills/list", cwds=[str(self.b.project)])["data"]
        self.assertEqual([], answer["errors"])
        return answer["skills"]


for_all(globals(), SkillRows, forms=(OwnForm,), pairs=(("0.163.0", "0.163.0"),))
