#!/usr/bin/env python3
"""Breaks a copy of the runtime in one stated way (mutation testing).

    seed.py --list
    seed.py --files NAME
    seed.py --seed NAME --runtime lib/Runtime --out DIR

Every edit must apply exactly once, so that a seed follows the code that it
breaks or fails to build.
"""
import argparse
import pathlib
import shutil
import sys

from seeds import SEEDS


def edit(text, where, old, new):
    if text.count(old) != 1:
        sys.exit(f"seed.py: {where} has {text.count(old)} places like\n{old}")
    return text.replace(old, new)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--files")
    parser.add_argument("--seed")
    parser.add_argument("--runtime", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    if args.list:
        print(";".join(f"{name}:{seed['finder']}" for name, seed in SEEDS.items()), end="")
        return
    if args.files:
        print(";".join(SEEDS[args.files]["compile"]), end="")
        return
    seed = SEEDS[args.seed]
    # Headers include each other by their places, so the folders come along.
    for header in args.runtime.rglob("*.h"):
        target = args.out / header.relative_to(args.runtime)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(header, target)
    for name in seed["compile"]:
        shutil.copyfile(args.runtime / name, args.out / name)
    for name, old, new in seed["edits"]:
        path = args.out / name
        path.write_text(edit(path.read_text(), name, old, new))
    (args.out / "Seed.cpp").write_text(
        '#include "Seed.h"\n'
        "const symtest::lin::Seed symtest::lin::kSeed = {\n"
        f'    "{args.seed}", "{seed["scenario"]}", "{seed["expected"]}"}};\n')


if __name__ == "__main__":
    main()
