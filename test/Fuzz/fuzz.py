#!/usr/bin/env python3
"""Mutates the repository's programs and looks for crashes and hangs.

Inputs go to sym-fuzz, which does with each what sym-opt and sym-runner do, in a
process of its own. A diagnostic is the right answer to nonsense; a signal or a
hang never is, nor an exit status without a message.

  fuzz.py --sym-fuzz build/release/bin/sym-fuzz --count 100000 --jobs 2

The exit status is 1 if an input fails in a way that test/Fuzz/upstream/known.txt
does not list.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from inputs import ROOT, SEPARATOR, make_input, read_corpus
from stacks import describe, key

FOLDER = pathlib.Path(__file__).parent
PASS = re.compile(r'^def \w+\s*:\s*Pass<"([\w-]+)"(?:,\s*"::mlir::([\w:]+)")?', re.M)
ANCHORS = {"func::FuncOp": "builtin.module(func.func({}))"}


def read_passes():
    """A pipeline of each pass of sym alone."""
    passes = []
    for path in sorted((ROOT / "include").rglob("Passes.td")):
        for name, anchor in PASS.findall(path.read_text()):
            passes.append(ANCHORS.get(anchor, "builtin.module({})").format(name))
    return passes


AT_TIMES = " (at times)"


def read_known():
    """How each file of test/Fuzz/upstream fails, exactly as `describe` says. What
    depends on what the memory behind an array holds is marked AT_TIMES."""
    lines = (FOLDER / "upstream" / "known.txt").read_text().splitlines()
    pairs = [line.split(": ", 1) for line in lines if line and not line.startswith("#")]
    return {file: where for file, where in pairs}


class Fuzzer:
    def __init__(self, options):
        self.options = options
        self.corpus = read_corpus()
        self.passes = read_passes()
        self.environment = dict(os.environ)
        symbolizer = shutil.which("llvm-symbolizer-22") or shutil.which(
            "llvm-symbolizer", path="/usr/lib/llvm-22/bin"
        )
        if symbolizer:
            self.environment["LLVM_SYMBOLIZER_PATH"] = symbolizer
        # By `stacks.key`: to find names costs a hundred times an input.
        self.names = {}

    def make_batch(self, first):
        """The totals of a batch of inputs, and its failures."""
        options = self.options
        end = min(first + options.batch, options.first + options.count)
        inputs = [make_input(options.seed, n, self.corpus) for n in range(first, end)]
        total, failures = self.run(inputs, first)
        for failure in failures:
            failure["name"] = self.name(failure, inputs, first)
        return total, failures

    def name(self, failure, inputs, first):
        """How `describe` names a failure. The input runs again if its stack is
        new, with those before it if it does not fail without them."""
        stack = key(failure["how"], failure["stderr"])
        if stack not in self.names:
            again = self.run([failure["text"]], failure["input"], names=True)[1]
            if not again:
                again = self.run(inputs, first, names=True)[1]
                again = [f for f in again if f["input"] == failure["input"]]
            again = (again or [failure])[0]
            failure["stderr"] = again["stderr"]
            self.names[stack] = describe(again["how"], again["stderr"])
        return self.names[stack]

    def run(self, inputs, first=0, names=False):
        options = self.options
        command = [options.sym_fuzz, f"--first={first}", f"--timeout={options.timeout}"]
        command += [f"--pass={pipeline}" for pipeline in self.passes]
        with tempfile.NamedTemporaryFile("w", suffix=".mlir", errors="replace") as file:
            file.write(SEPARATOR.join(inputs))
            file.flush()
            environment = dict(self.environment)
            if not names:
                environment["LLVM_DISABLE_SYMBOLIZATION"] = "1"
            done = subprocess.run(
                [*command, file.name],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                env=environment,
            )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode != 0 or not lines or "inputs" not in lines[-1]:
            sys.exit(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
        return lines[-1], lines[:-1]


def check_known(fuzzer):
    """The list of what is known is right, and nothing on it works by now."""
    known = read_known()
    files = sorted(path.name for path in (FOLDER / "upstream").glob("*.mlir"))
    inputs = [(FOLDER / "upstream" / file).read_text() for file in files]
    found = {file: "nothing" for file in files}
    for failure in fuzzer.run(inputs, names=True)[1]:
        found[files[failure["input"]]] = describe(failure["how"], failure["stderr"])
    wrong = 0
    for file in sorted(known.keys() | found.keys()):
        expected = known.get(file, "nothing")
        if expected.endswith(AT_TIMES) and found.get(file) == "nothing":
            continue
        if expected.removesuffix(AT_TIMES) != found.get(file):
            print(f"{file}: known for {expected}, but found {found.get(file)}")
            wrong += 1
    print(f"{len(files)} files of upstream, {wrong} not as known")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sym-fuzz", default=str(ROOT / "build/release/bin/sym-fuzz"))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=20, help="seconds of one input")
    parser.add_argument("--out", type=pathlib.Path, help="folder for the inputs that fail")
    parser.add_argument("--print", type=int, help="print one input and stop")
    parser.add_argument("--check-known", action="store_true", help="run test/Fuzz/upstream")
    options = parser.parse_args()

    if options.check_known:
        return check_known(Fuzzer(options))
    if options.print is not None:
        print(make_input(options.seed, options.print, read_corpus()))
        return 0
    known = {where.removesuffix(AT_TIMES) for where in read_known().values()}
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    start = time.time()
    fuzzer = Fuzzer(options)
    totals, failures = Counter(), Counter()
    firsts = range(options.first, options.first + options.count, options.batch)
    with ThreadPoolExecutor(options.jobs) as pool:
        for total, failed in pool.map(fuzzer.make_batch, firsts):
            totals.update(total)
            for failure in failed:
                where = failure["name"]
                failures[where] += 1
                if failures[where] > 1:
                    continue
                label = "known" if where in known else "NEW"
                print(
                    f"{label}: input {failure['input']}, {failure['stage']} "
                    f"{failure['pass']}: {where}",
                    flush=True,
                )
                if options.out:
                    stem = re.sub(r"\W+", "-", f"{failure['stage']} {where}")[:120]
                    (options.out / f"{stem}.mlir").write_text(failure["text"])
                    (options.out / f"{stem}.txt").write_text(failure["stderr"])

    unknown = [where for where in failures if where not in known]
    print(
        f"{totals['inputs']} inputs, of which {totals['parsed']} parsed, "
        f"{totals['compiled']} compiled and {totals['called']} were called; "
        f"{sum(failures.values())} failed in {len(failures)} ways, {len(unknown)} of "
        f"them unknown; {time.time() - start:.0f} s"
    )
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
