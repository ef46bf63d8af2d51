"""Host programs that borrow: how they are generated, written, and interpreted.

A program is a list of statements, each a tuple whose first entry names it:
blocks are lists within. Values have names; the generator keeps what it believes
about each, and mostly uses what is sound.
"""

import random
import re

import numpy as np

VARIABLES = "stu"
TYPE = "tensor<3xi64>"


def borrow_type(kind):
    return f"!sym.borrow<{TYPE}, {kind}>"


class Misuse(Exception):
    """`traps`: the debugging runtime must notice."""

    def __init__(self, traps=False):
        super().__init__()
        self.traps = traps


# ===----------------------------------------------------------------------=== #
# Generating
# ===----------------------------------------------------------------------=== #


class Name:
    """A value of the program, as the generator sees it."""

    def __init__(self, text, kind, borrows=()):
        self.text = text
        self.kind = kind  # "borrow", "tensor", "number"
        self.borrows = list(borrows)  # what it derives from


class Borrow:
    def __init__(self, variable, kind):
        self.variable, self.kind = variable, kind
        self.dead = False  # perhaps released, or invalidated
        self.depth = 0


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0
        self.scopes = [[]]
        self.borrows = []
        # Some programs never go wrong on purpose.
        self.carelessness = self.random.choice((0, 0, 0.1, 0.4))
        self.branches = False
        self.allowed = [set(VARIABLES)]  # what a block may update

    def fresh(self, kind, borrows=()):
        self.count += 1
        name = Name(f"%v{self.count}", kind, borrows)
        self.scopes[-1].append(name)
        return name

    def careless(self):
        return self.random.random() < self.carelessness

    def pick(self, kind, also=lambda name: True):
        names = [name for scope in self.scopes for name in scope
                 if name.kind == kind and also(name)]
        if not self.careless():
            names = [name for name in names if not any(b.dead for b in name.borrows)]
        return self.random.choice(names) if names else None

    def exclusively(self, variable):
        return any(b.kind == "exclusive" and not b.dead and b.variable == variable
                   for b in self.borrows)

    def updated(self, variable):
        for b in self.borrows:
            if b.kind == "scoped" and b.variable == variable:
                b.dead = True

    def variable_to_update(self):
        choice = [v for v in VARIABLES
                  if v in self.allowed[-1] and not self.exclusively(v)]
        if self.careless():
            choice = list(VARIABLES)
        return self.random.choice(choice) if choice else None

    def argument(self, variable):
        """A tensor that an update of `variable` may take."""
        return self.pick("tensor", lambda name: self.careless() or not any(
            b.kind == "scoped" and b.variable == variable for b in name.borrows))

    def block(self, length, depth, loop=False):
        """Statements of a block; `loop`: what comes later comes before as well."""
        if loop:
            plan = {v for v in self.allowed[-1]
                    if self.random.random() < 0.4 and not self.exclusively(v)}
            self.allowed.append(plan)
            for v in plan:
                self.updated(v)
        self.scopes.append([])
        first = len(self.borrows)
        statements = []
        for _ in range(length):
            # Not everything is possible everywhere.
            for statement in (self.statement(depth) for _ in range(8)):
                if statement:
                    statements.append(statement)
                    break
            if statements and statements[-1][0] == "borrow" and self.random.random() < 0.9:
                statements.append(self.make_view(depth, self.scopes[-1][-1]))
        # What was borrowed here exclusively ends here.
        for scope in (self.scopes[-1],):
            for name in list(scope):
                if name.kind == "borrow" and name.borrows[0].kind == "exclusive" \
                        and not name.borrows[0].dead and not self.careless():
                    statements.append(self.release(name))
        for b in self.borrows[first:]:
            b.dead = True
        self.scopes.pop()
        if loop:
            self.allowed.pop()
        return statements

    def release(self, name):
        borrow = name.borrows[0]
        value = None
        if borrow.kind == "exclusive" and self.random.random() < 0.7 \
                and borrow.variable in self.allowed[-1]:
            value = self.argument(borrow.variable)
            if value:
                self.updated(borrow.variable)
        borrow.dead = True
        return ("release", name.text, borrow.kind, value and value.text)

    def statement(self, depth):
        kinds = ["borrow", "borrow", "borrow", "view", "print", "print", "print", "print",
                 "number", "compute", "alias", "select", "get", "set", "step", "add", "swap", "sum",
                 "release", "look", "bump"]
        if depth < 2:
            kinds += ["if", "for", "if-value"]
        return getattr(self, "make_" + self.random.choice(kinds).replace("-", "_"))(depth)

    def make_borrow(self, depth):
        kind = self.random.choice(("scoped", "scoped", "scoped", "pinned", "exclusive"))
        variable = self.random.choice(VARIABLES)
        if kind == "exclusive" and self.exclusively(variable) and not self.careless():
            return None
        borrow = Borrow(variable, kind)
        borrow.depth = len(self.scopes)
        self.borrows.append(borrow)
        return ("borrow", self.fresh("borrow", [borrow]).text, variable, kind)

    def make_view(self, depth, name=None):
        name = name or self.pick("borrow")
        if not name:
            return None
        kind = name.borrows[0].kind
        return ("view", self.fresh("tensor", name.borrows).text, name.text, kind)

    def make_print(self, depth):
        name = self.pick(self.random.choice(("tensor", "tensor", "tensor", "number")))
        return name and ("print", name.text, name.kind)

    def make_number(self, depth):
        name = self.pick("tensor")
        return name and ("number", self.fresh("number").text, name.text,
                         self.random.randrange(3))

    def make_compute(self, depth):
        a, b = self.pick("tensor"), self.pick("tensor")
        if not a or not b:
            return None
        return ("compute", self.fresh("tensor", a.borrows + b.borrows).text, a.text, b.text)

    def make_alias(self, depth):
        name = self.pick("tensor")
        return name and ("alias", self.fresh("tensor", name.borrows).text, name.text)

    def make_select(self, depth):
        a, b = self.pick("tensor"), self.pick("tensor")
        if not a or not b:
            return None
        return ("select", self.fresh("tensor", a.borrows + b.borrows).text,
                self.random.randrange(2), a.text, b.text)

    def make_get(self, depth):
        variable = self.random.choice(VARIABLES)
        return ("get", self.fresh("tensor").text, variable)

    def make_set(self, depth):
        variable = self.variable_to_update()
        value = variable and self.argument(variable)
        if not value:
            return None
        self.updated(variable)
        return ("set", variable, value.text)

    def make_step(self, depth):
        variable = self.variable_to_update()
        if not variable:
            return None
        self.updated(variable)
        return ("step", variable)

    def make_add(self, depth):
        variable = self.variable_to_update()
        value = variable and self.argument(variable)
        if not value:
            return None
        self.updated(variable)
        return ("add", self.fresh("tensor").text, variable, value.text)

    def make_swap(self, depth):
        both = {"s", "t"}
        sound = both <= self.allowed[-1] and not any(map(self.exclusively, both))
        if not sound and not self.careless():
            return None
        for variable in both:
            self.updated(variable)
        return ("swap",)

    def make_sum(self, depth):
        name = self.pick("tensor")
        return name and ("sum", self.fresh("tensor").text, name.text)

    def make_release(self, depth):
        name = self.pick("borrow", lambda name: name.borrows[0].depth == len(self.scopes)
                         or self.careless())
        return name and self.release(name)

    def make_look(self, depth):
        name = self.pick("tensor")
        return name and ("look", name.text)

    def make_bump(self, depth):
        sound = "u" in self.allowed[-1] and not self.exclusively("u")
        name = self.pick("tensor", lambda name: self.careless() or not any(
            b.kind == "scoped" and b.variable == "u" for b in name.borrows))
        if not name or not (sound or self.careless()):
            return None
        self.updated("u")
        return ("bump", name.text)

    def make_if(self, depth):
        self.branches = True
        dead = {b for b in self.borrows if b.dead}
        length = self.random.randrange(1, 5)
        then = self.block(length, depth + 1)
        killed = {b for b in self.borrows if b.dead} - dead
        before = len(self.borrows)
        for b in killed:
            b.dead = b not in self.borrows[:before] or b.kind == "exclusive"
        otherwise = self.block(self.random.randrange(0, 3), depth + 1)
        for b in killed:
            b.dead = True
        return ("if", self.random.randrange(2), then, otherwise)

    def make_if_value(self, depth):
        """A branch that chooses between two tensors."""
        a, b = self.pick("tensor"), self.pick("tensor")
        if not a or not b:
            return None
        self.branches = True
        return ("if-value", self.fresh("tensor", a.borrows + b.borrows).text,
                self.random.randrange(2), a.text, b.text)

    def make_for(self, depth):
        self.branches = True
        return ("for", self.block(self.random.randrange(1, 5), depth + 1, loop=True))


