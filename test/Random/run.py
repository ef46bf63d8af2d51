#!/usr/bin/env python3
"""Runs random programs and compares every value with NumPy's.

    run.py --runner=sym-runner --count=60 --seed=1

Programs go to the compiler in batches, of which each is one module with one
host program. What a batch's calls return and what its variables hold in the
end is read back from the saved state, in place and with forced copies. The last
call of a module fails, so that the state must be as it was before it (T4). A batch
that fails is run again program by program. Integers, and floats out of
operations that IEEE 754 rounds in one way, must agree bit for bit; sums and
elementary functions within the bounds of numerics.py.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from generate import generate
from numerics import difference


def module(programs):
    """The text of a module, what its variables hold in the end, and whether its
    last call fails."""
    lines, expected, failing = [], {}, []
    for program in programs:
        lines += program.declarations()
        expected |= program.expected()
    lines.append("func.func @main() {")
    for program in programs:
        lines += ["  " + line for line in program.host]
        failing = failing or program.failing
    lines += ["  " + line for line in failing]
    lines += ["  return", "}"]
    return "\n".join(lines) + "\n", expected, bool(failing)


def run_module(options, programs, flags, folder):
    """What went wrong, or an empty string."""
    text, expected, fails = module(programs)
    source, state = folder / "program.mlir", folder / "state.npz"
    source.write_text(text)
    state.unlink(missing_ok=True)
    command = [options.runner, str(source), f"--save-state={state}", *flags]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=options.timeout)
    except subprocess.TimeoutExpired:
        return f"no end after {options.timeout} s"
    message = done.stderr.strip().split("\n")[0][-300:]
    # Of several faults any one is reported.
    failed = done.returncode == 1 and "SYM_" in message
    if fails and not failed:
        return f"exit status {done.returncode} of a call that should fail: {message}"
    if not fails and done.returncode != 0:
        return f"exit status {done.returncode}: {message}"
    found = np.load(state)
    wrong = []
    for name, value in expected.items():
        reason = difference(found[name], value) if name in found else "is missing"
        if reason:
            wrong.append(f"@{name} {reason}")
    return "\n".join(wrong)


def run_batch(options, seeds, flags):
    """The failures of a batch, by seed."""
    programs = [generate(f"p{seed}_", seed) for seed in seeds]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not run_module(options, programs, flags, folder):
            return {}
        failures = {}
        for seed, program in zip(seeds, programs):
            reason = run_module(options, [program], flags, folder)
            if reason:
                failures[seed] = reason
        # Programs disturb each other.
        return failures or {seeds[0]: f"only together: seeds {seeds}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runner", default="sym-runner")
    parser.add_argument("--count", type=int, default=60, help="how many programs")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--batch", type=int, default=10, help="programs in a module")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=300)
    parser.add_argument("--flags", default="", help="more flags of the runner")
    parser.add_argument("--keep", type=Path, help="a folder for programs that fail")
    parser.add_argument("--print", action="store_true", help="print the program of --seed")
    options = parser.parse_args()

    if options.print:
        print(module([generate("p_", options.seed)])[0], end="")
        return 0

    seeds = range(options.seed, options.seed + options.count)
    batches = [seeds[i : i + options.batch] for i in range(0, len(seeds), options.batch)]
    failed = Counter()
    with ThreadPoolExecutor(options.jobs) as pool:
        for flags in ([], ["--force-copies"]):
            flags = flags + options.flags.split()
            work = pool.map(lambda batch: run_batch(options, batch, flags), batches)
            for failures in work:
                for seed, reason in failures.items():
                    failed[seed] += 1
                    print(f"seed {seed} {' '.join(flags)}: {reason}\n", flush=True)
                    if options.keep:
                        options.keep.mkdir(exist_ok=True)
                        text = module([generate(f"p{seed}_", seed)])[0]
                        (options.keep / f"{seed}.mlir").write_text(text)
    print(f"{options.count} programs, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
