#!/usr/bin/env python3
"""Compares the clock's time zones with Python's zoneinfo: every zone, 1900 to 2100, every change and every day's noon.

    zones.py PROGRAM       PROGRAM is unit_plugin_clock_zone_runs

The database is compiled twice from its text form, as fat files (with tables up to 2037) and as slim ones (with nothing
but the rule for all years to come), since both are in use. Ends with 77, which is "skipped", if zic or the text form is
missing.
"""

import datetime
import os
import shutil
import subprocess
import sys
import tempfile
import zoneinfo

SOURCE = "/usr/share/zoneinfo/tzdata.zi"
DAY = 86400
NOONS = [-25567 * DAY + DAY // 2 + i * DAY for i in range(73414)]  # 1900-01-01 to 2100-12-31


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def runs_of(zone):
    """What ZoneRuns.cpp prints for a zone."""
    at = datetime.datetime.fromtimestamp

    def run(second):
        moment = at(second, zone)
        dst = 1 if moment.dst() else 0
        return f"{second} {int(moment.utcoffset().total_seconds())} {dst} {moment.tzname()}"

    lines = [run(NOONS[0])]
    before = at(NOONS[0], zone).utcoffset()
    for noon in NOONS[1:]:
        offset = at(noon, zone).utcoffset()
        if offset == before:
            continue
        low, high = noon - DAY, noon
        while high - low > 1:
            middle = (low + high) // 2
            if at(middle, zone).utcoffset() == before:
                low = middle
            else:
                high = middle
        lines.append(run(high))
        before = offset
    return lines


def one_name_per_content(folder):
    names = {}
    for path, _, files in sorted(os.walk(folder)):
        for file in sorted(files):
            full = os.path.join(path, file)
            with open(full, "rb") as data:
                names.setdefault(data.read(), os.path.relpath(full, folder))
    return sorted(names.values())


def differences(program, folder):
    names = one_name_per_content(folder)
    if len(names) < 300:
        return [f"{folder}: only {len(names)} different zones"]
    printed = subprocess.run([program], input="\n".join(names) + "\n", env={**os.environ, "TZDIR": folder}, text=True,
                             stdout=subprocess.PIPE, check=True).stdout.splitlines()
    found, current = {}, None
    for line in printed:
        if line[0] in "=!":
            current = found.setdefault(line[1:], [] if line[0] == "=" else ["there is no such zone"])
        else:
            current.append(line)
    wrong = []
    for name in names:
        expected = runs_of(zoneinfo.ZoneInfo.no_cache(name))
        # Python has Dublin's winter time as daylight saving of -1 h; the files call its summer time standard. Both are
        # the same clock, so what is saved is compared by offsets and names alone.
        drop = 2 if name in ("Europe/Dublin", "Eire") else None
        strip = lambda lines: [[word for i, word in enumerate(line.split()) if i != drop] for line in lines]
        if strip(expected) != strip(found.get(name, [])):
            at = next((pair for pair in zip(expected, found.get(name, [])) if pair[0] != pair[1]), ("more", "fewer"))
            wrong.append(f"{name}: expected {at[0]}, found {at[1]}")
    return wrong


def main():
    program = sys.argv[1]
    zic = shutil.which("zic", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not zic:
        skip("zic is not installed")
    if not os.path.exists(SOURCE):
        skip(SOURCE + " is not installed")
    failed = False
    with tempfile.TemporaryDirectory() as work:
        for form in ("fat", "slim"):
            folder = os.path.join(work, form)
            subprocess.run([zic, "-b", form, "-d", folder, SOURCE], check=True, stderr=subprocess.DEVNULL)
            zoneinfo.reset_tzpath([folder])
            wrong = differences(program, folder)
            print(f"{form}: {len(wrong)} zones differ")
            for line in wrong[:20]:
                print("  " + line)
            failed = failed or bool(wrong)
    return failed


if __name__ == "__main__":
    sys.exit(main())