class Program:
    def __init__(self, seed):
        generator = Generator(seed)
        self.seed, self.name = seed, f"p{seed}"
        self.statements = generator.block(generator.random.randrange(6, 30), 0)
        self.branches = generator.branches
        self.choice = [generator.random.randrange(n) for n in (2, 2, 3)]
        self.initial = {v: [generator.random.randrange(-9, 10) for _ in range(3)]
                        for v in VARIABLES}

    # ===------------------------------------------------------------------=== #
    # Writing
    # ===------------------------------------------------------------------=== #

    def declarations(self):
        """The text of the program, without the functions that it does not call."""
        text = "\n".join(self.everything())
        parts = re.split(r"(?m)^(?=sym\.func|func\.func)", text)
        used = [part for part in parts if not part.startswith(("sym.func", "func.func private"))
                or text.count(re.search(r"@\w+\(", part)[0]) > 1]
        if any("_bump(" in part for part in used):
            used += [part for part in parts if "_step_u()" in part and part not in used
                     and part.startswith("sym.func")]
        return "".join(used).rstrip().split("\n")

    def everything(self):
        p = self.name
        lines = [f"sym.shared @{p}_{v} : {TYPE} = dense<{data}>"
                 for v, data in self.initial.items()]
        lines.append(f"sym.shared @{p}_flags : {TYPE} = dense<{list(self.choice)}>")
        for v in VARIABLES:
            lines += [
                f"sym.func @{p}_step_{v}() {{",
                f"  %x = sym.read @{p}_{v} : {TYPE}",
                f"  %y = arith.addi %x, %x : {TYPE}",
                f"  sym.return updates(@{p}_{v} = %y : {TYPE})", "}",
                f"sym.func @{p}_add_{v}(%a: {TYPE}) -> {TYPE} {{",
                f"  %x = sym.read @{p}_{v} : {TYPE}",
                f"  %y = arith.addi %x, %a : {TYPE}",
                f"  sym.return %x : {TYPE} updates(@{p}_{v} = %y : {TYPE})", "}"]
        lines += [
            f"sym.func @{p}_swap() {{",
            f"  %x = sym.read @{p}_s : {TYPE}", f"  %y = sym.read @{p}_t : {TYPE}",
            f"  sym.return updates(@{p}_s = %y : {TYPE}, @{p}_t = %x : {TYPE})", "}",
            f"sym.func @{p}_sum(%a: {TYPE}) -> {TYPE} {{",
            f"  %x = sym.read @{p}_s : {TYPE}", f"  %y = sym.read @{p}_u : {TYPE}",
            f"  %z = arith.addi %x, %y : {TYPE}", f"  %w = arith.addi %z, %a : {TYPE}",
            f"  sym.return %w : {TYPE}", "}",
            f"func.func private @{p}_look(%a: {TYPE}) {{",
            f"  sym.print \"{p} looks \" %a : {TYPE}", "  return", "}",
            f"func.func private @{p}_bump(%a: {TYPE}) {{",
            f"  sym.print \"{p} bumps \" %a : {TYPE}",
            f"  sym.call @{p}_step_u() : () -> ()", "  return", "}",
            f"func.func @{p}_main() {{",
            "  %c0 = arith.constant 0 : index", "  %c1 = arith.constant 1 : index",
            "  %c2 = arith.constant 2 : index", "  %zero = arith.constant 0 : i64",
            f"  %flags = sym.get_value @{p}_flags : {TYPE}"]
        for i in range(2):
            lines += [f"  %n{i} = tensor.extract %flags[%c{i}] : {TYPE}",
                      f"  %f{i} = arith.cmpi ne, %n{i}, %zero : i64"]
        lines += [f"  %n2 = tensor.extract %flags[%c2] : {TYPE}",
                  "  %trips = arith.index_cast %n2 : i64 to index"]
        self.write(self.statements, lines, "  ")
        return lines + ["  return", "}"]

    def module(self):
        return "\n".join([*self.declarations(), "func.func @main() {",
                          f"  call @{self.name}_main() : () -> ()", "  return", "}", ""])

    def write(self, statements, lines, pad):
        p = self.name
        for s in statements:
            add = lambda text: lines.append(pad + text)
            match s:
                case ("borrow", r, v, kind):
                    add(f"{r} = sym.borrow @{p}_{v} : {borrow_type(kind)}")
                case ("view", r, b, kind):
                    add(f"{r} = sym.view {b} : {borrow_type(kind)}")
                case ("print", x, kind):
                    what = TYPE
                    if kind == "number":
                        scalar, what = f"%t{len(lines)}", "tensor<i64>"
                        add(f"{scalar} = tensor.from_elements {x} : {what}")
                        x = scalar
                    add(f"sym.print \"{p} \" {x} : {what}")
                case ("number", r, x, i):
                    add(f"{r} = tensor.extract {x}[%c{i}] : {TYPE}")
                case ("compute", r, a, b):
                    add(f"{r} = arith.addi {a}, {b} : {TYPE}")
                case ("alias", r, a):
                    add(f"{r}c = tensor.cast {a} : {TYPE} to tensor<?xi64>")
                    add(f"{r} = tensor.cast {r}c : tensor<?xi64> to {TYPE}")
                case ("select", r, flag, a, b):
                    add(f"{r} = arith.select %f{flag}, {a}, {b} : {TYPE}")
                case ("if-value", r, flag, a, b):
                    add(f"{r} = scf.if %f{flag} -> ({TYPE}) {{")
                    add(f"  scf.yield {a} : {TYPE}")
                    add("} else {")
                    add(f"  scf.yield {b} : {TYPE}")
                    add("}")
                case ("get", r, v):
                    add(f"{r} = sym.get_value @{p}_{v} : {TYPE}")
                case ("set", v, x):
                    add(f"sym.set_value @{p}_{v} = {x} : {TYPE}")
                case ("step", v):
                    add(f"sym.call @{p}_step_{v}() : () -> ()")
                case ("add", r, v, x):
                    add(f"{r} = sym.call @{p}_add_{v}({x}) : ({TYPE}) -> {TYPE}")
                case ("swap",):
                    add(f"sym.call @{p}_swap() : () -> ()")
                case ("sum", r, x):
                    add(f"{r} = sym.call @{p}_sum({x}) : ({TYPE}) -> {TYPE}")
                case ("look" | "bump", x):
                    add(f"func.call @{p}_{s[0]}({x}) : ({TYPE}) -> ()")
                case ("release", b, kind, None):
                    add(f"sym.release {b} : {borrow_type(kind)}")
                case ("release", b, kind, x):
                    add(f"sym.release {b} = {x} : {borrow_type(kind)}, {TYPE}")
                case ("if", flag, then, otherwise):
                    add(f"scf.if %f{flag} {{")
                    self.write(then, lines, pad + "  ")
                    add("} else {")
                    self.write(otherwise, lines, pad + "  ")
                    add("}")
                case ("for", body):
                    add(f"scf.for %i{len(lines)} = %c0 to %trips step %c1 {{")
                    self.write(body, lines, pad + "  ")
                    add("}")
                case _:
                    raise AssertionError(s)


