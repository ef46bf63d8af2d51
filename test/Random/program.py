"""Programs of the sym dialect that exist twice: as text, and as steps that
NumPy runs."""

import re
from dataclasses import dataclass, field

import numpy as np
from numerics import Ambiguous, Fault


@dataclass(frozen=True)
class Type:
    """A tensor type; a size is a number, or a name that stands for `?` and is
    the same wherever it has the same name."""

    dtype: str
    shape: tuple = ()

    @property
    def rank(self):
        return len(self.shape)

    @property
    def is_static(self):
        return all(isinstance(n, int) for n in self.shape)

    def __str__(self):
        sizes = "".join(f"{n}x" if isinstance(n, int) else "?x" for n in self.shape)
        return f"tensor<{sizes}{self.dtype}>"

    def sizes(self, names):
        return tuple(n if isinstance(n, int) else names[n] for n in self.shape)

    def with_dtype(self, dtype):
        return Type(dtype, self.shape)


@dataclass
class Operand:
    name: str
    type: object  # a Type, or the name of a scalar type

    def __str__(self):
        return self.name


def literal(value):
    """The text of one element."""
    if isinstance(value, (np.bool_, bool)):
        return "true" if value else "false"
    if isinstance(value, np.floating):
        if np.isfinite(value):
            return format_float(value)
        bits = value.view(np.dtype(f"u{value.dtype.itemsize}"))
        return f"0x{int(bits):0{value.dtype.itemsize * 2}X}"
    return str(int(value))


