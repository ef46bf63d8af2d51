"""Element-wise semantics of `arith` and `math`, with forward error bounds.

A `Value` is a NumPy array and, for floats, a bound on how far a correct
compiler's result may be from it. Operations that IEEE 754 rounds in one way
(add, multiply, divide, square root, conversions) keep exact operands exact, so
that chains of them are compared bit for bit; sums, products of matrices and
elementary functions add what reordering and MAX_ULP may do.

`Fault` is a fault that the program must report; `Ambiguous` says that rounding
decides what happens, so that the case tests nothing.
"""

import numpy as np

# What a vector mathematics library may be off by.
MAX_ULP = 5

DTYPES = {
    "i1": np.bool_,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
    "f16": np.float16,
    "f32": np.float32,
    "f64": np.float64,
}
WIDER = {"f16": np.float32, "f32": np.float64, "f64": np.longdouble}


class Fault(Exception):
    """The call fails; `args[0]` is the expected status."""


class Ambiguous(Exception):
    """Rounding decides the outcome."""


def is_float(dtype):
    return dtype[0] == "f"


def width(dtype):
    return int(dtype[1:])


class Value:
    """An array of MLIR element type `dtype`; `error` is None where exact."""

    def __init__(self, dtype, data, error=None):
        self.dtype = dtype
        self.data = np.asarray(data, DTYPES[dtype])
        if error is not None:
            error = np.asarray(error, np.float64)
            inexact = error != 0
            if not inexact.any():
                error = None
            else:
                # An infinity or NaN that rounding may or may not produce.
                reach = np.abs(self.data.astype(np.float64)) + error
                limit = float(np.finfo(DTYPES[dtype]).max) / 4
                if not (reach[inexact] <= limit).all():
                    raise Ambiguous("overflow")
        self.error = error

    @property
    def bound(self):
        """The error, as an array."""
        if self.error is None:
            return np.zeros(self.data.shape)
        return self.error

    def map(self, function):
        """Applies a rearrangement to the data and to the bounds."""
        error = None if self.error is None else function(self.error)
        return Value(self.dtype, function(self.data), error)


def unit(dtype):
    return float(np.finfo(DTYPES[dtype]).eps) / 2


def tiny(dtype):
    return float(np.finfo(DTYPES[dtype]).smallest_subnormal)


def _magnitude(value):
    return np.abs(value.data.astype(np.float64)) + value.bound


def _rounded(dtype, data, *errors):
    """A result that is rounded once, from operands with these contributions."""
    if not any(np.any(e) for e in errors):
        return Value(dtype, data)
    with np.errstate(all="ignore"):
        total = sum(errors)
        rounding = unit(dtype) * 2 * np.abs(data.astype(np.float64)) + tiny(dtype)
        return Value(dtype, data, np.where(total != 0, total + rounding, 0))


# ---------------------------------------------------------------------------
# Floats
# ---------------------------------------------------------------------------


def addf(a, b):
    return _rounded(a.dtype, a.data + b.data, a.bound, b.bound)


def subf(a, b):
    return _rounded(a.dtype, a.data - b.data, a.bound, b.bound)


def mulf(a, b):
    if a.error is None and b.error is None:
        return Value(a.dtype, a.data * b.data)
    ma, mb = _magnitude(a), _magnitude(b)
    # Infinity times nothing is nothing here: a bound of 0 stays 0.
    ea = np.where(a.bound > 0, a.bound * mb, 0)
    eb = np.where(b.bound > 0, b.bound * ma, 0)
    return _rounded(a.dtype, a.data * b.data, ea, eb)


def divf(a, b):
    if a.error is None and b.error is None:
        return Value(a.dtype, a.data / b.data)
    low = np.abs(b.data.astype(np.float64)) - b.bound
    if (low <= 0).any():
        raise Ambiguous("division by about zero")
    quotient = np.abs(a.data.astype(np.float64)) / low
    return _rounded(a.dtype, a.data / b.data, a.bound / low, quotient * b.bound / low)


