"""Structured operations that move elements: transposes, broadcasts, gathers."""

import numpy as np
from maps import affine_map, spread
from program import Type


class Movement:
    def transpose(self, type, depth):
        if type.rank < 2:
            return None
        permutation = [int(d) for d in self.rng.permutation(type.rank)]
        shape = [None] * type.rank
        for i, d in enumerate(permutation):
            shape[d] = type.shape[i]
        of = Type(type.dtype, tuple(shape))
        a, init = self.value(of, depth - 1), self.empty(type)
        return self.body.op(
            f"linalg.transpose ins({a} : {of}) outs({init} : {type}) permutation = {permutation}",
            type,
            lambda env: env[a.name].map(lambda x: np.ascontiguousarray(np.transpose(x, permutation))),
        )

    def broadcast(self, type, depth):
        if not type.rank:
            return None
        count = int(self.rng.integers(1, type.rank + 1))
        added = sorted(int(d) for d in self.rng.permutation(type.rank)[:count])
        of = Type(type.dtype, tuple(n for d, n in enumerate(type.shape) if d not in added))
        a, init = self.value(of, depth - 1), self.empty(type)

        def run(env):
            shape = self.shape(type, env)
            return env[a.name].map(
                lambda x: np.array(np.broadcast_to(np.expand_dims(x, tuple(added)), shape))
            )

        return self.body.op(
            f"linalg.broadcast ins({a} : {of}) outs({init} : {type}) dimensions = {added}",
            type,
            run,
        )

    def gather(self, type, depth):
        """Elements of a vector, by indices that are brought into its range."""
        if not type.rank:
            return None
        some = sorted(int(d) for d in self.rng.permutation(type.rank)[: self.pick([1, type.rank])])
        indices = self.value(Type("i64", tuple(type.shape[d] for d in some)), depth - 1)
        length = self.pick([1, 3, 8])
        table = self.value(Type(type.dtype, (length,)), depth - 1)
        init = self.empty(type)
        zero, last = self.index_constant(0), self.index_constant(length - 1)
        n, out = self.body.fresh(), self.body.fresh()
        v = [self.body.fresh() for _ in range(4)]
        kinds = ", ".join(['"parallel"'] * type.rank)
        text = (
            f"linalg.generic {{indexing_maps = [{affine_map(type.rank, some)}, "
            f"{affine_map(type.rank, range(type.rank))}], iterator_types = "
            f"[{kinds}]}} ins({indices} : {indices.type}) "
            f"outs({init} : {type}) {{\n^bb0({n}: i64, {out}: {type.dtype}):\n"
            f"  {v[0]} = arith.index_cast {n} : i64 to index\n"
            f"  {v[1]} = arith.maxsi {v[0]}, {zero} : index\n"
            f"  {v[2]} = arith.minsi {v[1]}, {last} : index\n"
            f"  {v[3]} = tensor.extract {table}[{v[2]}] : {table.type}\n"
            f"  linalg.yield {v[3]} : {type.dtype}\n}} -> {type}"
        )

        def run(env):
            at = np.clip(env[indices.name].data, 0, length - 1)
            at = np.broadcast_to(spread(at, some, type.rank), self.shape(type, env))
            return env[table.name].map(lambda x: x[at])

        return self.body.op(text, type, run)
