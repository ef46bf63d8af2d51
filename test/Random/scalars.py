"""Random scalar expressions, as they stand inside `linalg.generic`.

They are made once and used twice: as text over block arguments, and as
functions of arrays over the whole iteration space.
"""

import numerics as num
import numpy as np
from numerics import DTYPES, Value, is_float
from program import literal

FLOAT_BINARY = {
    "arith.addf": num.addf,
    "arith.subf": num.subf,
    "arith.mulf": num.mulf,
    "arith.divf": num.divf,
    "arith.maximumf": num.maximumf,
    "arith.minimumf": num.minimumf,
}
INTEGER_BINARY = {
    "arith.addi": num.addi,
    "arith.subi": num.subi,
    "arith.muli": num.muli,
    "arith.andi": num.andi,
    "arith.ori": num.ori,
    "arith.xori": num.xori,
    "arith.maxsi": num.maxsi,
    "arith.minsi": num.minsi,
    "arith.maxui": num.maxui,
    "arith.minui": num.minui,
}
BOOL_BINARY = {
    "arith.andi": num.andi,
    "arith.ori": num.ori,
    "arith.xori": num.xori,
    "arith.addi": num.addi,
    "arith.muli": num.muli,
}
# Undefined for some values.
FAULTY_BINARY = {
    "arith.divsi": num.divsi,
    "arith.remsi": num.remsi,
    "arith.shli": num.shli,
    "arith.shrsi": num.shrsi,
}
FLOAT_UNARY = {
    "arith.negf": num.negf,
    "math.absf": num.absf,
    "math.floor": num.floor,
    "math.ceil": num.ceil,
    "math.roundeven": num.roundeven,
    "math.sqrt": num.sqrt,
    "math.exp": num.exp,
    "math.exp2": num.exp2,
    "math.expm1": num.expm1,
    "math.log": num.log,
    "math.log2": num.log2,
    "math.log1p": num.log1p,
    "math.tanh": num.tanh,
    "math.sin": num.sin,
    "math.cos": num.cos,
    "math.atan": num.atan,
    "math.cbrt": num.cbrt,
}
# What a reduction may combine with, and whether any order gives the same bits.
COMBINERS = {
    "float": {"arith.addf": None, "arith.maximumf": num.maximumf, "arith.minimumf": num.minimumf},
    "integer": {
        "arith.addi": None,
        "arith.maxsi": num.maxsi,
        "arith.minsi": num.minsi,
        "arith.xori": num.xori,
        "arith.muli": num.muli,
    },
    "bool": {"arith.andi": num.andi, "arith.ori": num.ori, "arith.addi": None},
}
FLOAT_PREDICATES = ["oeq", "une", "olt", "ole", "ogt", "oge"]
INTEGER_PREDICATES = ["eq", "ne", "slt", "sle", "sgt", "sge"]


def kind(dtype):
    return "bool" if dtype == "i1" else "float" if is_float(dtype) else "integer"


def binary_table(dtype):
    return {"bool": BOOL_BINARY, "float": FLOAT_BINARY, "integer": INTEGER_BINARY}[kind(dtype)]


def cast_names(source, target):
    """The conversions from one element type to another."""
    if is_float(source) and is_float(target):
        return ["arith.extf" if num.width(target) > num.width(source) else "arith.truncf"]
    if is_float(target):
        return ["arith.uitofp"] if source == "i1" else ["arith.sitofp", "arith.uitofp"]
    if is_float(source):
        return []
    if num.width(target) > num.width(source):
        return ["arith.extsi", "arith.extui"]
    return ["arith.trunci"]


def random_data(rng, dtype, shape):
    """Numbers of which sums and products are often exact, and now and then the
    other kinds."""
    if dtype == "i1":
        return rng.integers(0, 2, shape).astype(np.bool_)
    if not is_float(dtype):
        data = rng.integers(-9, 10, shape)
        if rng.random() < 0.1:
            info = np.iinfo(DTYPES[dtype])
            extreme = rng.choice(np.array([info.min, info.max, info.min + 1]), shape)
            data = np.where(rng.random(shape) < 0.3, extreme, data)
        return np.asarray(data).astype(DTYPES[dtype])
    pick = rng.random()
    if pick < 0.6:
        data = rng.integers(-20, 21, shape) / 4
    elif pick < 0.92:
        data = rng.standard_normal(shape) * 2
    else:
        special = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e30, -1e-40, 65504.0]
        data = np.where(rng.random(shape) < 0.3, rng.choice(special, shape), rng.standard_normal(shape))
    with np.errstate(over="ignore"):
        return np.asarray(data).astype(DTYPES[dtype])


