#!/usr/bin/env python3
"""Mutates the repository's programs and looks for crashes and hangs.

Every input is determined by the seed, its number and the corpus. Inputs go to
sym-opt in batches (--split-input-file); a batch that ends by a signal or hangs
is bisected down to single inputs, whose stacks say whether the crash is in sym
or upstream. A diagnostic is the right answer to nonsense; a signal never is.

  fuzz.py --sym-opt build/release/bin/sym-opt --count 100000

The exit status is 1 if an input crashes or hangs in a way that
test/Fuzz/upstream/known.txt does not list.
"""

import argparse
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEPARATOR = "\n// -----\n"
MODES = {
    "parse": [],
    "borrows": ["--sym-check-borrows"],
    "clean": ["--canonicalize", "--cse", "--inline", "--symbol-dce"],
    "compile": ["--sym-to-llvm"],
    # One process of sym-runner per input, with --sym-runner.
    "run": [],
}
TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"'  # a string
    r"|(?<=[\d?])x(?=[\d?a-z])"  # between the sizes of a type
    r"|[%@^#!]?[A-Za-z_][\w.$]*"
    r"|\d+(?:\.\d+)?|\s+|.",
    re.S,
)
NUMBERS = ["0", "1", "2", "3", "-1", "7", "64", "1000000", "2147483648"]
NUMBERS += ["9223372036854775807", "9223372036854775808", "-9223372036854775808"]
NUMBERS += ["1.0e+300", "0x7FC00000", "?"]
TYPES = ["i1", "i4", "i8", "i32", "i64", "i128", "index", "f16", "bf16", "f32"]
TYPES += ["f64", "f80", "f128", "complex<f32>", "si8", "ui8", "none", "vector<4xf32>"]
TYPES += ["tensor<f32>", "tensor<4xf32>", "tensor<?xf32>", "tensor<0xf32>"]
TYPES += ["tensor<*xf32>", "tensor<2x3xi64>", "memref<4xf32>", "memref<?xi8>"]
TYPES += ["!sym.borrow<tensor<4xf32>, scoped>", "tuple<f32>"]
SCALARS = re.compile(r"^(?:i\d+|index|b?f\d+)$")


def read_corpus():
    """The chunks of all programs, without their comments."""
    chunks = []
    for folder in ("test", "examples"):
        for path in sorted((ROOT / folder).rglob("*.mlir")):
            if "upstream" in path.parts:
                continue
            for chunk in re.split(r"^// -----.*$", path.read_text(), flags=re.M):
                lines = chunk.splitlines()
                lines = [l for l in lines if not l.lstrip().startswith("//")]
                chunk = "\n".join(lines).strip()
                if chunk and len(chunk) < 12000:
                    chunks.append(chunk)
    return chunks


def replace(rng, tokens, at, by):
    """One token, or all equal ones: what types must agree on then still does,
    and the input gets further than the verifier."""
    old = tokens[at]
    everywhere = rng.random() < 0.7
    for i, token in enumerate(tokens):
        if i == at or (everywhere and token == old):
            tokens[i] = by


def mutate_tokens(rng, text, corpus):
    tokens = TOKEN.findall(text)
    places = [i for i, token in enumerate(tokens) if not token.isspace()]
    if not places:
        return text
    at = rng.choice(places)
    kind = rng.randrange(7)
    if kind == 0:
        del tokens[at]
    elif kind == 1:
        tokens.insert(at, tokens[at])
    elif kind == 2:
        other = rng.choice(places)
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif kind == 3:
        numbers = [i for i in places if tokens[i][0].isdigit()] or [at]
        replace(rng, tokens, rng.choice(numbers), rng.choice(NUMBERS))
    elif kind == 4:
        types = [i for i in places if SCALARS.match(tokens[i])] or [at]
        replace(rng, tokens, rng.choice(types), rng.choice(TYPES))
    elif kind == 5:
        # Another value, symbol or operation of the same program.
        alike = [i for i in places if tokens[i][0] == tokens[at][0]]
        tokens[at] = tokens[rng.choice(alike)]
    else:
        # A token of another program.
        tokens[at] = rng.choice(TOKEN.findall(rng.choice(corpus)))
    return "".join(tokens)


