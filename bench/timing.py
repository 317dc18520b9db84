"""Runs commands in turn, one of each a round, and keeps what every run took: the time, the processor's, the memory.

    timing.py RESULT.json RUNS [--warm N] [--before COMMAND] NAME=COMMAND...

The result holds, by name, lists of `wall` and `cpu` (seconds) and `rss` (the peak of one process, MB). What a command
prints is kept beside the result, its last run's, as NAME.log. A command that fails ends it all.
"""

import json
import os
import shlex
import subprocess
import sys
import time


def run(command, log):
    with open(log, "w") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command}\nended with {process.returncode}:\n{open(log).read()[-4000:]}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss / 1024}


def main(result, runs, *rest):
    rest = list(rest)
    options = {"--warm": "1", "--before": ""}
    while rest[0] in options:
        option, value = rest.pop(0), rest.pop(0)
        options[option] = value
    commands = dict(argument.split("=", 1) for argument in rest)
    folder = os.path.dirname(result)
    taken = {name: {"wall": [], "cpu": [], "rss": []} for name in commands}
    for turn in range(-int(options["--warm"]), int(runs)):
        for name, command in commands.items():
            if options["--before"]:
                run(options["--before"], f"{folder}/before.log")
            one = run(command, f"{folder}/{name}.log")
            if turn >= 0:
                for key, value in one.items():
                    taken[name][key].append(round(value, 4))
    with open(result, "w") as file:
        json.dump(taken, file, indent=1)


main(*sys.argv[1:])
