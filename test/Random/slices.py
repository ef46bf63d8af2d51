"""Slices, of tensors and into them."""

import numpy as np
from numerics import Value, is_float
from program import Operand, Type


class Slices:
    def slice_text(self, offsets, sizes, strides):
        def side(parts):
            return "[" + ", ".join(str(p) for p in parts) + "]"

        return f"{side(offsets)} {side(sizes)} {side(strides)}"

    def place(self, outer, inner):
        """Offsets, sizes and strides that put `inner` into `outer`, and how NumPy
        says it; None where they do not fit."""
        offsets, sizes, strides, slices = [], [], [], []
        for big, small in zip(outer, inner):
            if isinstance(small, str) or isinstance(big, str):
                if small != big:
                    return None
                offsets.append(0)
                sizes.append(self.body.sizes[small])
                strides.append(1)
                slices.append(lambda env: slice(None))
                continue
            if small == 0:
                # Upstream wants a static offset within the size even so.
                return None
            stride = self.pick([1, 1, 2])
            span = (small - 1) * stride + 1
            if span > big:
                stride, span = 1, small
            strides.append(stride)
            sizes.append(small)
            if self.chance(0.5):
                offset = self.clamped_index(self.index_constant(big - span))
            else:
                offset = int(self.rng.integers(big - span + 1))
            offsets.append(offset)
            slices.append(
                lambda env, offset=offset, span=span, stride=stride: (
                    lambda start: slice(start, start + span, stride)
                )(env[offset.name] if isinstance(offset, Operand) else offset)
            )
        text = self.slice_text(offsets, sizes, strides)
        return text, lambda env: tuple(s(env) for s in slices)

    def extract_slice(self, type, depth):
        if not type.rank:
            return None
        outer = tuple(
            n if isinstance(n, str) else n + self.pick([0, 1, 2, 5]) for n in type.shape
        )
        source = self.value(Type(type.dtype, outer), depth - 1)
        placed = self.place(outer, type.shape)
        if placed is None:
            return None
        text, where = placed
        return self.body.op(
            f"tensor.extract_slice {source}{text} : {source.type} to {type}",
            type,
            lambda env: (lambda at: env[source.name].map(lambda x: np.array(x[at])))(where(env)),
        )

    def insert_slice(self, type, depth):
        if not type.rank:
            return None
        inner = tuple(
            n if isinstance(n, str) else int(self.rng.integers(1, n + 1)) if n else 0
            for n in type.shape
        )
        source = self.value(Type(type.dtype, inner), depth - 1)
        target = self.value(type, depth - 1)
        placed = self.place(type.shape, inner)
        if placed is None:
            return None
        text, where = placed

        def run(env):
            at = where(env)
            error = None
            into, value = env[target.name], env[source.name]
            data = into.data.copy()
            data[at] = value.data
            if is_float(type.dtype):
                error = into.bound.copy()
                error[at] = value.bound
            return Value(type.dtype, data, error)

        return self.body.op(
            f"tensor.insert_slice {source} into {target}{text} : {source.type} into {type}",
            type,
            run,
        )