def format_float(value):
    text = np.format_float_scientific(value, unique=True, trim="-")
    mantissa, exponent = text.split("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}e{exponent}"


def constant(data, type):
    """`dense<…> : type`; `data` has the sizes of a static `type`."""
    if data.size == 0:
        return f"dense<> : {type}"

    def nested(part):
        if part.ndim == 0:
            return literal(part[()])
        return "[" + ", ".join(nested(p) for p in part) + "]"

    return f"dense<{nested(data)}> : {type}"


@dataclass
class Step:
    text: str
    run: object  # called with the environment; sets what the text defines
    defines: set
    uses: set
    # Whether it stands although nothing uses what it defines.
    pinned: bool = False


class Body:
    """A sequence of steps; a nested one sees what its parent has defined."""

    def __init__(self, parent=None):
        self.parent = parent
        self.steps = []
        self.pool = []
        self.sizes = parent.sizes if parent else {}
        self.counter = parent.counter if parent else [0]

    def fresh(self):
        self.counter[0] += 1
        return f"%v{self.counter[0]}"

    def visible(self):
        body = self
        while body:
            yield from body.pool
            body = body.parent

    def add(self, text, run, defines=(), pinned=False):
        uses = set(re.findall(r"%\w+", text))
        self.steps.append(Step(text, run, set(defines), uses, pinned))

    def op(self, text, type, function):
        """Appends `%v = text`, which computes `function(env)`."""
        result = Operand(self.fresh(), type)

        def run(env):
            env[result.name] = function(env)

        self.add(f"{result} = {text}", run, [result.name])
        if isinstance(type, Type):
            self.pool.append(result)
        return result

    def many(self, text, types, function):
        """Appends an operation with several results."""
        name = self.fresh()
        if len(types) == 1:
            results = [Operand(name, types[0])]
            head = name
        else:
            results = [Operand(f"{name}#{i}", t) for i, t in enumerate(types)]
            head = f"{name}:{len(types)}"

        def run(env):
            for result, value in zip(results, function(env)):
                env[result.name] = value

        self.add(f"{head} = {text}" if types else text, run, [name])
        self.pool.extend(results)
        return results

    def mark_live(self, roots):
        """Finds the steps whose faults must be reported: those that something
        uses."""
        live = {re.match(r"%\w+", root).group() for root in roots}
        self.live = set()
        for step in reversed(self.steps):
            if step.pinned or step.defines & live:
                self.live.add(id(step))
                live |= step.uses

    def run(self, env):
        """Runs the steps. A fault in what nothing uses may be reported or not,
        and leaves a mark in the environment."""
        for step in self.steps:
            if id(step) in self.live:
                step.run(env)
                continue
            try:
                step.run(env)
            except Fault:
                env["maybe a fault"] = True
            except (Ambiguous, KeyError):
                pass

    def lines(self, indent):
        for step in self.steps:
            for line in step.text.split("\n"):
                yield "  " * indent + line


@dataclass
class Variable:
    name: str
    type: Type
    initial: object = None  # a Value, or nothing

    def text(self):
        head = f"sym.shared @{self.name} : {self.type}"
        if self.initial is None:
            return head
        exact = Type(self.type.dtype, self.initial.data.shape)
        value = constant(self.initial.data, exact)
        if self.type.is_static:
            value = value[: value.rindex(" : ")]
        return f"{head} = {value}"


@dataclass
class Function:
    """A sym.func, or a sym.expr if it has no updates and is not `callable`."""

    name: str
    arguments: list
    attributes: list
    body: Body
    results: list = field(default_factory=list)
    updates: dict = field(default_factory=dict)  # variable name -> Operand
    callable: bool = True
    variables_read: set = field(default_factory=set)

    def finish(self):
        self.body.mark_live([o.name for o in self.results + list(self.updates.values())])

    def run(self, reads, arguments):
        """The results and the new values; `reads` maps names to Values."""
        env = {"reads": reads}
        for operand, value in zip(self.arguments, arguments):
            env[operand.name] = value
        self.body.run(env)
        results = [env[o.name] for o in self.results]
        updates = {name: env[o.name] for name, o in self.updates.items()}
        return results, updates, "maybe a fault" in env

    def text(self):
        arguments = ", ".join(
            f"{o}: {o.type}{a}" for o, a in zip(self.arguments, self.attributes)
        )
        results = ", ".join(str(o.type) for o in self.results)
        kind = "func" if self.callable else "expr"
        yield f"sym.{kind} @{self.name}({arguments}) -> ({results}) {{"
        yield from self.body.lines(1)
        values = ", ".join(str(o) for o in self.results)
        if values:
            values = f" {values} : {results}"
        if self.callable:
            updates = ", ".join(f"@{n} = {o} : {o.type}" for n, o in self.updates.items())
            yield f"  sym.return{values}" + (f" updates({updates})" if updates else "")
        else:
            yield f"  sym.yield{values}"
        yield "}"


class Reads(dict):
    """The values that variables have; reading one without a value fails."""

    def given(self, values):
        """The same, with some values in the place of variables'."""
        return Reads(self | values)

    def __missing__(self, name):
        raise Fault("SYM_UNINITIALIZED")


class Program:
    """Variables, functions, and a sequence of accesses with what they give."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.variables = []
        self.functions = []
        self.state = Reads()
        self.host = []  # lines of the host program
        self.failing = []  # lines of a call that fails behind them
        self.logged = {}  # variable -> expected Value

    def add_variable(self, variable):
        self.variables.append(variable)
        if variable.initial is not None:
            self.state[variable.name] = variable.initial

    def declarations(self):
        for variable in self.variables:
            yield variable.text()
        for function in self.functions:
            yield from function.text()

    def host_constant(self, value, type):
        """Appends a constant of `type` to the host program."""
        name = f"%{self.prefix}{len(self.host)}"
        exact = Type(type.dtype, value.data.shape)
        self.host.append(f"{name} = arith.constant {constant(value.data, exact)}")
        if type.is_static:
            return name
        cast = f"%{self.prefix}{len(self.host)}"
        self.host.append(f"{cast} = tensor.cast {name} : {exact} to {type}")
        return cast

    def log(self, name, value, type):
        """Keeps what the host program has in `name` in a variable of its own."""
        variable = f"{self.prefix}log{len(self.logged)}"
        self.variables.append(Variable(variable, type))
        self.host.append(f"sym.set_value @{variable} = {name} : {type}")
        self.logged[variable] = value

    def set(self, variable, value):
        name = self.host_constant(value, variable.type)
        self.host.append(f"sym.set_value @{variable.name} = {name} : {variable.type}")
        self.state[variable.name] = value

    def call_text(self, function, arguments):
        """A call in the host program, and the names of its results."""
        operands = [
            self.host_constant(v, o.type) for v, o in zip(arguments, function.arguments)
        ]
        types = [o.type for o in function.results]
        name = f"%{self.prefix}{len(self.host)}"
        head = f"{name}:{len(types)} = " if len(types) > 1 else f"{name} = " if types else ""
        self.host.append(
            f"{head}sym.call @{function.name}({', '.join(operands)}) : "
            f"({', '.join(str(o.type) for o in function.arguments)}) -> "
            f"({', '.join(map(str, types))})"
        )
        return [f"{name}#{i}" if len(types) > 1 else name for i in range(len(types))]

    def call(self, function, arguments, results, updates):
        names = self.call_text(function, arguments)
        for name, value, operand in zip(names, results, function.results):
            self.log(name, value, operand.type)
        self.state.update(updates)

    def fail(self, function, arguments):
        """The last call, which fails: what comes before it stays (T10), and what
        it would do does not happen (T4)."""
        start = len(self.host)
        self.call_text(function, arguments)
        # Behind the calls of other programs.
        self.failing = self.host[start:]
        del self.host[start:]

    def expected(self):
        """What every variable holds behind the host program."""
        return dict(self.state) | self.logged
