#!/usr/bin/env python3
"""Adds up the xUnit result files of lit and prints one line with the totals."""

import argparse
import sys
import xml.etree.ElementTree


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--failed-steps", type=int, default=0)
    parser.add_argument("results", nargs="*")
    args = parser.parse_args()

    passed, failed, skipped = 0, args.failed_steps, 0
    for path in args.results:
        try:
            root = xml.etree.ElementTree.parse(path).getroot()
        except (OSError, xml.etree.ElementTree.ParseError) as error:
            print(f"cannot read {path}: {error}", file=sys.stderr)
            failed += 1
            continue
        for case in root.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1

    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
