#!/usr/bin/env python3
"""Adam over twenty parameters of different shapes, as one function.

    adam.py write [--dynamic]                  the program
    adam.py check program.mlir --runner=sym-runner

`check` runs three steps, and holds what they leave against NumPy.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

# Ranks from 0 to 4, sizes that are no multiple of an access, empty ones, and one
# that needs many blocks.
SHAPES = [
    (7, 5), (64, 3), (1, 1), (33, 32), (500, 10), (16, 16), (5, 301), (2, 3),
    (10,), (500,), (1,), (13,), (4099,), (128,), (3,),
    (2, 3, 5), (4, 4, 4), (1, 6, 2, 3),
    (), (0, 4),
]


def type_of(shape, dynamic):
    sizes = ["?" if dynamic else str(size) for size in shape]
    return "tensor<" + "".join(size + "x" for size in sizes) + "f32>"


def write(dynamic):
    types = [type_of(shape, dynamic) for shape in SHAPES]
    lines = ["// Adam over parameters of many shapes (written by adam.py)."]
    for i, t in enumerate(types):
        initial = "" if dynamic else " = dense<0.0>"
        lines += [f"sym.shared @{name}{i} : {t}{initial}" for name in "pmv"]
    arguments = ", ".join(f"%g{i}: {t}" for i, t in enumerate(types))
    lines.append(f"sym.func @adam({arguments}, %rate: tensor<f32>) {{")
    updates = []
    for i, (shape, t) in enumerate(zip(SHAPES, types)):
        dims = ", ".join(f"d{k}" for k in range(len(shape)))
        same = f"affine_map<({dims}) -> ({dims})>"
        scalar = f"affine_map<({dims}) -> ()>"
        parallel = ", ".join(['"parallel"'] * len(shape))
        lines += [f"  %{name}{i} = sym.read @{name}{i} : {t}" for name in "pmv"]
        lines.append(
            f"""  %np{i}, %nm{i}, %nv{i} = linalg.generic {{
      indexing_maps = [{same}, {scalar}, {same}, {same}, {same}],
      iterator_types = [{parallel}]}}
      ins(%g{i}, %rate : {t}, tensor<f32>) outs(%p{i}, %m{i}, %v{i} : {t}, {t}, {t}) {{
  ^bb0(%g: f32, %r: f32, %p: f32, %m: f32, %v: f32):
    %b1 = arith.constant 0.9 : f32
    %c1 = arith.constant 0.1 : f32
    %b2 = arith.constant 0.999 : f32
    %c2 = arith.constant 0.001 : f32
    %eps = arith.constant 1.0e-8 : f32
    %ma = arith.mulf %m, %b1 : f32
    %mb = arith.mulf %g, %c1 : f32
    %nm = arith.addf %ma, %mb : f32
    %gg = arith.mulf %g, %g : f32
    %va = arith.mulf %v, %b2 : f32
    %vb = arith.mulf %gg, %c2 : f32
    %nv = arith.addf %va, %vb : f32
    %root = math.sqrt %nv : f32
    %below = arith.addf %root, %eps : f32
    %step = arith.mulf %nm, %r : f32
    %move = arith.divf %step, %below : f32
    %np = arith.subf %p, %move : f32
    linalg.yield %np, %nm, %nv : f32, f32, f32
  }} -> ({t}, {t}, {t})"""
        )
        updates += [f"@{name}{i} = %n{name}{i} : {t}" for name in "pmv"]
    lines.append("  sym.return updates(" + ",\n      ".join(updates) + ")\n}")
    return "\n".join(lines) + "\n"


def check(program, command, folder):
    import numpy as np

    f = np.float32
    rng = np.random.default_rng(5)

    def draw(low, high):
        return [np.asarray(rng.uniform(low, high, shape), f) for shape in SHAPES]

    p, m, v = draw(-1, 1), draw(-0.1, 0.1), draw(0, 0.1)
    state = {}
    for name, values in (("p", p), ("m", m), ("v", v)):
        state |= {f"{name}{i}": value for i, value in enumerate(values)}
    np.savez(folder / "0.npz", **state)
    right = True
    for step in range(3):
        g, rate = draw(-1, 1), f(0.01 / (step + 1))
        line = [*command.split(), program, "--call=adam"]
        for i, value in enumerate([*g, np.asarray(rate)]):
            np.save(folder / f"{i}.npy", value)
            line.append(f"--arg=@{folder}/{i}.npy")
        # Of its own: who compares ways to run it runs each step several times.
        state, after = folder / f"{step}.npz", folder / f"{step + 1}.npz"
        subprocess.run([*line, f"--load-state={state}", f"--save-state={after}"], check=True)
        found = np.load(after)
        for i in range(len(SHAPES)):
            m[i] = m[i] * f(0.9) + g[i] * f(0.1)
            v[i] = v[i] * f(0.999) + g[i] * g[i] * f(0.001)
            p[i] = p[i] - m[i] * rate / (np.sqrt(v[i]) + f(1e-8))
            for name, values in (("p", p), ("m", m), ("v", v)):
                # Every operation is rounded as IEEE 754 says: the same bits.
                if found[f"{name}{i}"].tobytes() != values[i].tobytes():
                    print(f"step {step}: {name}{i} differs")
                    right = False
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("write").add_argument("--dynamic", action="store_true")
    checking = actions.add_parser("check")
    checking.add_argument("program")
    checking.add_argument("--runner", default="sym-runner", help="and its options")
    arguments = parser.parse_args()
    if arguments.action == "write":
        sys.stdout.write(write(arguments.dynamic))
        return
    with tempfile.TemporaryDirectory() as folder:
        right = check(arguments.program, arguments.runner, Path(folder))
    print("equal" if right else "different")
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
