"""Inputs for the fuzzer: the repository's programs, changed at random.

Every input is determined by the seed, its number and the corpus. Half of them
are changed as text here, the others in their structure by sym-fuzz, which a
first line asks for.
"""

import pathlib
import random
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEPARATOR = "\n// -----\n"
TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"'  # a string
    r"|(?<=[\d?])x(?=[\d?a-z])"  # between the sizes of a type
    r"|[%@^#!]?[A-Za-z_][\w.$]*"
    r"|\d+(?:\.\d+)?|\s+|.",
    re.S,
)
NUMBERS = ["0", "1", "2", "3", "-1", "7", "64", "1000000", "2147483648"]
NUMBERS += ["9223372036854775807", "9223372036854775808", "-9223372036854775808"]
NUMBERS += ["1.0e+300", "0x7FC00000", "?"]
TYPES = ["i1", "i4", "i8", "i32", "i64", "i128", "index", "f16", "bf16", "f32"]
TYPES += ["f64", "f80", "f128", "complex<f32>", "si8", "ui8", "none", "vector<4xf32>"]
TYPES += ["tensor<f32>", "tensor<4xf32>", "tensor<?xf32>", "tensor<0xf32>"]
TYPES += ["tensor<*xf32>", "tensor<2x3xi64>", "memref<4xf32>", "memref<?xi8>"]
TYPES += ["!sym.borrow<tensor<4xf32>, scoped>", "tuple<f32>"]
SCALARS = re.compile(r"^(?:i\d+|index|b?f\d+)$")


def read_corpus():
    """The chunks of all programs, without their comments, and whether each is
    one that parses."""
    chunks = []
    for folder in ("test", "examples"):
        for path in sorted((ROOT / folder).rglob("*.mlir")):
            if "upstream" in path.parts:
                continue
            for chunk in re.split(r"^// -----.*$", path.read_text(), flags=re.M):
                parses = "expected-error" not in chunk
                lines = chunk.splitlines()
                lines = [l for l in lines if not l.lstrip().startswith("//")]
                chunk = "\n".join(lines).strip()
                if chunk and len(chunk) < 5000:
                    chunks.append((chunk, parses))
    return chunks


def replace(rng, tokens, at, by):
    """One token, or all equal ones: what types must agree on then still does,
    and the input gets further than the verifier."""
    old = tokens[at]
    everywhere = rng.random() < 0.7
    for i, token in enumerate(tokens):
        if i == at or (everywhere and token == old):
            tokens[i] = by


def mutate_tokens(rng, text, corpus):
    tokens = TOKEN.findall(text)
    places = [i for i, token in enumerate(tokens) if not token.isspace()]
    if not places:
        return text
    at = rng.choice(places)
    kind = rng.randrange(7)
    if kind == 0:
        del tokens[at]
    elif kind == 1:
        tokens.insert(at, tokens[at])
    elif kind == 2:
        other = rng.choice(places)
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif kind == 3:
        numbers = [i for i in places if tokens[i][0].isdigit()] or [at]
        replace(rng, tokens, rng.choice(numbers), rng.choice(NUMBERS))
    elif kind == 4:
        types = [i for i in places if SCALARS.match(tokens[i])] or [at]
        replace(rng, tokens, rng.choice(types), rng.choice(TYPES))
    elif kind == 5:
        # Another value, symbol or operation of the same program.
        alike = [i for i in places if tokens[i][0] == tokens[at][0]]
        tokens[at] = tokens[rng.choice(alike)]
    else:
        # A token of another program.
        tokens[at] = rng.choice(TOKEN.findall(rng.choice(corpus)[0]))
    return "".join(tokens)


def mutate_lines(rng, text, corpus):
    lines = text.splitlines()
    if not lines:
        return text
    at = rng.randrange(len(lines))
    kind = rng.randrange(5)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(rng.randrange(len(lines) + 1), lines[at])
    elif kind == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        lines.insert(at, rng.choice(rng.choice(corpus)[0].splitlines()))
    else:
        end = min(len(lines), at + rng.randrange(2, 6))
        part = lines[at:end]
        rng.shuffle(part)
        lines[at:end] = part
    return "\n".join(lines)


def mutate_bytes(rng, text, corpus):
    if not text:
        return text
    at = rng.randrange(len(text))
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at]
    if kind == 1:
        return text[:at] + text[at + rng.randrange(1, 20) :]
    return text[:at] + chr(ord(text[at]) % 128 ^ (1 << rng.randrange(7))) + text[at + 1 :]


def make_text(rng, corpus):
    text = rng.choice(corpus)[0]
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 5])):
        mutate = rng.choice([mutate_tokens] * 6 + [mutate_lines] * 3 + [mutate_bytes])
        text = mutate(rng, text, corpus)
    return text


def make_structure(rng, corpus):
    text = rng.choice([chunk for chunk, parses in corpus if parses])
    if rng.random() < 0.2:
        # Two programs in one, unless their names clash.
        text += "\n" + rng.choice(corpus)[0]
    count = rng.choice([1, 1, 2, 2, 3, 4, 6])
    return f"// mutate {rng.getrandbits(60)} {count}\n{text}"


def make_input(seed, number, corpus):
    rng = random.Random(f"{seed}:{number}")
    make = make_text if number % 2 else make_structure
    text = make(rng, corpus).replace("\0", " ")
    # What separates inputs is no part of one.
    return text.replace("// -----", "")
