#!/usr/bin/env python3
"""Makes digits.npz from the copy of the data in scikit-learn's package.

    pip download --no-deps scikit-learn
    make_digits.py scikit_learn-*.whl digits.npz
"""

import argparse
import gzip
import zipfile

import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", help="scikit-learn's wheel")
    parser.add_argument("output", help="the .npz file to write")
    arguments = parser.parse_args()

    with zipfile.ZipFile(arguments.wheel) as wheel:
        packed = wheel.read("sklearn/datasets/data/digits.csv.gz")
    lines = gzip.decompress(packed).decode("ascii").splitlines()
    table = np.array([line.split(",") for line in lines], dtype=np.float64).astype(np.int64)
    assert table.shape == (1797, 65) and table.min() >= 0 and table.max() <= 16

    # Every fifth is held out, so that both parts have something of every hand.
    held_out = np.arange(len(table)) % 5 == 4
    train, test = table[~held_out], table[held_out]
    np.savez_compressed(
        arguments.output,
        train_x=train[:, :64].astype(np.int8),
        train_y=train[:, 64],
        test_x=test[:, :64].astype(np.int8),
        test_y=test[:, 64],
    )


if __name__ == "__main__":
    main()
