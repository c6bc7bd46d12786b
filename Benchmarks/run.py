#!/usr/bin/env python3
"""Measures the bars of docs/performance.md.

    run.py --tool PATH --digester PATH [--size quick|full] [--only ROW ...] [--work DIR] [--json FILE]

Both sides of each ratio run in turn, several times; a figure is a minimum, a median and a maximum.
"""

import argparse
import dataclasses
import datetime
import json
import os
import platform
import shutil
import sys
import tempfile

import measure
import rows


def spread(figures, digits):
    return " / ".join(f"{figure:.{digits}f}" for figure in (figures.low, figures.mid, figures.high)) if figures else "–"


def line(bar):
    bound = "–" if bar.limit is None else f"≤ {bar.limit:g} {bar.unit}"
    verdict = "yes" if bar.holds else "**no**"
    peak = f"{bar.peak / rows.MB:.0f}" if bar.peak else "–"
    return (
        f"| {bar.what} | {bar.yardstick or '–'} | {spread(bar.ours, 3)} | {spread(bar.theirs, 3)} "
        f"| {spread(bar.figures, 2)} {bar.unit} | {bound} | {verdict} | {f'{bar.cpu:.2f}' if bar.cpu else '–'} | {peak} |"
    )


HEADER = """\
| what | beside | seconds | seconds, the other | figure | bar | held | CPU × | peak MB |
| --- | --- | --- | --- | --- | --- | --- | ---: | ---: |"""


def machine():
    with open("/proc/cpuinfo") as cpu, open("/proc/meminfo") as memory:
        model = next((l.split(":")[1].strip() for l in cpu if l.startswith("model name")), platform.processor())
        size = int(next(l.split()[1] for l in memory if l.startswith("MemTotal"))) // 1_000_000
    return f"{model}, {os.cpu_count()} cores, {size} GB, {platform.system()} {platform.release()}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--digester", required=True)
    parser.add_argument("--size", choices=("quick", "full"), default="quick")
    parser.add_argument("--only", nargs="+", metavar="ROW")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--work", default=os.environ.get("TMPDIR", "/var/tmp"))
    parser.add_argument("--json")
    parser.add_argument("--priority", type=int, default=0, help="nice value for both sides; negative ones need root")
    options = parser.parse_args()
    measure.priority = options.priority
    sizes = {"quick": rows.QUICK, "full": rows.FULL}[options.size]
    if options.runs:
        sizes = dataclasses.replace(sizes, runs=options.runs)
    folder = tempfile.mkdtemp(prefix="session-sync-bench.", dir=options.work)
    now = f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC"
    print(f"{machine()}; {now}; load {os.getloadavg()[0]:.1f}; size {options.size}, {sizes.runs} runs\n\n{HEADER}", flush=True)
    bars = []
    try:
        bench = rows.Bench(folder, os.path.abspath(options.tool), os.path.abspath(options.digester), sizes)
        chosen = bench.rows()
        for name in options.only or chosen:
            for bar in chosen[name]():
                bars.append(bar)
                print(line(bar), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        report = {
            "machine": machine(), "date": now, "size": options.size, "runs": sizes.runs,
            "bars": [dataclasses.asdict(bar) | {"holds": bar.holds} for bar in bars],
        }
        with open(options.json, "w") as file:
            json.dump(report, file, ensure_ascii=False, indent=1)
    missed = sum(not bar.holds for bar in bars)
    print(f"\n{len(bars) - missed} of {len(bars)} held" if missed else "\nall held", file=sys.stderr)


if __name__ == "__main__":
    main()
