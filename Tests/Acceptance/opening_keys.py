"""The closed list of what Codex reads when it opens a thread, as docs/opening-keys.md has it, and what a binary knows.

A binary carries the names it reads: the fields of `session_meta` as an array of strings (they are needed at run time,
because the record is read through `flatten`), and of each other struct the number of its fields, in the words of an
error. That is enough to notice a key that a new version has added.
"""

import pathlib
import re
import struct

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "opening-keys.md"
_HEADING = re.compile(r"## \w+ `(\w+)`")
_ROW = re.compile(r"\| `([^`]+)` \| ([\w']+)[^|]*\| ([\d.]+) \| ([\w.]*) \|")


class Key:
    """One line of the list."""

    def __init__(self, place, path, treatment, until):
        self.place, self.path, self.treatment, self.until = place, path, treatment, until

    @property
    def name(self):
        return f"{self.place}.{self.path}"


def listed():
    """Every line of the list."""
    keys, place = [], None
    for line in DOCUMENT.read_text().splitlines():
        heading, row = _HEADING.match(line), _ROW.match(line)
        place = heading.group(1) if heading else place
        if row:
            keys.append(Key(place, row.group(1), row.group(2), row.group(4)))
    return keys


def fields(place, below=""):
    """The names that the newest Codex reads in one object of the list."""
    prefix = below + "." if below else ""
    paths = [key.path for key in listed() if key.place == place and not key.until and key.path.startswith(prefix)]
    return {path[len(prefix):].split(".")[0] for path in paths}


RELATIVE = {62: 8, 183: 1027}
"""The number of a relative relocation, by the machine of an ELF file: x86-64 and AArch64."""


class Binary:
    """The constants of a Codex binary; ELF only."""

    def __init__(self, path):
        self._data = pathlib.Path(path).read_bytes()

    def is_readable(self):
        return self._data[:5] == b"\x7fELF\x02" and self._machine() in RELATIVE

    def field_counts(self, name):
        """How many fields the struct of that name has, by its errors."""
        return {int(count) for count in re.findall(rf"struct {name} with (\d+) element".encode(), self._data)}

    def arrays_with(self, *words):
        """The arrays of strings that hold all of these words; neighbouring ones cannot be told apart."""
        return [run for run in self._runs() if all(word in run for word in words)]

    def _machine(self):
        return struct.unpack_from("<H", self._data, 18)[0]

    def _sections(self):
        start, = struct.unpack_from("<Q", self._data, 40)
        count, = struct.unpack_from("<H", self._data, 60)
        for index in range(count):
            _, kind, _, address, offset, size = struct.unpack_from("<IIQQQQ", self._data, start + 64 * index)
            yield kind, address, offset, size

    def _runs(self):
        sections = [section for section in self._sections() if section[1] and section[0] != 8]
        relocations = {}
        for kind, _, offset, size in sections:
            if kind == 4:  # with addends
                for place, info, addend in struct.iter_unpack("<QQq", self._data[offset:offset + size]):
                    if info == RELATIVE[self._machine()]:
                        relocations[place] = addend

        def at(address):
            for _, start, offset, size in sections:
                if start <= address < start + size:
                    return offset + address - start
            return None

        run, last = [], None
        for place in sorted(relocations):
            word = self._word(at(relocations[place]), at(place + 8))
            if word is None or place + 8 in relocations:
                continue
            if last is not None and place != last + 16:
                yield run
                run = []
            run.append(word)
            last = place
        yield run

    def _word(self, text, length):
        if text is None or length is None:
            return None
        count, = struct.unpack_from("<Q", self._data, length)
        word = self._data[text:text + count] if 1 <= count <= 64 else b""
        return word.decode() if re.fullmatch(rb"[A-Za-z_][\w-]*", word) else None
