"""Single elements, and tensors that change shape."""

import numpy as np
from numerics import Value, is_float
from program import Type


class Shapes:
    def insert(self, type, depth):
        """One element, where there is one."""
        if not type.rank or not type.is_static or 0 in type.shape:
            return None
        target = self.value(type, depth - 1)
        number = self.number(type.dtype)
        at = [self.clamped_index(self.index_constant(n - 1)) for n in type.shape]
        names = [o.name for o in at]

        def run(env):
            where = tuple(env[n] for n in names)
            value, into = env[number.name], env[target.name]
            data, error = into.data.copy(), None
            data[where] = value.data
            if is_float(type.dtype):
                error = into.bound.copy()
                error[where] = value.bound
            return Value(type.dtype, data, error)

        return self.body.op(
            f"tensor.insert {number} into {target}[{', '.join(names)}] : {type}", type, run
        )

    def extract(self, type, depth):
        """A tensor of rank 0 of one element of another."""
        if type.rank:
            return None
        shape = self.pick([(1,), (4,), (2, 3), (5, 1, 2)])
        source = self.value(Type(type.dtype, shape), depth - 1)
        at = [self.clamped_index(self.index_constant(n - 1)) for n in shape]
        names = [o.name for o in at]
        number = self.body.op(
            f"tensor.extract {source}[{', '.join(names)}] : {source.type}",
            type.dtype,
            lambda env: env[source.name].map(lambda x: x[tuple(env[n] for n in names)]),
        )
        return self.body.op(
            f"tensor.from_elements {number} : {type}", type, lambda env: env[number.name]
        )

    def from_elements(self, type, depth):
        if type.rank != 1 or not type.is_static or not 0 < type.shape[0] <= 4:
            return None
        numbers = [self.number(type.dtype) for _ in range(type.shape[0])]

        def run(env):
            values = [env[n.name] for n in numbers]
            data = np.stack([v.data for v in values])
            error = np.stack([v.bound for v in values]) if is_float(type.dtype) else None
            return Value(type.dtype, data, error)

        return self.body.op(
            f"tensor.from_elements {', '.join(map(str, numbers))} : {type}", type, run
        )

    def pad(self, type, depth):
        if not type.rank or not any(isinstance(n, int) and n for n in type.shape):
            return None
        low, high, inner = [], [], []
        for n in type.shape:
            before = after = 0
            if isinstance(n, int):
                before = int(self.rng.integers(0, min(n, 2) + 1))
                after = int(self.rng.integers(0, min(n - before, 2) + 1))
                n -= before + after
            low.append(before)
            high.append(after)
            inner.append(n)
        source = self.value(Type(type.dtype, tuple(inner)), depth - 1)
        number = self.number(type.dtype)
        indices = ", ".join(f"{self.body.fresh()}: index" for _ in inner)
        text = (
            f"tensor.pad {source} low{low} high{high} {{\n^bb0({indices}):\n"
            f"  tensor.yield {number} : {type.dtype}\n}} : {source.type} to {type}"
        )

        def run(env):
            value, fill = env[source.name], env[number.name]
            widths = list(zip(low, high))
            data = np.pad(value.data, widths, constant_values=fill.data)
            error = None
            if is_float(type.dtype):
                error = np.pad(value.bound, widths, constant_values=fill.bound)
            return Value(type.dtype, data, error)

        return self.body.op(text, type, run)

    def reshape(self, type, depth):
        """collapse_shape and expand_shape, where sizes are static."""
        if not type.is_static or not type.rank:
            return None
        if type.rank == 1:
            n = type.shape[0]
            factors = [f for f in range(1, n + 1) if n % f == 0] if n else [2]
            a = self.pick(factors)
            of = Type(type.dtype, (a, n // a if n else 0))
            source = self.value(of, depth - 1)
            text = f"tensor.collapse_shape {source} [[0, 1]] : {of} into {type}"
        else:
            of = Type(type.dtype, (type.shape[0] * type.shape[1],) + type.shape[2:])
            source = self.value(of, depth - 1)
            groups = [[0, 1]] + [[i] for i in range(2, type.rank)]
            text = (
                f"tensor.expand_shape {source} {groups} output_shape {list(type.shape)} : "
                f"{of} into {type}"
            )
        return self.body.op(
            text, type, lambda env: env[source.name].map(lambda x: x.reshape(type.shape))
        )

    def round_trip(self, type, depth):
        """Forgets a static size and states it again."""
        static = [d for d, n in enumerate(type.shape) if isinstance(n, int)]
        if not static:
            return None
        d = self.pick(static)
        source = self.value(type, depth - 1)
        loose = f"tensor<{'x'.join(('?' if i == d or isinstance(n, str) else str(n)) for i, n in enumerate(type.shape))}x{type.dtype}>"
        middle = self.body.op(
            f"tensor.cast {source} : {type} to {loose}", "loose", lambda env: env[source.name]
        )
        return self.body.op(
            f"tensor.cast {middle} : {loose} to {type}", type, lambda env: env[middle.name]
        )

    def concat(self, type, depth):
        static = [d for d, n in enumerate(type.shape) if isinstance(n, int) and n > 1]
        if not static:
            return None
        d = self.pick(static)
        first = int(self.rng.integers(1, type.shape[d]))
        parts = []
        for n in (first, type.shape[d] - first):
            shape = type.shape[:d] + (n,) + type.shape[d + 1 :]
            parts.append(self.value(Type(type.dtype, shape), depth - 1))
        a, b = parts

        def run(env):
            x, y = env[a.name], env[b.name]
            data = np.concatenate([x.data, y.data], axis=d)
            error = np.concatenate([x.bound, y.bound], axis=d) if is_float(type.dtype) else None
            return Value(type.dtype, data, error)

        return self.body.op(
            f"tensor.concat dim({d}) {a}, {b} : ({a.type}, {b.type}) -> {type}", type, run
        )

    def generate(self, type, depth):
        if not type.rank:
            return None
        sizes = ", ".join(str(self.size(n)) for n in type.shape if isinstance(n, str))
        names = [self.body.fresh() for _ in type.shape]
        scalars = self.region([], 0)
        at = int(self.rng.integers(type.rank))
        cast = self.body.fresh()
        scalars.lines.append(f"  {cast} = arith.index_cast {names[at]} : index to i32")
        scalars.values.append((cast, "i32"))
        result = scalars.expression(type.dtype, 2)
        head = ", ".join(f"{n}: index" for n in names)
        lines = "\n".join(scalars.lines)
        text = (
            f"tensor.generate {sizes} {{\n^bb0({head}):\n{lines}\n"
            f"  tensor.yield {result[0]} : {type.dtype}\n}} : {type}"
        )

        def run(env):
            shape = self.shape(type, env)
            inner = {cast: Value("i32", np.indices(shape)[at])}
            scalars.run(inner)
            return inner[result[0]].map(lambda x: np.array(np.broadcast_to(x, shape)))

        return self.body.op(text, type, run)
