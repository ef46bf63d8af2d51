#!/usr/bin/env python3
"""Runs a program just in time and ahead of time, with 1, 2 and 4 threads.

Usage: run_both.py RUNNER COMPILER FILE [arguments of sym-runner...]

Whatever the run prints, how it exits, and every bit of the variables behind it
must be the same each time (T9). Prints the output of the first run, and exits
as it did.
"""
import os
import subprocess
import sys
import tempfile

COMPILATION = ("--cpu=", "--target-cpu=", "--math=", "--force-copies",
               "--no-parallel", "--no-blas")


def main():
    runner, compiler, program, *arguments = sys.argv[1:]
    compilation = [a for a in arguments if a.startswith(COMPILATION)]
    others = [a for a in arguments if a not in compilation]
    with tempfile.TemporaryDirectory() as folder:
        executable = os.path.join(folder, "program")
        state = os.path.join(folder, "state.npz")
        compiled = subprocess.run(
            [compiler, program, "-o", executable, *compilation])
        if compiled.returncode:
            return compiled.returncode
        first = None
        for threads in (1, 2, 4):
            environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
            for name, command in (
                    ("just in time", [runner, program, *compilation]),
                    ("ahead of time", [executable])):
                if os.path.exists(state):
                    os.remove(state)
                result = subprocess.run(
                    [*command, "--save-state=" + state, *others],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    env=environment)
                values = b""
                if os.path.exists(state):
                    with open(state, "rb") as file:
                        values = file.read()
                # Remarks of the compiler aside. Each tool begins a message
                # with its own name.
                error = b"".join(
                    line.split(b": ", 1)[1]
                    for line in result.stderr.splitlines(keepends=True)
                    if line.startswith((b"sym-runner: ", b"program: ")))
                run = (result.returncode, result.stdout, error, values)
                if first is None:
                    first = run
                    sys.stdout.buffer.write(result.stdout)
                    sys.stderr.buffer.write(result.stderr)
                elif run != first:
                    different = [what for what, a, b in zip(
                        ("exit code", "output", "errors", "variables"),
                        first, run) if a != b]
                    print(f"error: with {threads} threads, {name}: different "
                          f"{', '.join(different)}", file=sys.stderr)
                    sys.stderr.buffer.write(result.stdout + result.stderr)
                    return 2
        return first[0]


sys.exit(main())
