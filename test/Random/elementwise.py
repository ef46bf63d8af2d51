"""Arithmetic on tensors, element by element."""

import numerics as num
import numpy as np
from numerics import Value, is_float
from scalars import FLOAT_PREDICATES, FLOAT_UNARY, INTEGER_PREDICATES, binary_table, cast_names


class Elementwise:
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
