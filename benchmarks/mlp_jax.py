#!/usr/bin/env python3
"""Holds steps of examples/mlp.mlir against JAX on the CPU, which derives the
gradient itself. JAX is needed by this script alone:

    python3 -m venv /tmp/jax && /tmp/jax/bin/pip install jax numpy
    /tmp/jax/bin/python benchmarks/mlp_jax.py --runner=build/release/bin/sym-runner
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
sys.path.insert(0, str(EXAMPLES))
from mlp_reference import SHAPES, Runner, difference, random_case


def cost(p, x, y):
    z = jnp.tanh(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    picked = jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1)
    return -picked.mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runner", default="sym-runner", help="and its options")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 20, 500])
    arguments = parser.parse_args()
    rng = np.random.default_rng(3)
    right = True
    for batch in arguments.batches:
        x, y, p, v = random_case(rng, batch, np.float32)
        state = p | {"v" + name: value for name, value in v.items()}
        with tempfile.TemporaryDirectory() as folder:
            runner = Runner(arguments.runner, EXAMPLES / "mlp.mlir", folder, state)
            (c, *g), _ = runner.call("gradient", [x, y], 5)
        expected, gradient = jax.value_and_grad(cost)(p, x, jnp.asarray(y))
        right &= difference(f"batch {batch}, cost", c, np.asarray(expected)) < 1e-5
        for name, found in zip(SHAPES, g):
            expected = np.asarray(gradient[name])
            right &= difference(f"batch {batch}, {name}", found, expected) < 1e-5
    print(f"JAX {jax.__version__}:", "equal" if right else "different")
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
