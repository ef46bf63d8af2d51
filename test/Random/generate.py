"""Random programs: functions over shared variables, and calls of them."""

import numpy as np
from numerics import Ambiguous, Fault, Value
from productions import Productions
from program import Function, Operand, Program, Type, Variable
from scalars import random_data

ELEMENTS = ["f32", "f32", "f32", "f64", "i64", "i64", "i32", "i8", "i16", "i1"]


class Generator:
    """Makes one program of a seed."""

    def __init__(self, prefix, seed, features=()):
        self.rng = np.random.default_rng(seed)
        self.prefix = prefix
        self.program = Program(prefix)
        self.features = set(features)

    def pick(self, choices):
        choices = list(choices)
        return choices[int(self.rng.integers(len(choices)))]

    def random_sizes(self):
        choices = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33]
        return {name: self.pick(choices) for name in ("N", "M")}

    def random_type(self, max_rank=3):
        rank = self.pick([0, 1, 1, 2, 2, 3, 4][: max_rank + 3])
        shape = tuple(
            self.pick(["N", "M"]) if self.rng.random() < 0.35 else self.pick([1, 2, 3, 4, 5, 8])
            for _ in range(rank)
        )
        if self.rng.random() < 0.03 and rank:
            shape = (0,) + shape[1:]
        return Type(self.pick(self.elements), shape)

    def value(self, type, sizes):
        return Value(type.dtype, random_data(self.rng, type.dtype, type.sizes(sizes)))

    def variables(self):
        count = self.pick([2, 3, 4, 5])
        types = [self.random_type() for _ in range(count)]
        # Pairs of one type can be exchanged.
        types.append(self.pick(types))
        # Something from which each dynamic size is known.
        types += [Type(self.pick(self.elements), (n,)) for n in ("N", "M")]
        for i, type in enumerate(types):
            initial = self.value(type, self.sizes) if self.rng.random() < 0.95 else None
            self.program.add_variable(Variable(f"{self.prefix}s{i}", type, initial))
        self.shared = list(self.program.variables)

    def function(self, name, expressions, callable):
        """A function, or an expression that functions evaluate."""
        maker = Productions(self.rng, self.shared, expressions, self.elements)
        body = maker.body
        arguments, attributes = [], []
        for i in range(self.pick([0, 1, 1, 2, 3])):
            like = self.pick(self.shared).type
            type = like if self.rng.random() < 0.6 else self.random_type()
            operand = Operand(f"%a{i}", type)
            arguments.append(operand)
            lend = callable and self.rng.random() < 0.3
            attributes.append(" {sym.borrow}" if lend else "")
            body.pool.append(operand)
        for variable in self.shared:
            if variable.type.shape in (("N",), ("M",)) or self.rng.random() < 0.6:
                maker.read(variable)
        maker.find_sizes()
        function = Function(name, arguments, attributes, body, callable=callable)
        depth = self.pick([1, 2, 3, 4])
        if callable:
            if self.rng.random() < 0.15:
                maker.user_check()
            self.updates(function, maker, depth)
        for _ in range(self.pick([0, 1, 1, 2, 3]) if callable else self.pick([1, 1, 2])):
            pick = self.rng.random()
            operands = [o for o in body.pool if isinstance(o.type, Type)]
            if pick < 0.25:
                function.results.append(self.pick(operands))
            else:
                function.results.append(maker.value(self.random_type(), depth))
        if callable and self.rng.random() < 0.1:
            function.results.append(maker.faulty())
        function.variables_read = maker.variables_read
        function.finish()
        return function

    def updates(self, function, maker, depth):
        targets = self.rng.permutation(len(self.shared))[: self.pick([0, 1, 1, 2, 3])]
        chosen = [self.shared[int(i)] for i in targets]
        if self.rng.random() < 0.3:
            pairs = [
                (a, b) for a in self.shared for b in self.shared if a is not b and a.type == b.type
            ]
            if pairs:
                a, b = self.pick(pairs)
                function.updates[a.name] = maker.read(b)
                function.updates[b.name] = maker.read(a)
        for variable in chosen:
            if variable.name in function.updates:
                continue
            pick = self.rng.random()
            if pick < 0.1:
                same = [o for o in maker.body.pool if o.type == variable.type]
                value = self.pick(same) if same else maker.value(variable.type, depth)
            elif pick < 0.5:
                value = maker.combine(variable.type, maker.read(variable), depth)
            else:
                value = maker.value(variable.type, depth)
            function.updates[variable.name] = value

    def attempt(self, function, arguments):
        """Runs a call on the current state. The outcome, or None if rounding, or
        a fault that need not be reported, decides it."""
        try:
            with np.errstate(all="ignore"):
                results, updates, doubtful = function.run(self.program.state, arguments)
        except Ambiguous:
            return None
        except Fault as fault:
            return fault
        return None if doubtful else (results, updates)

    def sequence(self):
        """A sequence of accesses, in which now and then everything changes
        size."""
        functions = [f for f in self.program.functions if f.callable]
        for _ in range(self.pick([4, 6, 8, 12])):
            pick = self.rng.random()
            if pick < 0.08:
                self.sizes = self.random_sizes()
                for variable in self.shared:
                    if not variable.type.is_static:
                        self.program.set(variable, self.value(variable.type, self.sizes))
            elif pick < 0.2:
                variable = self.pick(self.shared)
                self.program.set(variable, self.value(variable.type, self.sizes))
            else:
                function = self.pick(functions)
                arguments = [self.value(o.type, self.sizes) for o in function.arguments]
                outcome = self.attempt(function, arguments)
                if outcome is not None and not isinstance(outcome, Fault):
                    self.program.call(function, arguments, *outcome)

    def last_call(self):
        """Looks for a call that fails on the state that the sequence leaves."""
        functions = [f for f in self.program.functions if f.callable]
        for _ in range(8):
            function = self.pick(functions)
            arguments = [self.value(o.type, self.sizes) for o in function.arguments]
            if isinstance(self.attempt(function, arguments), Fault):
                self.program.fail(function, arguments)
                return

    def generate(self):
        self.elements = [self.pick(ELEMENTS) for _ in range(self.pick([1, 2, 3]))]
        self.sizes = self.random_sizes()
        self.variables()
        expressions = []
        for i in range(self.pick([0, 0, 1, 2])):
            expression = self.function(f"{self.prefix}e{i}", expressions, callable=False)
            expressions.append(expression)
            self.program.functions.append(expression)
        for i in range(self.pick([1, 2, 3])):
            self.program.functions.append(
                self.function(f"{self.prefix}f{i}", expressions, callable=True)
            )
        self.sequence()
        self.last_call()
        return self.program


def generate(prefix, seed):
    return Generator(prefix, seed).generate()
