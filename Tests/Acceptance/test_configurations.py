"""Configurations as they are: providers that left or are not active, TOML as Codex reads it, a catalogue at work."""

import contextlib
import sqlite3
import threading
import unittest

from journey import TALK, OwnForm, for_all
from tool import FAILED, WRONG

MORE = "A asks a third question"
PAIRS = (("0.163.0", "0.163.0"), ("0.133.0", "0.133.0"), ("0.149.0", "0.149.0"))


class ConfigurationsRows:
    """B's config.toml is not what it was, or not what a simple parser takes."""

    def config(self):
        return self.b.codex_home / "config.toml"

    def call_provider(self, name):
        """The provider has another name on B from now on."""
        self.config().write_text(self.config().read_text().replace("standin", name))

    def listed_by_default(self):
        """What Codex lists to a client that names no provider: the ids, page by page."""
        found, cursor = [], {}
        with self.b.server() as server:
            for _ in range(30):
                page = server.call("thread/list", limit=1, sourceKinds=["cli", "vscode", "exec", "appServer"], **cursor)
                found += [thread["id"] for thread in page["data"]]
                if not page.get("nextCursor"):
                    return found
                cursor = {"cursor": page["nextCursor"]}
        self.fail("the list has no end")

    def test_a_thread_whose_provider_left_opens_and_is_listed_after_a_fast_forward(self):
        self.begin("delivered")
        self.a.go_on(self.talk, MORE)
        package = self.pack(self.a, "more")
        self.call_provider("another")
        done = self.deliver(package, self.b)
        self.assert_classified(done, talk="fast_forward_import", work="unchanged")
        for thread in (self.talk, self.work):
            self.assertIn("provider_replaced", [warning["code"] for warning in done.session(thread)["warnings"]])
        self.assertLessEqual({self.talk, self.work}, set(self.listed_by_default()))
        self.assert_works(self.b, self.talk, [*TALK, MORE])
        self.assertIn(self.talk, self.listed_by_default())
        self.assertEqual("nothing_to_do", self.tool.sync(package, self.b).report["status"])

    def test_health_names_the_thread_and_its_remedy_works(self):
        self.begin("delivered")
        self.call_provider("another")
        found = self.tool.health(self.b, exit_code=WRONG)
        self.assertIn(self.talk, found["providers_are_configured"])
        package = self.live / "packages" / "own"
        self.tool.packup(self.b, package, "--all")
        self.tool.sync(package, self.b)
        self.assertLessEqual({self.talk, self.work, self.notes["local"]}, set(self.listed_by_default()))
        self.assert_works(self.b, self.talk, TALK)

    def test_a_provider_that_is_not_active_is_said(self):
        self.begin("apart")
        text = self.config().read_text()
        other = text[text.index("[model_providers"):text.index("[features]")].replace("standin", "another")
        self.config().write_text(text.replace('model_provider = "standin"', 'model_provider = "another"') + other)
        done = self.deliver(self.pack(self.a, "first"), self.b)
        self.assertIn("provider_inactive", [warning["code"] for warning in done.session(self.talk)["warnings"]])
        self.assertNotIn(self.talk, self.listed_by_default())
        with self.b.server() as server:
            server.resume(self.talk)

    def test_trunk_and_branch_are_each_on_a_page(self):
        self.begin("parted")
        seen = self.listed_by_default()
        self.assertLessEqual({self.talk, self.notes["branch"], self.work, self.notes["local"]}, set(seen))
        self.assertEqual(len(seen), len(set(seen)))

    def test_what_toml_1_1_allows_is_read_as_codex_reads_it(self):
        self.begin("apart")
        databases = self.b.home / "databases"
        databases.mkdir()
        text = self.config().read_text()
        start, end = text.index("[model_providers"), text.index("[features]")
        lines = text[start:end].strip().splitlines()[1:]
        inline = "model_providers = { # several lines\n  standin = { " + ", ".join(lines) + ", },\n}\n"
        self.config().write_text(
            f'sqlite_home = "{databases.as_posix()[:-1]}\\x73"\nunknown = 07:32\n' + text[:start] + inline + text[end:])
        self.b.new_session("B asks in its new place")
        done = self.deliver(self.pack(self.a, "first"), self.b)
        self.assertEqual([], [warning for warning in done.session(self.talk)["warnings"]
                              if warning["code"] in ("files_only", "provider_replaced")])
        self.assertIn(self.talk, self.listed_by_default())
        with contextlib.closing(sqlite3.connect(databases / "state_5.sqlite")) as catalogue:
            self.assertIn((self.talk,), catalogue.execute("SELECT id FROM threads").fetchall())

    def test_a_broken_config_is_refused_with_its_line_before_anything_is_written(self):
        self.begin("delivered")
        self.a.go_on(self.talk, MORE)
        package = self.pack(self.a, "more")
        before = self.b.rollout(self.talk).read_bytes()
        good = self.config().read_text()
        self.config().write_text(good + "\noops = = 1\n")
        line = good.count("\n") + 2
        for refused in (self.tool.sync(package, self.b, exit_code=FAILED),
                        self.tool.sync(package, self.b, execute=False, exit_code=FAILED),
                        self.tool.inspect(package, self.b, exit_code=FAILED)):
            self.assertEqual("config", refused.report["error"]["code"])
            self.assertIn(f"config.toml, line {line}", refused.report["error"]["message"])
        self.tool.transactions(self.b)
        self.assertEqual(before, self.b.rollout(self.talk).read_bytes())
        self.config().write_text(good)
        self.deliver(package, self.b)
        self.assert_works(self.b, self.talk, [*TALK, MORE])

    def test_a_catalogue_that_is_written_to_all_the_time_is_in_nobodys_way(self):
        self.begin("delivered")
        package = self.pack(self.a, "again")
        done = threading.Event()

        def write():
            with contextlib.closing(sqlite3.connect(self.b.codex_home / "state_5.sqlite", timeout=30)) as catalogue:
                while not done.wait(0.002):
                    catalogue.execute("UPDATE threads SET updated_at_ms = updated_at_ms + 1")
                    catalogue.commit()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                self.tool.inspect(package, self.b)
                self.tool.packup(self.b, self.live / "packages" / f"busy-{number}", "--all")
                self.tool.sync(package, self.b)
                self.tool.health(self.b)
        finally:
            done.set()
            writer.join()


for_all(globals(), ConfigurationsRows, forms=(OwnForm,), pairs=PAIRS)

if __name__ == "__main__":
    unittest.main()
