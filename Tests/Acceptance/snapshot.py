"""What a home holds, byte by byte and row by row, and what has changed in it since.

"Nothing was written" and "everything was undone" are claims about all of a home, so all of it is compared, and only the
exceptions named here are allowed.
"""

import contextlib
import dataclasses
import enum
import hashlib
import os
import pathlib
import shutil
import sqlite3
import tempfile

STATE = "state_5.sqlite"


class Claim(enum.Enum):
    """How much must be as it was."""

    UNTOUCHED = "no byte, inode or modification time of any file differs, and no file was added"
    NOTHING_DONE = "as UNTOUCHED, but for our own folder, lock files and SQLite's side files"
    UNDONE = "every file's bytes and every row as before, but for those and the derived rows"

    def excepts(self, name):
        """Whether a file may differ under this claim."""
        if self is Claim.UNTOUCHED:
            return False
        own = name.startswith(("session-sync/", "thread-writer-locks/"))
        side_file = name.endswith(("-wal", "-shm")) and ".sqlite" in name
        if self is Claim.NOTHING_DONE:
            return own or side_file
        return own or side_file or name == STATE or name.startswith(("thread_history_", "logs_"))


@dataclasses.dataclass(frozen=True)
class FileState:
    digest: str
    size: int
    inode: int
    modified: int

    def difference(self, other, bytes_only):
        """In words what differs, or None."""
        if (self.digest, self.size) != (other.digest, other.size):
            return f"bytes differ ({self.size} before, {other.size} after)"
        if not bytes_only and self.inode != other.inode:
            return "was replaced by another file of the same bytes"
        if not bytes_only and self.modified != other.modified:
            return "was written to (modification time differs)"
        return None


class Snapshot:
    """The files of a Codex home, and the rows of every table of its state database."""

    def __init__(self, codex_home):
        self.files = {name: _state(path) for name, path in _files(codex_home)}
        self.tables = state_tables(codex_home)

    def differences(self, later, claim):
        """Every difference that the claim does not allow, as sentences; empty if the claim holds."""
        found = []
        for name in sorted(self.files.keys() | later.files.keys()):
            if claim.excepts(name):
                continue
            if name not in later.files:
                found.append(f"{name}: is gone")
            elif name not in self.files:
                found.append(f"{name}: was added")
            else:
                words = self.files[name].difference(later.files[name], bytes_only=claim is Claim.UNDONE)
                found += [f"{name}: {words}"] if words else []
        return found + self._row_differences(later)

    def _row_differences(self, later):
        found = []
        for table in sorted(self.tables.keys() | later.tables.keys()):
            before, after = self.tables.get(table), later.tables.get(table)
            if before is None or after is None:
                found.append(f"{STATE}: table {table} is {'gone' if after is None else 'new'}")
                continue
            found += [f"{STATE}: {table}: row {dict(row)} is gone" for row in before if row not in after]
            found += [f"{STATE}: {table}: row {dict(row)} is new" for row in after if row not in before]
        return found


def _files(codex_home):
    for folder, _, names in os.walk(codex_home):
        for name in names:
            path = pathlib.Path(folder) / name
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(codex_home).as_posix(), path


def _state(path):
    about = path.stat()
    return FileState(hashlib.sha256(path.read_bytes()).hexdigest(), about.st_size, about.st_ino, about.st_mtime_ns)


def state_tables(codex_home):
    """Table name → rows. Read from a copy with its WAL: reading in place would write beside it, or miss rows."""
    database = pathlib.Path(codex_home) / STATE
    if not database.exists():
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("", "-wal"):
            source = database.with_name(database.name + suffix)
            if source.exists():
                shutil.copyfile(source, pathlib.Path(folder) / source.name)
        with contextlib.closing(sqlite3.connect(pathlib.Path(folder) / database.name)) as connection:
            connection.row_factory = sqlite3.Row
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: _rows(connection, name) for name in names}


def _rows(connection, table):
    return sorted((tuple(dict(row).items()) for row in connection.execute(f'SELECT * FROM "{table}"')), key=repr)