def mutate_lines(rng, text, corpus):
    lines = text.splitlines()
    if not lines:
        return text
    at = rng.randrange(len(lines))
    kind = rng.randrange(5)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(rng.randrange(len(lines) + 1), lines[at])
    elif kind == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        lines.insert(at, rng.choice(rng.choice(corpus).splitlines()))
    else:
        end = min(len(lines), at + rng.randrange(2, 6))
        part = lines[at:end]
        rng.shuffle(part)
        lines[at:end] = part
    return "\n".join(lines)


def mutate_bytes(rng, text, corpus):
    if not text:
        return text
    at = rng.randrange(len(text))
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at]
    if kind == 1:
        return text[:at] + text[at + rng.randrange(1, 20) :]
    return text[:at] + chr(ord(text[at]) % 128 ^ (1 << rng.randrange(7))) + text[at + 1 :]


def make_input(seed, number, corpus):
    rng = random.Random(f"{seed}:{number}")
    text = rng.choice(corpus)
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 5])):
        mutate = rng.choice([mutate_tokens] * 6 + [mutate_lines] * 3 + [mutate_bytes])
        text = mutate(rng, text, corpus)
    return text.replace("\0", " ")


class Runner:
    def __init__(self, tool, executor, timeout, folder):
        self.tool = tool
        self.executor = executor
        self.timeout = timeout
        self.folder = pathlib.Path(folder)
        self.environment = dict(os.environ)
        symbolizer = shutil.which("llvm-symbolizer-22") or shutil.which(
            "llvm-symbolizer", path="/usr/lib/llvm-22/bin"
        )
        if symbolizer:
            self.environment["LLVM_SYMBOLIZER_PATH"] = symbolizer

    def run(self, inputs, flags, name):
        """(None, "") if all went well, else (signal or "hang", stderr)."""
        path = self.folder / f"{name}.mlir"
        path.write_text(SEPARATOR.join(inputs), errors="replace")
        command = [self.tool, str(path), "--split-input-file", "-o", os.devnull]
        command += ["--mlir-disable-threading", "--mlir-print-op-on-diagnostic=false"]
        timeout = self.timeout + len(inputs) * 0.5
        try:
            done = subprocess.run(
                command + flags,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=timeout,
                env=self.environment,
            )
        except subprocess.TimeoutExpired:
            return "hang", ""
        # The handler of signals ends the process by the same signal, or 128+n.
        if done.returncode < 0 or done.returncode > 1:
            return str(done.returncode), done.stderr.decode(errors="replace")
        return None, ""

    def execute(self, text, name):
        """Runs one program. It may loop for ever or ask for all memory, so that
        a hang is no failure here."""
        path = self.folder / f"{name}.mlir"
        path.write_text(text, errors="replace")

        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
            resource.setrlimit(resource.RLIMIT_CPU, (10, 10))

        try:
            done = subprocess.run(
                [self.executor, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=self.timeout,
                env=self.environment,
                preexec_fn=limit,
            )
        except subprocess.TimeoutExpired:
            return []
        stderr = done.stderr.decode(errors="replace")
        if done.returncode in (0, -24, -9):
            return []
        if done.returncode == 1:
            return [] if stderr.strip() else [(text, "without a message", "")]
        return [(text, str(done.returncode), stderr)]

    def bisect(self, inputs, flags, name):
        """The single inputs that fail, with how."""
        failure, stderr = self.run(inputs, flags, name)
        if not failure:
            return []
        if len(inputs) == 1:
            return [(inputs[0], failure, stderr)]
        half = len(inputs) // 2
        return self.bisect(inputs[:half], flags, name) + self.bisect(
            inputs[half:], flags, name
        )


FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+ (.*?) \(?(/\S+?)\+0x[0-9a-f]+\)?$", re.M)
SOURCE_FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+ (.*?) (/\S+|\S+\.(?:cpp|h|inc):\S+)$", re.M)
HANDLER = re.compile(r"PrintStackTrace|RunSignalHandlers|SignalHandler|__restore_rt")


def strip_arguments(function):
    """The name of a function without its arguments, which may nest."""
    depth = 0
    name = []
    for c in function:
        if c in "(<":
            depth += 1
        elif c in ")>":
            depth -= 1
        elif depth == 0:
            name.append(c)
    return "".join(name).strip()


def describe(failure, stderr):
    """Where a crash is: "upstream NAME" or "sym NAME"; sym frames that are
    near the top are named too, since sym may have asked for the impossible."""
    if failure == "hang":
        return "hang", ""
    frames = []
    for line in stderr.splitlines():
        match = FRAME.match(line) or SOURCE_FRAME.match(line)
        if match and not HANDLER.search(match.group(1)):
            frames.append((strip_arguments(match.group(1)), match.group(2)))
    frames = [f for f in frames if "libc.so" not in f[1]]
    if not frames:
        return f"signal {failure} without a stack", ""
    own = [f for f in frames if "mlir::sym" in f[0] or "/sym-" in f[1]]
    top = frames[0]
    side = "sym" if top in own else "upstream"
    nearest = next((f[0] for f in frames[:12] if f in own and f[0] != "main"), "")
    return f"{side} {top[0]}", nearest


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sym-opt", default=str(ROOT / "build/release/bin/sym-opt"))
    parser.add_argument("--sym-runner", help="executes the inputs too")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=20)
    parser.add_argument("--seconds", type=float, help="stop after this time")
    parser.add_argument("--modes", default="parse,borrows,clean,compile")
    parser.add_argument("--out", help="folder for the inputs that fail")
    parser.add_argument("--print", type=int, help="print one input and stop")
    options = parser.parse_args()

    if options.sym_runner:
        options.modes += ",run"
    corpus = read_corpus()
    if options.print is not None:
        print(make_input(options.seed, options.print, corpus))
        return 0
    known_file = pathlib.Path(__file__).parent / "upstream" / "known.txt"
    known = [
        line.strip()
        for line in known_file.read_text().splitlines()
        if line.strip() and not line.startswith("#")
    ]
    if options.out:
        os.makedirs(options.out, exist_ok=True)
    start = time.time()
    failures = {}
    done = 0

    def work(job):
        first, mode = job
        if options.seconds and time.time() - start > options.seconds:
            return None
        numbers = range(first, min(first + options.batch, end))
        inputs = [make_input(options.seed, number, corpus) for number in numbers]
        name = f"{mode}-{first}"
        if mode == "run":
            found = [f for text in inputs for f in runner.execute(text, name)]
        else:
            found = runner.bisect(inputs, MODES[mode], name)
        (runner.folder / f"{name}.mlir").unlink(missing_ok=True)
        return len(inputs), mode, found

    end = options.first + options.count
    jobs = [
        (first, mode)
        for first in range(options.first, end, options.batch)
        for mode in options.modes.split(",")
    ]
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(options.sym_opt, options.sym_runner, options.timeout, folder)
        with ThreadPoolExecutor(options.jobs) as pool:
            for result in pool.map(work, jobs):
                if not result:
                    continue
                done += result[0]
                for text, failure, stderr in result[2]:
                    where, nearest = describe(failure, stderr)
                    key = (where, nearest)
                    if key not in failures:
                        failures[key] = []
                        label = f"{where} (called by {nearest})" if nearest else where
                        print(f"{result[1]}: {label}", flush=True)
                        if options.out:
                            stem = re.sub(r"\W+", "-", f"{result[1]} {where} {nearest}")
                            path = pathlib.Path(options.out) / stem[:120]
                            path.with_suffix(".mlir").write_text(text)
                            path.with_suffix(".txt").write_text(stderr)
                    failures[key].append(text)

    unknown = {key for key in failures if not any(k in key[0] for k in known)}
    crashed = sum(len(texts) for texts in failures.values())
    print(
        f"{done} runs of inputs, {crashed} failed in {len(failures)} ways, "
        f"{len(unknown)} of them unknown, {time.time() - start:.0f} s"
    )
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
