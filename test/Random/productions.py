"""Random operations on tensors. Each production makes a value of a wanted type
out of others, as text and as a step for NumPy."""

import numerics as num
import numpy as np
from numerics import DTYPES, Fault, Value, is_float
from program import Body, Operand, Type, constant, literal
from scalars import (
    COMBINERS,
    FAULTY_BINARY,
    FLOAT_PREDICATES,
    FLOAT_UNARY,
    INTEGER_PREDICATES,
    Scalars,
    binary_table,
    cast_names,
    kind,
    np_broadcast,
    random_data,
)


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


class Productions:
    def __init__(self, rng, shared, expressions, elements):
        self.rng = rng
        self.shared = shared
        self.expressions = expressions
        self.elements = elements
        self.body = Body()
        self.reads = {}
        self.variables_read = set()

    # -- choices -----------------------------------------------------------

    def pick(self, choices):
        choices = list(choices)
        return choices[int(self.rng.integers(len(choices)))]

    def chance(self, probability):
        return self.rng.random() < probability

    # -- pieces ------------------------------------------------------------

    def read(self, variable):
        """The read of a variable; one for each, at the function's entry or where
        it is first wanted."""
        known = self.reads.get(variable.name)
        if known is not None and any(o is known for o in self.body.visible()):
            return known
        result = self.body.op(
            f"sym.read @{variable.name} : {variable.type}",
            variable.type,
            lambda env: env["reads"][variable.name],
        )
        self.reads[variable.name] = result
        self.variables_read.add(variable.name)
        return result

    def find_sizes(self):
        """Makes the dynamic sizes known that some operand has."""
        for operand in list(self.body.visible()):
            for dim, size in enumerate(operand.type.shape):
                if isinstance(size, str) and size not in self.body.sizes:
                    at = self.index_constant(dim)
                    name = operand.name
                    self.body.sizes[size] = self.body.op(
                        f"tensor.dim {operand}, {at} : {operand.type}",
                        "index",
                        lambda env, name=name, dim=dim: env[name].data.shape[dim],
                    )

    def index_constant(self, number):
        return self.body.op(f"arith.constant {number} : index", "index", lambda env: number)

    def size(self, size):
        return self.index_constant(size) if isinstance(size, int) else self.body.sizes[size]

    def shape(self, type, env):
        return tuple(
            n if isinstance(n, int) else env[self.body.sizes[n].name] for n in type.shape
        )

    def empty(self, type):
        sizes = ", ".join(str(self.size(n)) for n in type.shape if isinstance(n, str))
        result = self.body.op(
            f"tensor.empty({sizes}) : {type}",
            type,
            lambda env: Value(type.dtype, np.zeros(self.shape(type, env))),
        )
        self.body.pool.remove(result)
        return result

    def scalar_constant(self, dtype, data=None):
        data = random_data(self.rng, dtype, ()) if data is None else np.asarray(data, DTYPES[dtype])
        suffix = "" if dtype == "i1" else f" : {dtype}"
        text = f"arith.constant {literal(data[()])}{suffix}"
        return self.body.op(text, dtype, lambda env: Value(dtype, data))

    def filled(self, type, data=None):
        """A tensor of one number."""
        scalar = self.scalar_constant(type.dtype, data)
        if type.is_static and self.chance(0.3):
            return self.body.op(
                f"tensor.splat {scalar} : {type}",
                type,
                lambda env: Value(type.dtype, np.full(self.shape(type, env), env[scalar.name].data)),
            )
        empty = self.empty(type)
        return self.body.op(
            f"linalg.fill ins({scalar} : {type.dtype}) outs({empty} : {type}) -> {type}",
            type,
            lambda env: Value(type.dtype, np.full(self.shape(type, env), env[scalar.name].data)),
        )

    def leaf(self, type):
        known = [o for o in self.body.visible() if o.type == type]
        if known and self.chance(0.85):
            return self.pick(known)
        if type.is_static and self.chance(0.7):
            data = random_data(self.rng, type.dtype, type.shape)
            return self.body.op(
                f"arith.constant {constant(data, type)}", type, lambda env: Value(type.dtype, data)
            )
        return self.filled(type)

    def number(self, dtype):
        """A scalar that depends on the data."""
        tensor = self.value(Type(dtype), 1)
        return self.body.op(
            f"tensor.extract {tensor}[] : {tensor.type}", dtype, lambda env: env[tensor.name]
        )

    def clamped_index(self, limit):
        """An index between 0 and `limit`, an index operand, that depends on the
        data."""
        dtype = self.pick(["i64", "i32", "i8"])
        number = self.number(dtype)
        wide = self.body.op(
            f"arith.index_cast {number} : {dtype} to index",
            "index",
            lambda env: int(env[number.name].data),
        )
        zero = self.index_constant(0)
        low = self.body.op(
            f"arith.maxsi {wide}, {zero} : index", "index", lambda env: max(env[wide.name], 0)
        )
        return self.body.op(
            f"arith.minsi {low}, {limit} : index",
            "index",
            lambda env: min(env[low.name], env[limit.name]),
        )

    # -- the wanted value --------------------------------------------------

    def value(self, type, depth):
        """A value of `type`, out of operations nested at most `depth` deep."""
        if depth <= 0:
            return self.leaf(type)
        for _ in range(4):
            weights = [weight for weight, _ in PRODUCTIONS]
            at = self.rng.choice(len(PRODUCTIONS), p=np.array(weights) / sum(weights))
            result = PRODUCTIONS[at][1](self, type, depth)
            if result is not None:
                return result
        return self.leaf(type)

    def combine(self, type, operand, depth):
        """An element-wise operation of a given operand with another value."""
        other = self.value(type, depth - 1)
        table = binary_table(type.dtype)
        op = self.pick(table)
        a, b = (operand, other) if self.chance(0.5) else (other, operand)
        return self.elementwise(op, table[op], a, b, type)

    def elementwise(self, op, function, a, b, type):
        return self.body.op(
            f"{op} {a}, {b} : {type}", type, lambda env: function(env[a.name], env[b.name])
        )

    def binary(self, type, depth):
        table = binary_table(type.dtype)
        op = self.pick(table)
        a, b = self.value(type, depth - 1), self.value(type, depth - 1)
        return self.elementwise(op, table[op], a, b, type)

    def unary(self, type, depth):
        if not is_float(type.dtype):
            return None
        op = self.pick(FLOAT_UNARY)
        a = self.value(type, depth - 1)
        return self.body.op(f"{op} {a} : {type}", type, lambda env: FLOAT_UNARY[op](env[a.name]))

    def compare(self, type, depth):
        if type.dtype != "i1":
            return None
        dtype = self.pick([e for e in self.elements + ["f32", "i32"] if e != "i1"])
        of = type.with_dtype(dtype)
        a, b = self.value(of, depth - 1), self.value(of, depth - 1)
        floats = is_float(dtype)
        predicate = self.pick(FLOAT_PREDICATES if floats else INTEGER_PREDICATES)
        return self.body.op(
            f"arith.cmp{'f' if floats else 'i'} {predicate}, {a}, {b} : {of}",
            type,
            lambda env: num.compare(predicate, env[a.name], env[b.name]),
        )

    def select(self, type, depth):
        condition = type.with_dtype("i1")
        c = self.value(condition, depth - 1)
        a, b = self.value(type, depth - 1), self.value(type, depth - 1)
        return self.body.op(
            f"arith.select {c}, {a}, {b} : {condition}, {type}",
            type,
            lambda env: num.select(env[c.name], env[a.name], env[b.name]),
        )

    def cast(self, type, depth):
        sources = [e for e in self.elements if e != type.dtype]
        if not sources:
            return None
        source = self.pick(sources)
        of = type.with_dtype(source)
        if is_float(source) and not is_float(type.dtype):
            return self.to_integer(type, of, depth)
        op = self.pick(cast_names(source, type.dtype))
        a = self.value(of, depth - 1)
        return self.body.op(
            f"{op} {a} : {of} to {type}",
            type,
            lambda env: num.convert(op.split(".")[1], env[a.name], type.dtype),
        )

    def to_integer(self, type, of, depth):
        """fptosi of what is a number and in range."""
        if type.dtype == "i1":
            return None
        a = self.value(of, depth - 1)
        zero, low, high = self.filled(of, 0), self.filled(of, -100), self.filled(of, 100)
        condition = of.with_dtype("i1")
        nan = self.body.op(
            f"arith.cmpf une, {a}, {a} : {of}",
            condition,
            # A value is equal to itself, whatever its bound.
            lambda env: Value("i1", np.isnan(env[a.name].data)),
        )
        number = self.body.op(
            f"arith.select {nan}, {zero}, {a} : {condition}, {of}",
            of,
            lambda env: num.select(env[nan.name], env[zero.name], env[a.name]),
        )
        above = self.elementwise("arith.maximumf", num.maximumf, number, low, of)
        inside = self.elementwise("arith.minimumf", num.minimumf, above, high, of)
        return self.body.op(
            f"arith.fptosi {inside} : {of} to {type}",
            type,
            lambda env: num.convert("fptosi", env[inside.name], type.dtype),
        )

    # -- structured operations ---------------------------------------------

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

    # -- slices and shapes -------------------------------------------------

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

    # -- control flow ------------------------------------------------------

    def nested(self, types, depth, prepare=None):
        """A nested body that makes values of `types`."""
        self.body = Body(self.body)
        if prepare:
            prepare(self.body)
        results = [self.value(t, depth) for t in types]
        body, self.body = self.body, self.body.parent
        body.mark_live([o.name for o in results])
        return body, results

    def text_of(self, body):
        return "".join(line + "\n" for line in body.lines(1))

    def conditional(self, type, depth):
        condition = self.number("i1")
        types = [type] + [self.pick(self.shared).type for _ in range(self.pick([0, 0, 1]))]
        first, a = self.nested(types, depth - 1)
        second, b = self.nested(types, depth - 1)
        list_of = ", ".join(map(str, types))
        text = (
            f"scf.if {condition} -> ({list_of}) {{\n{self.text_of(first)}"
            f"  scf.yield {', '.join(map(str, a))} : {list_of}\n}} else {{\n"
            f"{self.text_of(second)}  scf.yield {', '.join(map(str, b))} : {list_of}\n}}"
        )

        def run(env):
            body, results = (first, a) if env[condition.name].data else (second, b)
            body.run(env)
            return [env[o.name] for o in results]

        return self.body.many(text, types, run)[0]

    def trip_count(self):
        if self.chance(0.4):
            return self.index_constant(self.pick([0, 1, 2, 3]))
        limit = self.index_constant(3)
        if self.body.sizes and self.chance(0.5):
            size = self.body.sizes[self.pick(self.body.sizes)]
            return self.body.op(
                f"arith.minui {size}, {limit} : index",
                "index",
                lambda env: min(env[size.name], env[limit.name]),
            )
        return self.clamped_index(limit)

    def loop(self, type, depth):
        """An scf.for or scf.while with carries, which may change places."""
        types = [type] + [type if self.chance(0.4) else self.pick(self.shared).type][: self.pick([0, 1])]
        inits = [self.value(t, depth - 1) for t in types]
        count = self.trip_count()
        carries = [Operand(self.body.fresh(), t) for t in types]
        i = self.body.fresh()
        exchange = len(types) == 2 and types[0] == types[1] and self.chance(0.5)
        body, results = self.nested(types, depth - 1, lambda b: b.pool.extend(carries))
        if exchange:
            results = [carries[1], results[0] if self.chance(0.5) else carries[0]]
            body.mark_live([o.name for o in results])
        list_of = ", ".join(map(str, types))
        starts = ", ".join(f"{c} = {x}" for c, x in zip(carries, inits))
        ends = ", ".join(map(str, results))
        if self.chance(0.7):
            zero, one = self.index_constant(0), self.index_constant(1)
            text = (
                f"scf.for {i} = {zero} to {count} step {one} iter_args({starts}) -> ({list_of}) {{\n"
                f"{self.text_of(body)}  scf.yield {ends} : {list_of}\n}}"
            )
            drop = 0
        else:
            text = self.while_text(body, carries, starts, ends, types, count, i)
            drop = 1

        def run(env):
            values = [env[x.name] for x in inits]
            for _ in range(env[count.name]):
                for carry, value in zip(carries, values):
                    env[carry.name] = value
                body.run(env)
                values = [env[o.name] for o in results]
            return [env[count.name]] * drop + values

        return self.body.many(text, ["index"] * drop + types, run)[drop]

    def while_text(self, body, carries, starts, ends, types, count, i):
        zero, one = self.index_constant(0), self.index_constant(1)
        j, less, following = (self.body.fresh() for _ in range(3))
        outside = [self.body.fresh() for _ in types]
        list_of = ", ".join(["index"] + [str(t) for t in types])
        # The same names in both regions, which do not see each other.
        first = ", ".join(f"{o} = {s.split(' = ')[1]}" for o, s in zip(outside, starts.split(", ")))
        forwarded = ", ".join(outside)
        block = ", ".join(f"{c}: {c.type}" for c in carries)
        return (
            f"scf.while ({j} = {zero}, {first}) : ({list_of}) -> ({list_of}) {{\n"
            f"  {less} = arith.cmpi slt, {j}, {count} : index\n"
            f"  scf.condition({less}) {j}, {forwarded} : {list_of}\n}} do {{\n"
            f"^bb0({i}: index, {block}):\n{self.text_of(body)}"
            f"  {following} = arith.addi {i}, {one} : index\n"
            f"  scf.yield {following}, {ends} : {list_of}\n}}"
        )

    def evaluate(self, type, depth):
        """An expression, with givens."""
        usable = [
            (e, i) for e in self.expressions for i, o in enumerate(e.results) if o.type == type
        ]
        if not usable:
            if not self.expressions or not self.chance(0.5):
                return None
            expression = self.pick(self.expressions)
            at = None
        else:
            expression, at = self.pick(usable)
        arguments = [self.value(o.type, depth - 1) for o in expression.arguments]
        readable = [v for v in self.shared if v.name in expression.variables_read]
        givens = [v for v in readable if self.chance(0.4)]
        given = [self.value(v.type, depth - 1) for v in givens]
        clause = ", ".join(f"@{v.name} = {o} : {v.type}" for v, o in zip(givens, given))
        clause = f" givens({clause})" if clause else ""
        self.variables_read |= expression.variables_read - {v.name for v in givens}
        types = [o.type for o in expression.results]
        text = (
            f"sym.eval @{expression.name}({', '.join(map(str, arguments))}){clause} : "
            f"({', '.join(str(o.type) for o in arguments)}) -> ({', '.join(map(str, types))})"
        )

        def run(env):
            reads = env["reads"].given({v.name: env[o.name] for v, o in zip(givens, given)})
            results, _, doubtful = expression.run(reads, [env[o.name] for o in arguments])
            if doubtful:
                env["maybe a fault"] = True
            return results

        results = self.body.many(text, types, run)
        return None if at is None else results[at]

    # -- faults ------------------------------------------------------------

    def user_check(self):
        """A sym.check on the data."""
        dtype = self.pick(["i32", "f32"])
        a = self.number(dtype)
        limit = self.scalar_constant(dtype, self.pick([-5, 0, 7]))
        op, predicate = ("cmpf", "olt") if dtype == "f32" else ("cmpi", "slt")
        condition = self.body.op(
            f"arith.{op} {predicate}, {limit}, {a} : {dtype}",
            "i1",
            lambda env: num.compare(predicate, env[limit.name], env[a.name]),
        )

        def run(env):
            if not env[condition.name].data:
                raise Fault("SYM_CHECK_FAILED")

        self.body.add(
            f'sym.check {condition}, "{{0}} must be above {{1}}" ({a}, {limit} : {dtype}, {dtype})',
            run,
            pinned=True,
        )

    def faulty(self):
        """A result that is undefined for some values."""
        pick = self.rng.random()
        if pick < 0.4:
            type = Type(self.pick(["i8", "i32", "i64"]), self.pick([(), (3,), ("N",)]))
            op = self.pick(FAULTY_BINARY)
            a, b = self.value(type, 2), self.value(type, 1)
            return self.elementwise(op, FAULTY_BINARY[op], a, b, type)
        number = self.number("i64")
        at = self.body.op(
            f"arith.index_cast {number} : i64 to index", "index", lambda env: int(env[number.name].data)
        )
        size = self.pick([3, "N"])
        source = self.value(Type("f64", (size,)), 1)
        if pick < 0.7:
            return self.element_at(source, at)
        return self.slice_at(source, at)

    def element_at(self, source, at):
        def run(env):
            if not 0 <= env[at.name] < env[source.name].data.shape[0]:
                raise Fault("SYM_INDEX_OUT_OF_RANGE")
            return env[source.name].map(lambda x: x[env[at.name]])

        element = self.body.op(f"tensor.extract {source}[{at}] : {source.type}", "f64", run)
        type = Type("f64")
        return self.body.op(
            f"tensor.from_elements {element} : {type}", type, lambda env: env[element.name]
        )

    def slice_at(self, source, at):
        type = Type("f64", (2,))

        def run(env):
            if not 0 <= env[at.name] <= env[source.name].data.shape[0] - 2:
                raise Fault("SYM_INDEX_OUT_OF_RANGE")
            return env[source.name].map(lambda x: x[env[at.name] : env[at.name] + 2])

        return self.body.op(
            f"tensor.extract_slice {source}[{at}] [2] [1] : {source.type} to {type}", type, run
        )


PRODUCTIONS = [
    (3, Productions.binary),
    (2, Productions.unary),
    (2, Productions.compare),
    (1, Productions.select),
    (1.5, Productions.cast),
    (3, Productions.generic),
    (2, Productions.reduction),
    (1.5, Productions.contraction),
    (0.6, Productions.transpose),
    (0.6, Productions.broadcast),
    (0.6, Productions.gather),
    (1, Productions.extract_slice),
    (1, Productions.insert_slice),
    (0.8, Productions.insert),
    (0.8, Productions.extract),
    (0.4, Productions.from_elements),
    (0.4, Productions.pad),
    (0.5, Productions.reshape),
    (0.3, Productions.round_trip),
    (0.3, Productions.concat),
    (0.3, Productions.generate),
    (1, Productions.conditional),
    (1, Productions.loop),
    (1, Productions.evaluate),
]
