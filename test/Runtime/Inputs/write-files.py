#!/usr/bin/env python3
"""Writes the files beside it, with NumPy 2.4: what RuntimeFileTests must read,
or refuse.

    test/Runtime/Inputs/write-files.py
"""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
ARRAYS = {
    "f4": np.array([[1.5, 2], [3, 4], [5, 6]], "<f4"),
    "fortran": np.asfortranarray([[1, 2, 3], [4, 5, 6]]),
    "big-endian": np.array([1, -2, 70000], ">i4"),
    "big-complex": np.array([1 + 2j], ">c16"),
    "scalar": np.array(0.25),
    "object": np.array([None]),
    "text": np.array(["ab"]),
    "structure": np.array([(1, 2.0)], [("a", "<i4"), ("b", "<f8")]),
}
for name, array in ARRAYS.items():
    np.save(FOLDER / f"{name}.npy", array, allow_pickle=True)
with open(FOLDER / "version2.npy", "wb") as file:
    np.lib.format.write_array(file, np.array([True, False]), version=(2, 0))
np.savez(FOLDER / "savez.npz", n=5, m=-6, s=[1.0, 2, 3])
np.savez_compressed(
    FOLDER / "compressed.npz", n=7, m=8, s=np.arange(1000.0), t=np.zeros(0)
)