def _larger(a, b):
    """maximumf of exact arrays: NaN wins, and +0 is above -0."""
    result = np.maximum(a, b)
    return np.where(a == b, np.where(np.signbit(a), b, a), result)


def maximumf(a, b):
    return Value(a.dtype, _larger(a.data, b.data), np.maximum(a.bound, b.bound))


def minimumf(a, b):
    data = -_larger(-a.data, -b.data)
    return Value(a.dtype, data, np.maximum(a.bound, b.bound))


def negf(a):
    return Value(a.dtype, -a.data, a.error)


def absf(a):
    return Value(a.dtype, np.abs(a.data), a.error)


def _step(function):
    """floor and the like: constant but for the jumps at integers."""

    def apply(a):
        if a.error is not None:
            x = a.data.astype(np.longdouble)
            if (function(x - a.error) != function(x + a.error)).any():
                raise Ambiguous("near a jump")
        return Value(a.dtype, function(a.data))

    return apply


floor = _step(np.floor)
ceil = _step(np.ceil)
roundeven = _step(np.rint)


def sqrt(a):
    if a.error is None:
        return Value(a.dtype, np.sqrt(a.data))
    low = a.data.astype(np.float64) - a.bound
    if (low <= 0).any():
        raise Ambiguous("root of about zero")
    return _rounded(a.dtype, np.sqrt(a.data), a.bound / np.sqrt(low))


def _elementary(function, slope, domain=None):
    """`slope(low, high)` bounds the derivative between two points."""

    def apply(a):
        wide = a.data.astype(WIDER[a.dtype])
        low = a.data.astype(np.float64) - a.bound
        high = a.data.astype(np.float64) + a.bound
        if a.error is not None and domain is not None and (low <= domain).any():
            raise Ambiguous("outside of the domain")
        data = function(wide).astype(DTYPES[a.dtype])
        finite = np.isfinite(data)
        magnitude = np.where(finite, np.abs(data.astype(np.float64)), 0)
        error = (2 * MAX_ULP) * unit(a.dtype) * magnitude
        # The library may flush what is subnormal.
        error = np.where(finite & (data != 0), error + float(np.finfo(DTYPES[a.dtype]).tiny), error)
        if a.error is not None:
            error = error + slope(low, high) * a.bound
        return Value(a.dtype, data, error)

    return apply


_one = lambda low, high: 1.0
exp = _elementary(np.exp, lambda low, high: np.exp(high))
exp2 = _elementary(np.exp2, lambda low, high: np.exp2(high))
expm1 = _elementary(np.expm1, lambda low, high: np.exp(high))
log = _elementary(np.log, lambda low, high: 1 / low, domain=0)
log2 = _elementary(np.log2, lambda low, high: 2 / low, domain=0)
log1p = _elementary(np.log1p, lambda low, high: 1 / (1 + low), domain=-1)
tanh = _elementary(np.tanh, _one)
sin = _elementary(np.sin, _one)
cos = _elementary(np.cos, _one)
atan = _elementary(np.arctan, _one)
cbrt = _elementary(np.cbrt, lambda low, high: np.where(low * high > 0, 1 / np.cbrt(np.minimum(low * low, high * high)), np.inf))


# ---------------------------------------------------------------------------
# Integers
# ---------------------------------------------------------------------------


def _wrap(dtype, data):
    """Two's complement, from exact Python or NumPy integers."""
    return Value(dtype, np.asarray(data).astype(DTYPES[dtype]))


def _bits(value):
    """i1 as 0 and 1."""
    return value.data.astype(np.uint8) if value.dtype == "i1" else value.data


def _integer(function):
    def apply(a, b):
        with np.errstate(over="ignore"):
            data = function(_bits(a), _bits(b))
        if a.dtype == "i1":
            data = (data & 1).astype(np.bool_)
        return _wrap(a.dtype, data)

    return apply


addi = _integer(lambda a, b: a + b)
subi = _integer(lambda a, b: a - b)
muli = _integer(lambda a, b: a * b)
andi = _integer(lambda a, b: a & b)
ori = _integer(lambda a, b: a | b)
xori = _integer(lambda a, b: a ^ b)
maxsi = _integer(np.maximum)
minsi = _integer(np.minimum)


