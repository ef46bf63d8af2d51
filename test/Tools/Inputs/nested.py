"""Writes a module with one construct nested N deep: nested.py CONSTRUCT N."""

import sys


def chain(prefix, first, form, use, depth):
    """Aliases that each stand for the one before."""
    names = [f"{prefix}a{i}" for i in range(depth + 1)]
    lines = [f"{names[0]} = {first}"]
    lines += [f"{name} = {form % before}" for before, name in zip(names, names[1:])]
    return "\n".join(lines + [use % names[-1]])


def attribute(value):
    return "module attributes {test.value = " + value + "} {}"


FORMS = {
    "regions": lambda n: "module {\n" * n + "}\n" * n,
    "arrays": lambda n: attribute("[" * n + "]" * n),
    "dictionaries": lambda n: attribute("{a = " * n + "1" + "}" * n),
    "types": lambda n: attribute("tuple<" * n + "i32" + ">" * n),
    "sums": lambda n: attribute("affine_map<(d0) -> (" + "d0 + " * n + "d0)>"),
    "signs": lambda n: attribute("affine_map<(d0) -> (" + "- " * n + "d0)>"),
    "subscripts": lambda n: attribute("affine_map<(d0) -> (d0" + " mod 2" * n + ")>"),
    "locations": lambda n: "module {} loc(" + "fused[" * n + '"a"' + "]" * n + ")",
    "attribute-aliases": lambda n: chain("#", "[1]", "[%s]", attribute("%s"), n),
    "type-aliases": lambda n: chain("!", "i1", "tuple<%s>", attribute("%s"), n),
    "location-aliases": lambda n: chain(
        "#", 'loc("a")', "loc(fused[%s])", "module {} loc(%s)", n
    ),
    "split-aliases": lambda n: chain("#", "[1]", "\n[\n%s\n]", attribute("%s"), n),
    # Not nested at all.
    "strings": lambda n: attribute('"' + "[" * n + '"'),
    "comments": lambda n: "//" + "[" * n + "\nmodule {}",
    "arrows": lambda n: attribute("[" + ", ".join(["() -> ()"] * n) + "]"),
    "negatives": lambda n: attribute("[" + ", ".join(["-1"] * n) + "]"),
    "siblings": lambda n: "module {}\n" * n,
    "chunks": lambda n: "\n// -----\n".join(
        ["#a = [1]\n" + attribute("[#a]"), "#b = [[1]]\n" + attribute("[#b]")] * n
    ),
}

print(FORMS[sys.argv[1]](int(sys.argv[2])))
