"""Sub-agents: they travel with their parent, stay hidden, and are never taken for it, however much they have of it."""

import time
import unittest

from homes import records
from journey import OwnForm, TransferForm, for_all
from shapes import Shape
from snapshot import state_tables
from tool import SOME_BLOCKED
import transfer

FIRST = "A asks a first question"
BLANK, INFORMED = "count the files", "count them again"
SPAWNING = (f"spawn: {BLANK}", f"spawn with context: {INFORMED}")
PARENT = (FIRST, *SPAWNING)


class Agents(Shape):
    """A parent with a sub-agent that knows nothing of it, and one that was given the conversation so far."""

    def make_shape(self):
        with self.a.server() as server:
            parent = server.start_thread(self.a.project)
            for name, text in zip((None, "blank", "informed"), PARENT):
                with self.model.hold_agents():
                    server.turn(parent, text)
                if name:
                    self.notes[name] = self.wait_for_agent(parent)
        self.note("parent", parent, PARENT)

    def wait_for_agent(self, parent):
        """The id of the sub-agent that the parent spawned last, once its turn has ended."""
        for _ in range(200):
            files = [path for path in self.a.rollouts() if parent not in path.name
                     and all(str(known) not in path.name for known in self.notes.values())]
            if files:
                lines = records(files[0])
                if lines[-1]["payload"].get("type") == "task_complete":
                    return lines[0]["payload"]["id"]
            time.sleep(0.05)
        self.fail(f"the sub-agent of {parent} has not ended its turn")

    @property
    def agents(self):
        return {self.notes["blank"], self.notes["informed"]}

    @property
    def family(self):
        return {name: self.notes[name] for name in ("parent", "blank", "informed")}

    def assert_family(self, outcome, classification):
        self.assert_classified(outcome, **{name: classification for name in self.family})

    # Claims

    def edges(self, machine):
        """Sub-agent → parent, as Codex keeps it."""
        return {row["child_thread_id"]: row["parent_thread_id"]
                for row in map(dict, state_tables(machine.codex_home)["thread_spawn_edges"])}

    def assert_hidden(self, machine, *thread_ids):
        """Codex lists them to no user who has not asked for sub-agents."""
        with machine.server() as server:
            for filters in ({}, {"useStateDbOnly": True}):
                listed = {thread["id"] for thread in server.listed(**filters)}
                self.assertEqual(set(), listed & set(thread_ids), filters)

    def assert_agent_works(self, machine, thread_id, texts):
        """The sub-agent opens with the machine's settings, has these turns at its end, and takes another."""
        with machine.server() as server:
            self.assert_opens_with_local_settings(server, machine, thread_id)
            shown = [turn.text for turn in server.read(thread_id)]
            self.assertEqual(list(texts), shown[-len(texts):])
            server.turn(thread_id, "What are you?")
            self.assertEqual([*shown, "What are you?"], [turn.text for turn in server.read(thread_id)])


