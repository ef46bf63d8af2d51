"""Indexing maps, as text and for NumPy."""

import numpy as np


def affine_map(rank, dims, names="d"):
    """(d0, d1, …) -> (d…), where a dim of None is the constant 0."""
    inputs = ", ".join(f"d{i}" for i in range(rank))
    outputs = ", ".join("0" if d is None else f"d{d}" for d in dims)
    return f"affine_map<({inputs}) -> ({outputs})>"


def spread(data, dims, rank):
    """An array that is indexed by `dims` of the iteration space, over all of
    it."""
    order = np.argsort(dims) if len(dims) else []
    data = np.transpose(data, order) if len(dims) else data
    shape = [1] * rank
    for axis, dim in enumerate(sorted(dims)):
        shape[dim] = data.shape[axis]
    return data.reshape(shape)