def generate(seed):
    return Program(seed)


# ===----------------------------------------------------------------------=== #
# Interpreting
# ===----------------------------------------------------------------------=== #


class Held:
    """A borrow that is held, or was."""

    def __init__(self, variable, kind, data):
        self.variable, self.kind, self.data = variable, kind, data
        self.released = self.invalid = False


class Tensor:
    def __init__(self, data, borrows=(), shows=None):
        self.data, self.borrows = data, list(borrows)
        self.shows = shows  # the borrow whose memory it is


class Interpreter:
    def __init__(self, program, choice, printed):
        self.program, self.choice = program, choice
        self.printed = printed if printed is not None else []
        self.state = {v: np.array(data) for v, data in program.initial.items()}
        self.held = []
        self.values = {}

    def use(self, name, reads=True):
        """Looks at a value; `reads`: at its memory, there and then."""
        value = self.values[name]
        borrows = [value] if isinstance(value, Held) else getattr(value, "borrows", [])
        if any(b.released or (b.kind == "scoped" and b.invalid) for b in borrows):
            shown = getattr(value, "shows", None)
            raise Misuse(reads and shown is not None and shown.kind == "scoped"
                         and (shown.released or shown.invalid))
        return value

    def update(self, variable, data, *operands):
        if any(b.kind == "exclusive" and not b.released and b.variable == variable
               for b in self.held):
            raise Misuse
        for value in operands:
            if any(b.kind == "scoped" and b.variable == variable for b in value.borrows):
                raise Misuse
        self.state[variable] = data
        for b in self.held:
            if b.kind == "scoped" and b.variable == variable:
                b.invalid = True

    def say(self, text):
        self.printed.append(text + "\n")

    def run(self, statements):
        p, values, state = self.program.name, self.values, self.state
        for s in statements:
            match s:
                case ("borrow", r, v, kind):
                    if kind == "exclusive" and any(
                            b.kind == kind and not b.released and b.variable == v
                            for b in self.held):
                        raise Misuse
                    values[r] = Held(v, kind, state[v])
                    self.held.append(values[r])
                case ("view", r, b, _):
                    borrow = self.use(b)
                    values[r] = Tensor(borrow.data, [borrow], borrow)
                case ("print", x, "tensor"):
                    self.say(f"{p} {self.use(x).data}")
                case ("print", x, "number"):
                    self.say(f"{p} {values[x]}")
                case ("number", r, x, i):
                    values[r] = self.use(x, reads=False).data[i]
                case ("compute", r, a, b):
                    x, y = self.use(a, reads=False), self.use(b, reads=False)
                    values[r] = Tensor(x.data + y.data, x.borrows + y.borrows)
                case ("alias", r, a):
                    x = self.use(a, reads=False)
                    values[r] = Tensor(x.data, x.borrows, x.shows)
                case ("select", r, flag, a, b):
                    x, y = self.use(a, reads=False), self.use(b, reads=False)
                    chosen = x if self.choice[flag] else y
                    values[r] = Tensor(chosen.data, x.borrows + y.borrows)
                case ("if-value", r, flag, a, b):
                    chosen = values[a if self.choice[flag] else b]
                    values[r] = Tensor(chosen.data, chosen.borrows)
                case ("get", r, v):
                    values[r] = Tensor(state[v])
                case ("set", v, x):
                    value = self.use(x)
                    self.update(v, value.data, value)
                case ("step", v):
                    self.update(v, state[v] * 2)
                case ("add", r, v, x):
                    value, old = self.use(x), state[v]
                    self.update(v, old + value.data, value)
                    values[r] = Tensor(old)
                case ("swap",):
                    new = state["t"], state["s"]
                    self.update("s", new[0])
                    self.update("t", new[1])
                case ("sum", r, x):
                    values[r] = Tensor(state["s"] + state["u"] + self.use(x).data)
                case ("look", x):
                    self.say(f"{p} looks {self.use(x).data}")
                case ("bump", x):
                    self.say(f"{p} bumps {self.use(x).data}")
                    self.update("u", state["u"] * 2)
                case ("release", b, _, x):
                    borrow = values[b]
                    if borrow.released:
                        raise Misuse
                    value = self.use(x) if x else None
                    borrow.released = True
                    if value:
                        self.update(borrow.variable, value.data, value)
                case ("if", flag, then, otherwise):
                    self.run(then if self.choice[flag] else otherwise)
                case ("for", body):
                    for _ in range(self.choice[2]):
                        self.run(body)


def interpret(program, choice, printed=None):
    """Runs a program with these flags; raises Misuse where it goes wrong."""
    interpreter = Interpreter(program, choice, printed)
    interpreter.run(program.statements)
    if any(b.kind == "exclusive" and not b.released for b in interpreter.held):
        raise Misuse
