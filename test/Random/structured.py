"""Structured operations: generic ones, reductions, contractions."""

import numerics as num
import numpy as np
from maps import affine_map, spread
from numerics import Value
from program import Type
from scalars import COMBINERS, Scalars, kind


class Structured:
    def region(self, arguments, rank):
        scalars = Scalars(self.rng, self.body.fresh, arguments, rank)
        return scalars

    def iteration(self, shapes):
        """A function that gives the sizes of the iteration space."""
        return lambda env: tuple(
            n if isinstance(n, int) else env[self.body.sizes[n].name] for n in shapes
        )

    def generic_text(self, maps, kinds, inputs, init, head, scalars, result):
        types = ", ".join(str(o.type) for o in inputs)
        ins = f" ins({', '.join(map(str, inputs))} : {types})" if inputs else ""
        lines = "\n".join(scalars.lines)
        lines = lines + "\n" if lines else ""
        kinds = ", ".join(f'"{k}"' for k in kinds)
        return (
            f"linalg.generic {{indexing_maps = [{', '.join(maps)}], iterator_types = [{kinds}]}}"
            f"{ins} outs({init} : {init.type}) {{\n"
            f"^bb0({head}):\n{lines}  linalg.yield {result[0]} : {result[1]}\n}} -> {init.type}"
        )

    def prepare(self, env, inputs, maps, names, sizes):
        """The environment in which a region runs, over the whole space."""
        rank = len(sizes)
        inner = {}
        for operand, dims, name in zip(inputs, maps, names):
            value = env[operand.name].map(lambda x: spread(x, dims, rank))
            inner[name] = value.map(lambda x: np.broadcast_to(x, sizes))
        grid = np.indices(sizes) if rank else []
        inner["index"] = [Value("i64", g) for g in grid]
        return inner

    def generic(self, type, depth):
        """Element-wise, with operands that are broadcast and transposed."""
        rank = type.rank
        inputs, dims = [], []
        for _ in range(self.pick([0, 1, 1, 2, 2, 3])):
            order = [int(d) for d in self.rng.permutation(rank)]
            if self.chance(0.5):
                order = sorted(order)
            dims.append(order[: int(self.rng.integers(rank + 1))] if self.chance(0.5) else order)
            dtype = type.dtype if self.chance(0.7) else self.pick(self.elements)
            of = Type(dtype, tuple(type.shape[d] for d in dims[-1]))
            inputs.append(self.value(of, depth - 1))
        reads_init = self.chance(0.2)
        init = self.value(type, depth - 1) if reads_init else self.empty(type)
        names = [self.body.fresh() for _ in range(len(inputs) + 1)]
        block = [(n, o.type.dtype) for n, o in zip(names, inputs)]
        visible = block + [(names[-1], type.dtype)] if reads_init else block
        scalars = self.region(visible, rank)
        result = scalars.expression(type.dtype, self.pick([1, 2, 3]))
        maps = [affine_map(rank, d) for d in dims + [range(rank)]]
        head = ", ".join(f"{n}: {o.type.dtype}" for n, o in zip(names, inputs + [init]))
        text = self.generic_text(maps, ["parallel"] * rank, inputs, init, head, scalars, result)
        space = self.iteration(type.shape)

        def run(env):
            sizes = space(env)
            inner = self.prepare(env, inputs + [init], dims + [range(rank)], names, sizes)
            scalars.run(inner)
            return inner[result[0]].map(lambda x: np.array(np.broadcast_to(x, sizes)))

        return self.body.op(text, type, run)

    def combiner(self, dtype):
        table = COMBINERS[kind(dtype)]
        op = self.pick(table)
        return op, table[op]

    def reduce(self, value, combine, axes, init):
        if combine is None:
            return num.sum_axes(value, axes, init)
        return num.fold_axes(combine, value, axes, init)

    def reduction(self, type, depth):
        """A linalg.generic that reduces, or linalg.reduce."""
        rank = type.rank + self.pick([1, 1, 2])
        if rank > 4:
            return None
        axes = sorted(int(d) for d in self.rng.permutation(rank)[: rank - type.rank])
        kept = [d for d in range(rank) if d not in axes]
        shape = [None] * rank
        for d, n in zip(kept, type.shape):
            shape[d] = n
        for d in axes:
            shape[d] = self.pick(list(self.body.sizes) + [1, 2, 3, 7, 19, 65])
        full = Type(type.dtype, tuple(shape))
        op, combine = self.combiner(type.dtype)
        init = self.value(type, depth - 1)
        source = self.value(full, depth - 1)
        if self.chance(0.4):
            text = (
                f"linalg.reduce {{ {op} }} ins({source} : {full}) outs({init} : {type}) "
                f"dimensions = {axes}"
            )
            return self.body.op(
                text,
                type,
                lambda env: self.reduce(env[source.name], combine, axes, env[init.name]),
            )
        inputs, dims = [source], [list(range(rank))]
        if self.chance(0.4):
            some = sorted(int(d) for d in self.rng.permutation(rank)[: int(self.rng.integers(rank + 1))])
            of = Type(self.pick(self.elements), tuple(shape[d] for d in some))
            inputs.append(self.value(of, depth - 1))
            dims.append(some)
        names = [self.body.fresh() for _ in range(len(inputs) + 1)]
        scalars = self.region([(n, o.type.dtype) for n, o in zip(names, inputs)], rank)
        item = scalars.expression(type.dtype, self.pick([0, 1, 2]))
        result = self.body.fresh()
        a, b = (names[-1], item[0]) if self.chance(0.7) else (item[0], names[-1])
        scalars.lines.append(f"  {result} = {op} {a}, {b} : {type.dtype}")
        maps = [affine_map(rank, d) for d in dims + [kept]]
        kinds = ["reduction" if d in axes else "parallel" for d in range(rank)]
        head = ", ".join(f"{n}: {o.type.dtype}" for n, o in zip(names, inputs + [init]))
        text = self.generic_text(maps, kinds, inputs, init, head, scalars, (result, type.dtype))
        space = self.iteration(shape)

        def run(env):
            sizes = space(env)
            inner = self.prepare(env, inputs, dims, names, sizes)
            scalars.run(inner)
            items = inner[item[0]].map(lambda x: np.array(np.broadcast_to(x, sizes)))
            return self.reduce(items, combine, axes, env[init.name])

        return self.body.op(text, type, run)

    def contraction(self, type, depth):
        """Products of matrices and vectors, by name or with maps."""
        if type.dtype == "i1" or type.rank > 3:
            return None
        k = self.pick(list(self.body.sizes) + [1, 2, 3, 8, 16, 40])
        names = {
            0: [("linalg.dot", "k,k->")],
            1: [("linalg.matvec", "mk,k->m"), ("linalg.vecmat", "k,kn->n")],
            2: [("linalg.matmul", "mk,kn->mn"), ("ta", "km,kn->mn"), ("tb", "mk,nk->mn")],
            3: [("linalg.batch_matmul", "bmk,bkn->bmn")],
        }
        op, subscripts = self.pick(names[type.rank])
        inputs, output = subscripts.split("->")
        sizes = dict(zip(output, type.shape)) | {"k": k}
        left, right = inputs.split(",")
        a = self.value(Type(type.dtype, tuple(sizes[x] for x in left)), depth - 1)
        b = self.value(Type(type.dtype, tuple(sizes[x] for x in right)), depth - 1)
        init = self.filled(type, 0) if self.chance(0.6) else self.value(type, depth - 1)
        maps = ""
        if op in ("ta", "tb"):
            op = "linalg.matmul"
            dims = [["mnk".index(x) for x in part] for part in (left, right, output)]
            maps = f" indexing_maps = [{', '.join(affine_map(3, d) for d in dims)}]"
        text = (
            f"{op}{maps} ins({a}, {b} : {a.type}, {b.type}) outs({init} : {type}) -> {type}"
        )
        return self.body.op(
            text,
            type,
            lambda env: num.contract(env[a.name], env[b.name], env[init.name], subscripts),
        )
