#!/usr/bin/env python3
"""Stands in for sym-runner: structured operations run as simulated kernels.

Usage: run_kernels.py RUNNER COMPILER LAUNCHER [arguments of sym-runner...]

Compiles the program with kernels for the simulated GPU, whose threads LAUNCHER
runs on the host, and runs it. What runs nothing (a listing, IR, a program that
is rejected) is sym-runner's.

SYM_COMPILATION in the environment holds more arguments of the compiler;
SYM_KERNEL_LOG names a file that receives a line for each program: the number
of its kernels, or what the compiler said.
"""
import os
import re
import subprocess
import sys
import tempfile

# Options of the compiler; those that end in "=" may also have their value in
# the next argument.
COMPILATION = ("--cpu=", "--target-cpu=", "--math=", "--parallel-work=",
               "--force-copies", "--no-parallel", "--no-blas", "--compile=")
VALUES = ("--entry", "--call", "--arg", "--out", "--load-state",
          "--save-state", "--repeat", "--threads", "--memory-cap")
ONCE = ("--help", "--list", "--stats", "--time", "--until-after=")


def split(arguments):
    """The program, the arguments of the compiler, and those of the run."""
    program, compilation, others = None, [], []
    rest = iter(arguments)
    for argument in rest:
        if argument.startswith("--compile="):
            continue
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


def log(program, text):
    path = os.environ.get("SYM_KERNEL_LOG")
    if path:
        with open(path, "a") as file:
            file.write(f"{program}: {text}\n")


def main():
    runner, compiler, launcher, *arguments = sys.argv[1:]
    arguments += os.environ.get("SYM_COMPILATION", "").split()
    program, compilation, others = split(arguments)
    if program is None or any(a.startswith(ONCE) for a in others):
        return subprocess.run([runner, *arguments]).returncode
    with tempfile.TemporaryDirectory() as folder:
        source = program
        if program == "-":
            source = os.path.join(folder, "program.mlir")
            with open(source, "wb") as file:
                file.write(sys.stdin.buffer.read())
        executable = os.path.join(folder, "sym-runner")
        compiled = subprocess.run(
            [compiler, source, "-o", executable, *compilation,
             "--kernel-launcher=" + launcher],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if compiled.returncode:
            result = subprocess.run([runner, source, *compilation, *others])
            if result.returncode == 0:
                # What the host compiles has kernels too.
                log(program, compiled.stderr.decode().strip())
                sys.stderr.buffer.write(compiled.stderr)
                return 2
            return result.returncode
        if os.environ.get("SYM_KERNEL_LOG"):
            with open(executable, "rb") as file:
                names = set(re.findall(rb"name\.\w+", file.read()))
            log(program, f"{len(names)} kernels")
        return subprocess.run([executable, *others]).returncode


sys.exit(main())
