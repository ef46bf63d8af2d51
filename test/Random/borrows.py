#!/usr/bin/env python3
"""Random host programs against the borrow checker and a runtime that traps.

    borrows.py --opt=sym-opt --runner=sym-runner --count=200 --seed=1

An interpreter in Python runs each program with every choice of its flags. What
it says is held against the tools (B5):

* a program that misuses a borrow on some path is refused;
* a program without branches is refused only if it does;
* an accepted program runs clean where memory debugging makes an invalidated
  scoped borrow unreadable, and prints what the interpreter prints;
* a refused one that looks at such a borrow, run without the check, is trapped.
"""

import argparse
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from borrow_programs import Misuse, generate, interpret

# Flags that programs branch on, and the trip count of their loops.
CHOICES = list(itertools.product((0, 1), (0, 1), (0, 1, 2)))


class Outcome:
    """What the interpreter says about a program."""

    def __init__(self, program):
        self.misused = False
        for choice in CHOICES:
            try:
                interpret(program, choice)
            except Misuse:
                self.misused = True
        self.printed, self.traps = [], False
        try:
            interpret(program, program.choice, self.printed)
        except Misuse as misuse:
            self.traps = misuse.traps


def refused(opt, programs, folder):
    """Which of the programs the checker refuses."""
    source, starts, line = folder / "check.mlir", [], 1
    chunks = []
    for program in programs:
        text = program.module()
        starts.append(line)
        line += text.count("\n") + 2
        chunks.append(text)
    source.write_text("\n// -----\n".join(chunks))
    done = subprocess.run(
        [opt, "--sym-check-borrows", "--split-input-file", str(source), "-o", os.devnull],
        capture_output=True, text=True)
    if done.returncode < 0:
        sys.exit(f"the checker ended with signal {-done.returncode}")
    found = set()
    for match in re.finditer(r"check\.mlir:(\d+):\d+: error: (.*)", done.stderr):
        at = int(match[1])
        index = max(i for i, start in enumerate(starts) if start <= at)
        if "borrow" not in match[2]:
            sys.exit(f"not a diagnostic of the checker: {match[0]}\n{chunks[index]}")
        found.add(index)
    return found


def run(runner, text, folder, *flags):
    source = folder / "program.mlir"
    source.write_text(text)
    return subprocess.run(
        [runner, str(source), *flags], capture_output=True, text=True,
        env=dict(os.environ, SYM_DEBUG_MEMORY="1"))


def together(programs):
    """One module whose host program runs all of them."""
    lines = [line for program in programs for line in program.declarations()]
    calls = [f"  call @{program.name}_main() : () -> ()" for program in programs]
    return "\n".join([*lines, "func.func @main() {", *calls, "  return", "}", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opt", default="sym-opt")
    parser.add_argument("--runner", default="sym-runner")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--traps", type=int, default=5, help="how many misuses to run")
    parser.add_argument("--print", action="store_true", help="print the program of --seed")
    options = parser.parse_args()
    if options.print:
        print(generate(options.seed).module(), end="")
        return 0

    failures = 0

    def fail(program, reason):
        nonlocal failures
        failures += 1
        print(f"seed {program.seed}: {reason}", flush=True)

    counts = {"accepted": 0, "refused": 0, "of these misuse": 0, "trapped": 0}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds = range(options.seed, options.seed + options.count)
        for first in range(0, len(seeds), 200):
            programs = [generate(seed) for seed in seeds[first : first + 200]]
            outcomes = [Outcome(program) for program in programs]
            bad = refused(options.opt, programs, folder)
            for i, (program, outcome) in enumerate(zip(programs, outcomes)):
                if outcome.misused and i not in bad:
                    fail(program, "is accepted, but misuses a borrow")
                if i in bad and not program.branches and not outcome.misused:
                    fail(program, "is refused, but has no branches and is sound")
            good = [i for i in range(len(programs)) if i not in bad]
            counts["accepted"] += len(good)
            counts["refused"] += len(bad)
            counts["of these misuse"] += sum(outcomes[i].misused for i in bad)
            expected = "".join("".join(outcomes[i].printed) for i in good)
            done = run(options.runner, together([programs[i] for i in good]), folder)
            if done.returncode or done.stdout != expected:
                # One by one, to say which.
                before = failures
                for i in good:
                    done = run(options.runner, together([programs[i]]), folder)
                    if done.returncode or done.stdout != "".join(outcomes[i].printed):
                        fail(programs[i], f"exits with {done.returncode} and prints\n"
                             f"{done.stdout}\nnot\n{''.join(outcomes[i].printed)}\n"
                             f"{done.stderr[:300]}")
                if failures == before:
                    fail(programs[good[0]], "programs disturb each other")
            trapping = [i for i in bad if outcomes[i].traps]
            for i in random.Random(first).sample(trapping, min(options.traps, len(trapping))):
                done = run(options.runner, programs[i].module(), folder, "--no-borrow-check")
                if done.returncode >= 0 or "a scoped borrow of variable" not in done.stderr:
                    fail(programs[i], f"is not trapped: {done.returncode}\n{done.stderr[:300]}")
                counts["trapped"] += 1
    print(", ".join(f"{value} {key}" for key, value in counts.items()))
    if not all(counts.values()):
        failures += 1
        print("one of them never happened")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
