"""Branches, loops, and evaluations of expressions."""

from program import Body, Operand


class Control:
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

    def switch(self, type, depth):
        """An scf.index_switch; the last region is the default."""
        selector = self.clamped_index(self.index_constant(3))
        cases = self.pick([[0], [1, 0], [0, 3]])
        regions = [self.nested([type], depth - 1) for _ in range(len(cases) + 1)]
        heads = [f"case {case}" for case in cases] + ["default"]
        text = f"scf.index_switch {selector} -> {type}"
        for head, (body, results) in zip(heads, regions):
            text += (
                f"\n{head} {{\n{self.text_of(body)}  scf.yield {results[0]} : {type}\n}}"
            )

        def run(env):
            at = cases.index(env[selector.name]) if env[selector.name] in cases else -1
            body, results = regions[at]
            body.run(env)
            return [env[results[0].name]]

        return self.body.many(text, [type], run)[0]

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
        others = [type if self.chance(0.4) else self.pick(self.shared).type]
        types = [type] + others[: self.pick([0, 1])]
        return self.carry([self.value(t, depth - 1) for t in types], depth)[0]

    def carry(self, inits, depth):
        """An scf.for or scf.while with carries, which may change places, meet in
        one value, or go through a loop inside."""
        types = [x.type for x in inits]
        count = self.trip_count()
        carries = [Operand(self.body.fresh(), t) for t in types]
        i = self.body.fresh()
        is_for = self.chance(0.7 if depth > 1 else 0.5)
        first = None
        if not is_for and self.chance(0.4):
            outside = [Operand(self.body.fresh(), t) for t in types]
            first, forwarded = self.nested(types, depth - 1, lambda b: b.pool.extend(outside))
        body, results = self.nested(types, depth - 1, lambda b: b.pool.extend(carries))
        if depth > 0 and self.chance(0.4):
            # What this loop carries goes through another one.
            body.parent, self.body = self.body, body
            through = [c if self.chance(0.7) else r for c, r in zip(carries, results)]
            inner = self.carry(through, depth - 1)
            self.body = body.parent
            results = [n if self.chance(0.8) else r for n, r in zip(inner, results)]
            body.mark_live([o.name for o in results])
        if len(types) == 2 and types[0] == types[1]:
            if self.chance(0.5):
                results = [carries[1], results[0] if self.chance(0.5) else carries[0]]
            elif self.chance(0.2):
                results = [results[0], results[0]]
            body.mark_live([o.name for o in results])
        list_of = ", ".join(map(str, types))
        ends = ", ".join(map(str, results))
        if is_for:
            starts = ", ".join(f"{c} = {x}" for c, x in zip(carries, inits))
            zero, one = self.index_constant(0), self.index_constant(1)
            text = (
                f"scf.for {i} = {zero} to {count} step {one} iter_args({starts}) -> ({list_of}) {{\n"
                f"{self.text_of(body)}  scf.yield {ends} : {list_of}\n}}"
            )
            drop = 0
        else:
            if not first:
                outside = forwarded = [Operand(self.body.fresh(), t) for t in types]
            before = self.text_of(first) if first else ""
            text = self.while_text(
                body, carries, inits, ends, count, i, outside, before, forwarded
            )
            drop = 1

        def enter(env, values):
            """Through a while's first region, which runs once more than the other."""
            if not first:
                return values
            for operand, value in zip(outside, values):
                env[operand.name] = value
            first.run(env)
            return [env[o.name] for o in forwarded]

        def run(env):
            values = enter(env, [env[x.name] for x in inits])
            for _ in range(env[count.name]):
                for carry, value in zip(carries, values):
                    env[carry.name] = value
                body.run(env)
                values = enter(env, [env[o.name] for o in results])
            return [env[count.name]] * drop + values

        return self.body.many(text, ["index"] * drop + types, run)[drop:]

    def while_text(self, body, carries, inits, ends, count, i, outside, before, forwarded):
        zero, one = self.index_constant(0), self.index_constant(1)
        j, less, following = (self.body.fresh() for _ in range(3))
        list_of = ", ".join(["index"] + [str(c.type) for c in carries])
        # The same names in both regions, which do not see each other.
        starts = ", ".join(f"{o} = {x}" for o, x in zip(outside, inits))
        passed = ", ".join(map(str, forwarded))
        block = ", ".join(f"{c}: {c.type}" for c in carries)
        return (
            f"scf.while ({j} = {zero}, {starts}) : ({list_of}) -> ({list_of}) {{\n"
            f"{before}  {less} = arith.cmpi slt, {j}, {count} : index\n"
            f"  scf.condition({less}) {j}, {passed} : {list_of}\n}} do {{\n"
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