def _unsigned(value):
    return value.data.view(np.dtype(f"u{value.data.dtype.itemsize}"))


def maxui(a, b):
    return Value(a.dtype, np.where(_unsigned(a) >= _unsigned(b), a.data, b.data))


def minui(a, b):
    return Value(a.dtype, np.where(_unsigned(a) <= _unsigned(b), a.data, b.data))


def _check_division(a, b):
    if (b.data == 0).any():
        raise Fault("SYM_DIVISION_BY_ZERO")
    least = np.iinfo(DTYPES[a.dtype]).min
    if ((a.data == least) & (b.data == -1)).any():
        raise Fault(None)


def divsi(a, b):
    _check_division(a, b)
    quotient = np.abs(a.data.astype(object)) // np.abs(b.data.astype(object))
    negative = (a.data < 0) != (b.data < 0)
    return _wrap(a.dtype, np.where(negative, -quotient, quotient).astype(np.int64))


def remsi(a, b):
    _check_division(a, b)
    quotient = divsi(a, b)
    return subi(a, muli(quotient, b))


def shli(a, b):
    if (_unsigned(b) >= width(a.dtype)).any():
        raise Fault(None)
    return _wrap(a.dtype, a.data << b.data)


def shrsi(a, b):
    if (_unsigned(b) >= width(a.dtype)).any():
        raise Fault(None)
    return _wrap(a.dtype, a.data >> b.data)


# ---------------------------------------------------------------------------
# Comparison, choice, conversion
# ---------------------------------------------------------------------------

PREDICATES = {
    "eq": np.equal, "ne": np.not_equal, "slt": np.less, "sle": np.less_equal,
    "sgt": np.greater, "sge": np.greater_equal,
    "oeq": np.equal, "une": np.not_equal, "olt": np.less, "ole": np.less_equal,
    "ogt": np.greater, "oge": np.greater_equal,
}  # fmt: skip


def compare(predicate, a, b):
    if is_float(a.dtype):
        gap = np.abs(a.data.astype(np.float64) - b.data.astype(np.float64))
        slack = a.bound + b.bound
        if ((slack > 0) & ~(gap > slack)).any():
            raise Ambiguous("comparison of about equal values")
    return Value("i1", PREDICATES[predicate](a.data, b.data))


def select(condition, a, b):
    error = None
    if a.error is not None or b.error is not None:
        error = np.where(condition.data, a.bound, b.bound)
    return Value(a.dtype, np.where(condition.data, a.data, b.data), error)


def convert(kind, a, dtype):
    """extsi, extui, trunci, sitofp, uitofp, extf, truncf; fptosi of what is in
    range."""
    if kind in ("extui", "uitofp"):
        source = _bits(a) if a.dtype == "i1" else _unsigned(a)
    elif a.dtype == "i1" and kind in ("extsi", "sitofp"):
        source = -_bits(a).astype(np.int8)
    else:
        source = a.data
    if kind == "trunci" and dtype == "i1":
        return Value("i1", (source & 1).astype(np.bool_))
    if kind == "fptosi":
        if a.error is not None:
            x = a.data.astype(np.longdouble)
            if (np.trunc(x - a.error) != np.trunc(x + a.error)).any():
                raise Ambiguous("near a jump")
        return Value(dtype, np.trunc(source).astype(DTYPES[dtype]))
    if kind in ("extf", "truncf"):
        with np.errstate(over="ignore"):
            return _rounded(dtype, source.astype(DTYPES[dtype]), a.bound)
    return Value(dtype, source.astype(DTYPES[dtype]))


# ---------------------------------------------------------------------------
# Sums
# ---------------------------------------------------------------------------


def sum_axes(a, axes, init):
    """init + the sum over `axes`, in any order."""
    axes = tuple(axes)
    if not is_float(a.dtype):
        if a.dtype == "i1":
            total = np.bitwise_xor.reduce(a.data, axis=axes) if axes else a.data
            return xori(init, Value("i1", total))
        with np.errstate(over="ignore"):
            return addi(init, Value(a.dtype, a.data.sum(axis=axes, dtype=a.data.dtype)))
    count = int(np.prod([a.data.shape[i] for i in axes], dtype=np.int64))
    if count == 0:
        return init
    return _float_sum(a, axes, init, count)


