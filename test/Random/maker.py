"""What all productions are made with: choices, sizes, constants, and the value of
a wanted type."""

import numpy as np
from numerics import DTYPES, Value
from program import Body, Type, constant, literal
from scalars import binary_table, random_data


class Maker:
    def __init__(self, rng, shared, expressions, elements, productions):
        self.rng = rng
        self.shared = shared
        self.expressions = expressions
        self.elements = elements
        # How often, and what.
        self.productions = productions
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
            weights = [weight for weight, _ in self.productions]
            at = self.rng.choice(len(weights), p=np.array(weights) / sum(weights))
            result = self.productions[at][1](self, type, depth)
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