class AgentRows(Agents):
    """The way of sub-agents that a user can open and go on with."""

    def test_they_travel_with_their_parent_and_stay_hidden(self):
        self.begin("shaped")
        package = self.pack(self.a, "package", only=self.notes["parent"] if self.form is OwnForm else None)
        done = self.deliver(package, self.b)
        self.assert_family(done, "new_lineage")
        self.assert_nothing_to_do(package, self.b)
        self.assertEqual(self.edges(self.a), self.edges(self.b))
        self.assertEqual({agent: self.notes["parent"] for agent in self.agents}, self.edges(self.b))
        self.assert_hidden(self.b, *self.agents)
        self.assert_works(self.b, self.notes["parent"], PARENT)
        self.assert_agent_works(self.b, self.notes["blank"], [BLANK])
        self.assert_agent_works(self.b, self.notes["informed"], [INFORMED])
        self.assert_hidden(self.b, *self.agents)

    def test_archiving_the_parent_archives_them_here_too(self):
        self.begin("arrived")
        self.b.call("thread/archive", self.notes["parent"])
        rows = self.b.rows()
        self.assertEqual({1}, {rows[thread_id]["archived"] for thread_id in self.family.values()})

    def test_codex_rebuilds_them_from_the_files_alone(self):
        self.begin("shaped")
        self.b.remove_databases()
        self.deliver(self.pack(self.a, "package"), self.b)
        self.assert_hidden(self.b, *self.agents)
        self.assertEqual({agent: self.notes["parent"] for agent in self.agents}, self.edges(self.b))
        self.assert_works(self.b, self.notes["parent"], PARENT)

    def test_going_on_at_the_sender_is_appended(self):
        self.begin("arrived")
        for name, thread_id in self.family.items():
            self.a.go_on(thread_id, f"A goes on in {name}")
        package = self.pack(self.a, "package")
        self.assert_family(self.deliver(package, self.b), "fast_forward_import")
        self.assert_nothing_to_do(package, self.b)
        self.assert_hidden(self.b, *self.agents)
        self.assert_works(self.b, self.notes["parent"], [*PARENT, "A goes on in parent"])
        self.assert_agent_works(self.b, self.notes["blank"], [BLANK, "A goes on in blank"])
        self.assert_agent_works(self.b, self.notes["informed"], [INFORMED, "A goes on in informed"])

    def test_where_both_went_on_both_remain_and_branches_of_agents_are_agents(self):
        self.begin("arrived")
        for name, thread_id in self.family.items():
            self.a.go_on(thread_id, f"A goes on in {name}")
            self.b.go_on(thread_id, f"B goes on in {name}")
        package = self.pack(self.a, "package")
        done = self.deliver(package, self.b)
        self.assert_family(done, "diverged_lineage")
        self.assert_nothing_to_do(package, self.b)
        branches = {name: done.session(thread_id)["local_thread_id"] for name, thread_id in self.family.items()}
        self.assertEqual(6 + 1, len(self.b.rows()))
        self.assertEqual({branches["parent"]}, {self.edges(self.b)[branches[name]] for name in ("blank", "informed")})
        self.assert_hidden(self.b, *self.agents, branches["blank"], branches["informed"])
        self.assert_works(self.b, self.notes["parent"], [*PARENT, "B goes on in parent"])
        self.assert_works(self.b, branches["parent"], [*PARENT, "A goes on in parent"])
        for name, text in (("blank", BLANK), ("informed", INFORMED)):
            self.assert_agent_works(self.b, self.notes[name], [text, f"B goes on in {name}"])
            self.assert_agent_works(self.b, branches[name], [text, f"A goes on in {name}"])

    def test_an_agent_that_knows_its_parent_is_not_taken_for_it(self):
        """Each alone, in either order: both have the same beginning, and neither is the other."""
        self.begin("shaped")
        agent, parent = (self.alone(name) for name in ("informed", "parent"))
        for first, second in ((agent, parent), (parent, agent)):
            self.states.restore("shaped")
            for package in (first, second):
                done = self.tool.sync(package, self.b)
                self.assertEqual({"new_lineage"}, set(done.classifications().values()))
            for package in (first, second):
                self.assert_nothing_to_do(package, self.b)

    def alone(self, name):
        """A package of this one thread, kept where putting a state back does not reach it."""
        package = self.live.parent / f"alone-{self.form.name}-{name}"
        if not package.exists():
            transfer.pack(self.a, package, only=self.notes[name])
        return package

    def test_branches_of_agents_are_recognised_at_home(self):
        self.begin("arrived")
        for name, thread_id in self.family.items():
            self.a.go_on(thread_id, f"A goes on in {name}")
            self.b.go_on(thread_id, f"B goes on in {name}")
        done = self.deliver(self.pack(self.a, "package"), self.b)
        branches = {name: done.session(thread_id)["local_thread_id"] for name, thread_id in self.family.items()}
        home = self.deliver(self.pack(self.b, "home"), self.a, exit_code=(0, SOME_BLOCKED))
        for name, branch in branches.items():
            session = home.session(branch)
            self.assertEqual(("unchanged", "root", self.notes[name]),
                             (session["classification"], session["matched_by"], session["local_thread_id"]), name)
            self.assertEqual("diverged_lineage", home.session(self.notes[name])["classification"], name)


