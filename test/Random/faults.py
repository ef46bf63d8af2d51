"""Operations that are undefined for some values, and checks of a program's own."""

import numerics as num
from numerics import Fault
from program import Type
from scalars import FAULTY_BINARY


class Faults:
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
