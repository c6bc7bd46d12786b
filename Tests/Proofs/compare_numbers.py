"""Holds our spelling of doubles, as `prove numbers` writes it, against Python's own: compare_numbers.py COUNT"""

import json
import struct
import sys

BATCH = 10_000


def main() -> int:
    stream = sys.stdin.buffer
    count = 0
    while patterns := stream.read(8 * BATCH):
        doubles = struct.unpack(f"<{BATCH}d", patterns)
        (length,) = struct.unpack("<I", stream.read(4))
        ours = stream.read(length).decode("ascii")
        if ours != json.dumps(doubles, separators=(",", ":")):
            spelled = ours[1:-1].split(",")
            if len(spelled) != BATCH:
                print(f"{len(spelled)} numbers of {BATCH} came back", file=sys.stderr)
                return 1
            for double, text in zip(doubles, spelled):
                if repr(double) != text:
                    print(f"{struct.pack('>d', double).hex()}: we print {text}, Python {double!r}", file=sys.stderr)
                    return 1
        count += BATCH
    print(f"numbers: {count} doubles are spelled as Python spells them")
    return 0 if count == int(sys.argv[1]) else 1


if __name__ == "__main__":
    sys.exit(main())