class TeamRows(Agents):
    """Sub-agents with names. Their tasks and answers are records of their own; a user opens them through their parent."""

    def make_shape(self):
        for machine in (self.a, self.b):
            with (machine.codex_home / "config.toml").open("a") as config:
                config.write("multi_agent_v2 = true\n")
        super().make_shape()
        for name in ("blank", "informed"):
            self.assertEqual(["/root"], self.authors(self.a.rollout(self.notes[name])))

    def authors(self, file):
        """Who sent the messages that other agents left in this rollout."""
        return [record["payload"]["author"] for record in records(file)
                if record["payload"].get("type") == "agent_message"]

    def assert_team_works(self, parent, texts):
        """The parent works; through it both sub-agents open with the machine's settings."""
        self.assert_hidden(self.b, *self.agents)
        self.assert_works(self.b, parent, texts)
        with self.b.server() as server:
            server.resume(self.notes["parent"])
            for name in ("blank", "informed"):
                self.assert_opens_with_local_settings(server, self.b, self.notes[name])
                self.assertEqual("completed", server.read(self.notes[name])[-1].status)

    def test_they_travel_with_their_parent_and_opening_them_is_not_going_on(self):
        self.begin("shaped")
        package = self.pack(self.a, "package", only=self.notes["parent"] if self.form is OwnForm else None)
        self.assert_family(self.deliver(package, self.b), "new_lineage")
        self.assertEqual({agent: self.notes["parent"] for agent in self.agents}, self.edges(self.b))
        columns = ("agent_path", "agent_nickname", "source")
        for agent in self.agents:
            there, here = (machine.rows()[agent] for machine in (self.a, self.b))
            self.assertEqual([there[column] for column in columns], [here[column] for column in columns])
        self.b.open_only(self.notes["parent"])
        self.assert_nothing_to_do(package, self.b)
        self.a.go_on(self.notes["parent"], "A goes on")
        done = self.deliver(self.pack(self.a, "more"), self.b)
        self.assert_classified(done, parent="fast_forward_import", blank="unchanged", informed="unchanged")
        self.assert_team_works(self.notes["parent"], [*PARENT, "A goes on"])

    def test_where_both_went_on_with_the_parent_both_remain(self):
        self.begin("arrived")
        self.a.go_on(self.notes["parent"], "A goes on")
        self.b.go_on(self.notes["parent"], "B goes on")
        package = self.pack(self.a, "package")
        done = self.deliver(package, self.b)
        self.assert_classified(done, parent="diverged_lineage", blank="unchanged", informed="unchanged")
        self.assert_nothing_to_do(package, self.b)
        self.assert_team_works(self.notes["parent"], [*PARENT, "B goes on"])
        self.assert_works(self.b, done.session(self.notes["parent"])["local_thread_id"], [*PARENT, "A goes on"])

    def test_another_agent_spawned_here_is_no_work_in_the_others(self):
        self.begin("arrived")
        with self.model.hold_agents():
            self.b.go_on(self.notes["parent"], "spawn: count what is left")
        self.a.go_on(self.notes["parent"], "A goes on")
        done = self.deliver(self.pack(self.a, "package"), self.b)
        self.assert_classified(done, parent="diverged_lineage", blank="unchanged", informed="unchanged")
        self.assert_team_works(self.notes["parent"], [*PARENT, "spawn: count what is left"])


for_all(globals(), AgentRows, pairs=[("0.163.0", "0.163.0")])
for_all(globals(), AgentRows, forms=[OwnForm], pairs=[("0.133.0", "0.133.0")])
for_all(globals(), AgentRows, forms=[TransferForm], pairs=[("0.133.0", "0.163.0")])
for_all(globals(), TeamRows, pairs=[("0.163.0", "0.163.0")])

if __name__ == "__main__":
    unittest.main()