def _float_sum(a, axes, init, count):
    wide = a.data.astype(WIDER[a.dtype])
    with np.errstate(all="ignore"):
        total = wide.sum(axis=axes) + init.data.astype(WIDER[a.dtype])
    data = total.astype(DTYPES[a.dtype])
    finite = np.isfinite(a.data).all(axis=axes) & np.isfinite(init.data)
    weight = np.abs(wide).astype(np.float64).sum(axis=axes) + _magnitude(init)
    propagated = a.bound.sum(axis=axes) + init.bound
    if (~finite & (propagated != 0)).any():
        raise Ambiguous("non-finite")
    # Never exact, so that the sign of a zero decides nothing.
    error = propagated + (count + 1) * unit(a.dtype) * (weight + propagated) + tiny(a.dtype)
    return Value(a.dtype, data, np.where(finite, error, 0))


def fold_axes(combine, a, axes, init):
    """Folds exact operations such as maximumf over `axes`."""
    axes = sorted(axes)
    moved = a.map(lambda x: np.moveaxis(x, axes, range(len(axes))))
    count = int(np.prod(moved.data.shape[: len(axes)], dtype=np.int64))
    rest = moved.data.shape[len(axes) :]
    flat = moved.map(lambda x: x.reshape((count,) + rest))
    result = init
    for i in range(count):
        result = combine(result, flat.map(lambda x: x[i]))
    return result


def contract(a, b, init, subscripts):
    """init + einsum(subscripts, a, b)."""
    if not is_float(a.dtype):
        if a.dtype == "i1":
            total = np.einsum(subscripts, _bits(a), _bits(b)) & 1
            return xori(init, Value("i1", total.astype(np.bool_)))
        with np.errstate(over="ignore"):
            return addi(init, _wrap(a.dtype, np.einsum(subscripts, a.data, b.data)))
    inputs, output = subscripts.split("->")
    left, right = inputs.split(",")
    sizes = dict(zip(left, a.data.shape)) | dict(zip(right, b.data.shape))
    count = int(np.prod([n for x, n in sizes.items() if x not in output], dtype=np.int64))
    if count == 0:
        return init
    if not (np.isfinite(a.data).all() and np.isfinite(b.data).all() and np.isfinite(init.data).all()):
        raise Ambiguous("non-finite")
    wide = WIDER[a.dtype]
    data = np.einsum(subscripts, a.data.astype(wide), b.data.astype(wide)) + init.data.astype(wide)
    ma, mb = _magnitude(a), _magnitude(b)
    weight = np.einsum(subscripts, ma, mb) + _magnitude(init)
    error = np.einsum(subscripts, a.bound, mb) + np.einsum(subscripts, ma, b.bound) + init.bound
    error = error + (count + 2) * unit(a.dtype) * weight + tiny(a.dtype)
    return Value(a.dtype, data.astype(DTYPES[a.dtype]), error)


def difference(found, expected):
    """Why `found` (an array) is not `expected` (a Value), or None."""
    if found.dtype != expected.data.dtype:
        return f"has type {found.dtype}, expected {expected.data.dtype}"
    if found.shape != expected.data.shape:
        return f"has shape {found.shape}, expected {expected.data.shape}"
    if is_float(expected.dtype):
        with np.errstate(invalid="ignore"):
            off = np.abs(found.astype(np.float64) - expected.data.astype(np.float64))
        good = (off <= expected.bound) | (found == expected.data)
        good |= np.isnan(found) & np.isnan(expected.data)
    else:
        good = found == expected.data
    if good.all():
        return None
    where = np.unravel_index(np.argmin(good), good.shape)
    text = f"at {tuple(int(i) for i in where)}: {found[where]!r}, expected {expected.data[where]!r}"
    if expected.error is not None:
        text += f" within {expected.error[where]:.3g}"
    return text + f"; {int((~good).sum())} of {good.size} elements differ"