class Scalars:
    """Builds one region: `arguments` are (name, dtype) pairs of its block."""

    def __init__(self, rng, fresh, arguments, rank, indent="  "):
        self.rng = rng
        self.fresh = fresh
        self.values = list(arguments)
        self.rank = rank
        self.lines = []
        self.steps = []
        self.indent = indent

    def add(self, text, dtype, function):
        name = self.fresh()
        self.lines.append(f"{self.indent}{name} = {text}")
        self.steps.append((name, function))
        return name, dtype

    def run(self, env):
        """Adds the arrays of all names to `env`, which has the arguments'."""
        for name, function in self.steps:
            env[name] = function(env)

    def constant(self, dtype):
        data = random_data(self.rng, dtype, ())
        text = literal(data[()])
        if dtype == "i1":
            text = f"arith.constant {text}"
        else:
            text = f"arith.constant {text} : {dtype}"
        return self.add(text, dtype, lambda env: Value(dtype, data))

    def index(self, dtype):
        """An index of the iteration space, as a number."""
        dim = int(self.rng.integers(self.rank))
        name, _ = self.add(f"linalg.index {dim} : index", "index", lambda env: env["index"][dim])
        if not is_float(dtype):
            text = f"arith.index_cast {name} : index to {dtype}"
            return self.add(text, dtype, lambda env: Value(dtype, env[name].data.astype(DTYPES[dtype])))
        whole, _ = self.add(
            f"arith.index_cast {name} : index to i32",
            "i32",
            lambda env: Value("i32", env[name].data.astype(np.int32)),
        )
        text = f"arith.sitofp {whole} : i32 to {dtype}"
        return self.add(text, dtype, lambda env: num.convert("sitofp", env[whole], dtype))

    def leaf(self, dtype):
        known = [v for v in self.values if v[1] == dtype]
        if known and self.rng.random() < 0.8:
            return known[int(self.rng.integers(len(known)))]
        others = [v for v in self.values if v[1] != dtype and cast_names(v[1], dtype)]
        if others and self.rng.random() < 0.6:
            return self.cast(others[int(self.rng.integers(len(others)))], dtype)
        if dtype != "i1" and self.rank and self.rng.random() < 0.3:
            return self.index(dtype)
        return self.constant(dtype)

    def cast(self, value, dtype):
        name, source = value
        names = cast_names(source, dtype)
        op = names[int(self.rng.integers(len(names)))]
        return self.add(
            f"{op} {name} : {source} to {dtype}",
            dtype,
            lambda env: num.convert(op.split(".")[1], env[name], dtype),
        )

    def compare(self, depth):
        pick = ["f32", "f64", "i32", "i64", "i8"]
        dtype = pick[int(self.rng.integers(len(pick)))]
        known = [v[1] for v in self.values if v[1] != "i1" and v[1] != "index"]
        if known:
            dtype = known[int(self.rng.integers(len(known)))]
        a, b = self.expression(dtype, depth - 1), self.expression(dtype, depth - 1)
        floats = is_float(dtype)
        predicates = FLOAT_PREDICATES if floats else INTEGER_PREDICATES
        predicate = predicates[int(self.rng.integers(len(predicates)))]
        op = "cmpf" if floats else "cmpi"
        return self.add(
            f"arith.{op} {predicate}, {a[0]}, {b[0]} : {dtype}",
            "i1",
            lambda env: num.compare(predicate, env[a[0]], env[b[0]]),
        )

    def expression(self, dtype, depth):
        """Appends an expression of `dtype`; returns its (name, dtype)."""
        if depth <= 0 or self.rng.random() < 0.2:
            return self.leaf(dtype)
        pick = self.rng.random()
        if dtype == "i1" and pick < 0.6:
            return self.compare(depth)
        if pick < 0.2:
            c = self.compare(depth - 1)
            a, b = self.expression(dtype, depth - 1), self.expression(dtype, depth - 1)
            return self.add(
                f"arith.select {c[0]}, {a[0]}, {b[0]} : {dtype}",
                dtype,
                lambda env: num.select(*np_broadcast(env[c[0]], env[a[0]], env[b[0]])),
            )
        if is_float(dtype) and pick < 0.4:
            names = list(FLOAT_UNARY)
            op = names[int(self.rng.integers(len(names)))]
            a = self.expression(dtype, depth - 1)
            return self.add(f"{op} {a[0]} : {dtype}", dtype, lambda env: FLOAT_UNARY[op](env[a[0]]))
        table = binary_table(dtype)
        names = list(table)
        op = names[int(self.rng.integers(len(names)))]
        a, b = self.expression(dtype, depth - 1), self.expression(dtype, depth - 1)
        return self.add(
            f"{op} {a[0]}, {b[0]} : {dtype}", dtype, lambda env: table[op](env[a[0]], env[b[0]])
        )


def np_broadcast(*values):
    """The values with one shape."""
    shape = np.broadcast_shapes(*(v.data.shape for v in values))
    return [v.map(lambda x: np.broadcast_to(x, shape)) for v in values]
