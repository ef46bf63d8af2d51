#!/usr/bin/env python3
"""Stands in for sym-runner: just in time and ahead of time, 1, 2 and 4 threads.

Usage: run_both.py RUNNER COMPILER [arguments of sym-runner...]

Whatever the program prints, how it exits, every file that it writes and every
bit of the variables behind it must be the same each time (T9). Prints the
output of the first run, and exits as it did; 2 where a run differs. What runs
nothing (a listing, IR, times, a program that is rejected) runs once, and so do
calls from several threads, whose order is not the program's.

SYM_COMPILATION in the environment holds more arguments of the compiler.
"""
import os
import subprocess
import sys
import tempfile

# Options of the compiler; those that end in "=" may also have their value in
# the next argument.
COMPILATION = ("--cpu=", "--target-cpu=", "--math=", "--parallel-work=",
               "--force-copies", "--no-parallel", "--no-blas")
VALUES = ("--entry", "--call", "--arg", "--out", "--load-state",
          "--save-state", "--repeat", "--threads", "--memory-cap")
ONCE = ("--help", "--list", "--stats", "--time", "--until-after=",
        "--threads=")


def split(arguments):
    """The program, the arguments of the compiler, and those of the run."""
    program, compilation, others = None, [], []
    rest = iter(arguments)
    for argument in rest:
        if argument + "=" in COMPILATION:
            compilation.append(argument + "=" + next(rest, ""))
        elif argument.startswith(COMPILATION):
            compilation.append(argument)
        elif argument in VALUES:
            others.append(argument + "=" + next(rest, ""))
        elif argument == "-" or not argument.startswith("-"):
            program = argument
        else:
            others.append(argument)
    return program, compilation, others


def read(path):
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def compare(runner, compiler, program, compilation, others, folder):
    source = os.path.join(folder, "program.mlir")
    if program == "-":
        with open(source, "wb") as file:
            file.write(sys.stdin.buffer.read())
        program = source
    executable = os.path.join(folder, "program")
    state = os.path.join(folder, "state.npz")
    compiled = subprocess.run(
        [compiler, program, "-o", executable, *compilation],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if compiled.returncode:
        # Rejected, which sym-runner must say too.
        result = subprocess.run([runner, program, *compilation, *others])
        if result.returncode == 0:
            print("error: only sym-compile fails", file=sys.stderr)
            return 2
        return result.returncode

    written = [a.split("=", 1)[1].removeprefix("@") for a in others
               if a.startswith(("--save-state=", "--out=@"))]
    if not any(a.startswith("--save-state=") for a in others):
        others = ["--save-state=" + state, *others]
        written.append(state)
    loaded = [a.split("=", 1)[1].removeprefix("@") for a in others
              if a.startswith(("--load-state=", "--arg=@"))]
    first = None
    for threads in (1, 2, 4):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads),
                           OMP_WAIT_POLICY="passive")
        for name, command in (
                ("just in time", [runner, program, *compilation]),
                ("ahead of time", [executable])):
            for path in written:
                if os.path.isfile(path) and path not in loaded:
                    os.remove(path)
            result = subprocess.run(
                [*command, *others], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment)
            # Remarks of the compiler aside. Each tool begins a message with
            # its own name.
            error = b"".join(
                line.split(b": ", 1)[1]
                for line in result.stderr.splitlines(keepends=True)
                if line.startswith((b"sym-runner: ", b"program: ")))
            run = (result.returncode, result.stdout, error,
                   [read(path) for path in written])
            if first is None:
                first = run
                sys.stdout.buffer.write(result.stdout)
                sys.stderr.buffer.write(result.stderr)
            elif run != first:
                different = [what for what, a, b in zip(
                    ("exit code", "output", "errors", "variables or files"),
                    first, run) if a != b]
                print(f"error: with {threads} threads, {name}: different "
                      f"{', '.join(different)}", file=sys.stderr)
                sys.stderr.buffer.write(result.stdout + result.stderr)
                return 2
    return first[0]


def main():
    runner, compiler, *arguments = sys.argv[1:]
    arguments += os.environ.get("SYM_COMPILATION", "").split()
    program, compilation, others = split(arguments)
    if program is None or any(a.startswith(ONCE) for a in others):
        return subprocess.run([runner, *arguments]).returncode
    with tempfile.TemporaryDirectory() as folder:
        return compare(runner, compiler, program, compilation, others, folder)


sys.exit(main())
