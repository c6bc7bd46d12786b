"""The journey: sessions of machine A travel to machine B, in every pair of versions and every form of package.

A test method is one step of the journey. It begins at a named state of both machines, which is made once per class, by
the real Codex and the program under test, and put back for each test; so every step stands alone.
"""

import functools
import json
import pathlib
import shutil
import tempfile
import types
import unittest

import transfer
from claims import Claims
from homes import CAREFUL, TRUSTING, Machine, SavedStates
from model import ModelStandIn
from tool import Tool

VERSION_PAIRS = (("0.163.0", "0.163.0"), ("0.133.0", "0.133.0"), ("0.133.0", "0.163.0"))
"""Sender and receiver: the newest, the oldest, and the usual meeting of an old machine with a new one."""

TALK = ("A asks a first question", "A asks a second question")
WORK = ("run: echo the output of a tool", "A asks about the output")
LOCAL = ("B asks for itself",)

REPORTED_RUNS = 4
"""How many of the last runs of the program a failure shows."""


class OwnForm:
    """Packages made by `packup`."""

    name = "own"
    project = "proj"

    @staticmethod
    def pack(tool, machine, output, only=None, everything=False):
        selection = ["--thread", only] if only else ["--all"] if everything else ["--cwd", machine.project]
        tool.packup(machine, output, *selection)
        return output


class TransferForm:
    """Packages in the transfer tool's form: always a folder, always of one cwd."""

    name = "transfer"
    project = "Documents/proj"

    @staticmethod
    def pack(_, machine, output, only=None, everything=False):
        del everything
        return transfer.pack(machine, output.with_suffix(""), only=only)


class Journey(Claims, unittest.TestCase):
    """Two machines, a model stand-in, and the steps that several rows share."""

    sender = receiver = form = None
    sender_policy, receiver_policy = TRUSTING, CAREFUL

    def __init__(self, method="runTest"):
        super().__init__(method)
        setattr(self, method, self._with_transcript(getattr(self, method)))

    @classmethod
    def setUpClass(cls):
        root = pathlib.Path(tempfile.mkdtemp(prefix="acceptance-")).resolve()
        cls.addClassCleanup(shutil.rmtree, root, ignore_errors=True)
        cls.live = root / "live"
        cls.states = SavedStates(cls.live, root / "saved")
        cls.model = ModelStandIn()
        cls.model.__enter__()
        cls.addClassCleanup(cls.model.__exit__)
        cls.a = Machine(cls.live, "A", cls.sender, cls.sender_policy, cls.form.project)
        # A path of another length: localising then moves what follows it.
        cls.b = Machine(cls.live / "elsewhere", "B", cls.receiver, cls.receiver_policy, cls.form.project)

    def setUp(self):
        self.tool = Tool()

    def _with_transcript(self, method):
        """The method, with the program's last runs added to what a failed assertion says."""
        @functools.wraps(method)
        def run(_):
            try:
                method()
            except AssertionError as error:
                runs = "\n\n".join(map(str, self.tool.outcomes[-REPORTED_RUNS:]))
                error.args = (f"{error}\n\n{runs}",)
                raise
        return types.MethodType(run, self)

    # States

    def begin(self, state):
        """Put both machines into a state, making it first if no test of this class has needed it yet."""
        if state not in self.states:
            getattr(self, f"make_{state}")()
            (self.live / "notes.json").write_text(json.dumps(self.notes))
            self.states.save(state)
        self.states.restore(state)
        self.notes = json.loads((self.live / "notes.json").read_text())

    def make_apart(self):
        """A has two sessions, one with a shell call; B has one of its own."""
        for machine in (self.a, self.b):
            machine.create(self.model.base_url)
        self.notes = {"talk": self.a.new_session(*TALK), "work": self.a.new_session(*WORK),
                      "local": self.b.new_session(*LOCAL)}

    def make_delivered(self):
        """A's sessions have arrived on B."""
        self.begin("apart")
        outcome = self.deliver(self.pack(self.a, "first"), self.b)
        self.notes["first"] = outcome.report["transaction_id"]

    def make_parted(self):
        """Both went on in `talk`, and B has A's continuation as a branch."""
        self.begin("delivered")
        self.a.go_on(self.talk, "A goes its way")
        self.b.go_on(self.talk, "B goes its way")
        outcome = self.deliver(self.pack(self.a, "second.zip"), self.b)
        self.assert_classified(outcome, talk="diverged_lineage", work="unchanged")
        self.notes.update(second=outcome.report["transaction_id"],
                          branch=outcome.session(self.talk)["local_thread_id"])

    @property
    def talk(self):
        return self.notes["talk"]

    @property
    def work(self):
        return self.notes["work"]

    # Steps

    def pack(self, machine, name, **selection):
        """A package of the machine's sessions in this class's form; an archive if the name says so and the form can."""
        (self.live / "packages").mkdir(exist_ok=True)
        return self.form.pack(self.tool, machine, self.live / "packages" / name, **selection)

    def deliver(self, package, machine, *arguments, **options):
        """Sync, for good; asserts that the report is complete."""
        outcome = self.tool.sync(package, machine, *arguments, **options)
        self.assertEqual("sync", outcome.report["command"])
        self.assertEqual(len(outcome.report["sessions"]), outcome.report["package"]["sessions"])
        return outcome

    def rollback(self, machine, transaction_id, *arguments, exit_code=0):
        """Undo one transaction, for good; where everything had to be kept, that may be called nothing to do."""
        outcome = self.tool.rollback(machine, transaction_id, *arguments, exit_code=exit_code)
        actions = {operation["action"] for operation in outcome.report["operations"]}
        allowed = ("committed",) if "undone" in actions else ("committed", "nothing_to_do")
        self.assertIn(outcome.report["status"], allowed)
        self.assertEqual(transaction_id, outcome.report["rolled_back"])
        return outcome


def for_all(namespace, rows, forms=(OwnForm, TransferForm), pairs=VERSION_PAIRS):
    """Add to a test module one class per form and pair of versions, with the steps of `rows`."""
    for form in forms:
        for sender, receiver in pairs:
            versions = "_to_".join(version.replace(".", "_") for version in (sender, receiver))
            name = f"{rows.__name__.removesuffix('Rows')}_{form.name}_{versions}"
            namespace[name] = type(name, (rows, Journey), {
                "__module__": namespace["__name__"], "sender": sender, "receiver": receiver, "form": form})
