#!/usr/bin/env python3
"""Runs the functions of a program with arguments that must fail, or must not.

Usage: run_failures.py RUNNER FILE [options of the runner...]

Before a function stand lines `// ARGS: ...`, each followed by `// FAIL: status
and message` or `// PASS: what it prints`. After a failure the variables must be
bit for bit as they were (T4).
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile


def parse(lines):
    """Yields function, arguments, kind, text and the lines of its body."""
    cases, arguments = [], None
    for number, line in enumerate(lines, 1):
        if match := re.match(r"// ARGS: (.*)", line):
            arguments = re.findall(r"\[.*?\](?=\s+[^\s,]|$)|\[\[.*?\]\]|\S+",
                                   match[1])
        elif match := re.match(r"// (FAIL|PASS): (.*)", line):
            cases.append((arguments, match[1], match[2]))
        elif match := re.match(r"sym\.func @(\w+)", line):
            end = number
            while lines[end - 1].rstrip() != "}":
                end += 1
            for case in cases:
                yield (match[1], *case, range(number, end + 1))
            cases = []


def run(runner, program, options, *rest):
    return subprocess.run([runner, program, *options, *rest],
                          capture_output=True, text=True)


def main():
    runner, program, *options = sys.argv[1:]
    with open(program) as file:
        cases = list(parse(file.read().splitlines()))
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        before = os.path.join(folder, "before.npz")
        run(runner, program, options, "--entry=nothing", "--save-state=" + before)
        for function, arguments, kind, text, body in cases:
            after = os.path.join(folder, "after.npz")
            command = ["--call=" + function,
                       *("--arg=" + argument for argument in arguments)]
            result = run(runner, program, options, *command,
                         "--save-state=" + after)
            problems = []
            if kind == "PASS":
                printed = " ".join(result.stdout.split())
                if result.returncode or printed != text.strip():
                    problems.append(f"printed {result.stdout!r}")
            else:
                if result.returncode != 1:
                    problems.append(f"exited with {result.returncode}")
                if text not in result.stderr:
                    problems.append("another message")
                place = re.search(re.escape(os.path.basename(program)) +
                                  r":(\d+):\d+", result.stderr)
                if not place or int(place[1]) not in body:
                    problems.append("another place")
                with open(before, "rb") as a, open(after, "rb") as b:
                    if a.read() != b.read():
                        problems.append("state has changed")
            if problems:
                failures += 1
                print(f"@{function} {shlex.join(arguments)}: expected {text}\n"
                      f"  found {', '.join(problems)}\n  {result.stderr}")
    print(f"{len(cases)} cases, {failures} failures")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
