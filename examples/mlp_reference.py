#!/usr/bin/env python3
"""What mlp.mlir computes, in NumPy.

    mlp_reference.py train data/digits.npz --compare=state.npz --log=printed.txt
    mlp_reference.py step --runner=sym-runner mlp.mlir
    mlp_reference.py differences --runner=sym-runner mlp.mlir

`train` is the whole host program, held against a state that sym-runner saved and
against what it printed. `step` gives single steps the same random state, with
mini-batches of several sizes. `differences` holds the derivatives, in f64, against
those by finite differences of the cost.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

SHAPES = {"W1": (784, 500), "b1": (500,), "W2": (500, 10), "b2": (10,)}


def draw(seed, dtype):
    """The parameters as @initialize draws them."""
    mask = np.uint64(0xFFFFFFFF)
    h = np.arange(397000, dtype=np.uint64) + np.uint64(seed * 0x9E3779B9 & 0xFFFFFFFF) & mask
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        h = (h ^ h >> np.uint64(shift)) * np.uint64(factor) & mask
    h ^= h >> np.uint64(16)
    u = (h >> np.uint64(8)).astype(dtype) * dtype(2.0**-23) - dtype(1)
    r1, r2 = np.float32(0.0683585912), np.float32(0.108465229)
    return {
        "W1": u[:392000].reshape(784, 500) * dtype(r1),
        "b1": np.zeros(500, dtype),
        "W2": u[392000:].reshape(500, 10) * dtype(r2),
        "b2": np.zeros(10, dtype),
    }


def forward(p, x, y):
    """The cost, the hidden layer, and exp(scores) with its sums."""
    h = np.tanh(x @ p["W1"] + p["b1"])
    z = h @ p["W2"] + p["b2"]
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    s = e.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    return (np.log(s[:, 0]) - z[rows, y]).sum() / len(y), h, e, s


def gradient(p, x, y):
    """The cost, and its derivatives by name."""
    cost, h, e, s = forward(p, x, y)
    dz = e / s
    dz[np.arange(len(y)), y] -= 1
    dz /= len(y)
    da = dz @ p["W2"].T * (1 - h * h)
    return cost, {"W1": x.T @ da, "b1": da.sum(axis=0), "W2": h.T @ dz, "b2": dz.sum(axis=0)}


def step(p, v, x, y, rate):
    """One step of descent, in place; returns the cost before it."""
    cost, g = gradient(p, x, y)
    for name in SHAPES:
        v[name] = 0.9 * v[name] - rate * g[name]
        p[name] = p[name] + v[name]
    return cost


def enlarge(small):
    """8×8 pixels from 0 to 16 as 28×28 from 0 to 1."""
    at = np.arange(28) * 2 // 7
    images = small.reshape(-1, 8, 8)[:, at][:, :, at]
    return images.reshape(-1, 784) / 16.0


def train(data, epochs=3, batch=50, rate=0.02):
    """The costs of each epoch's last mini-batch, the accuracy, and the
    variables in the end."""
    p = draw(1, np.float64)
    v = {name: np.zeros(shape) for name, shape in SHAPES.items()}
    rate = float(np.float32(rate))
    x, y = enlarge(data["train_x"]), data["train_y"]
    costs = []
    for _ in range(epochs):
        for first in range(0, len(x), batch):
            cost = step(p, v, x[first : first + batch], y[first : first + batch], rate)
        costs.append(cost)
    h = np.tanh(enlarge(data["test_x"]) @ p["W1"] + p["b1"])
    accuracy = ((h @ p["W2"] + p["b2"]).argmax(axis=1) == data["test_y"]).mean()
    return costs, accuracy, p | {"v" + name: value for name, value in v.items()}


def difference(name, found, expected):
    """The largest difference in units of the largest expected value."""
    scale = max(np.abs(expected).max(), 1e-30)
    error = float(np.abs(found - expected).max() / scale)
    print(f"{name}: difference {error:.1e} of the largest value {scale:.3g}")
    return error


def check_training(arguments):
    costs, accuracy, variables = train(np.load(arguments.data))
    state = np.load(arguments.compare)
    right = True
    for name, expected in variables.items():
        right &= state[name].dtype == np.float32
        right &= difference(name, state[name], expected) < 1e-3
    text = open(arguments.log).read()
    printed = re.findall(r"^cost of the last mini-batch: (\S+)$", text, re.M)
    right &= len(printed) == len(costs)
    right &= difference("costs", np.array(printed, float), np.array(costs)) < 1e-3
    printed = re.findall(r"^held-out accuracy: (\S+)$", text, re.M)
    print(f"accuracy: {printed}, {accuracy:.6f} in NumPy")
    return right and len(printed) == 1 and abs(float(printed[0]) - accuracy) < 1e-6


class Runner:
    """Calls functions of the program, whose variables are `state`."""

    def __init__(self, command, program, folder, state):
        self.command, self.program, self.folder = command.split(), program, Path(folder)
        np.savez(self.folder / "state.npz", **state)

    def call(self, function, arguments, results):
        """The results, and the state behind the call."""
        command = [*self.command, str(self.program), f"--call={function}"]
        for i, value in enumerate(arguments):
            np.save(self.folder / f"in{i}.npy", value)
            command.append(f"--arg=@{self.folder}/in{i}.npy")
        command += [f"--out=@{self.folder}/out{i}.npy" for i in range(results)]
        command += [
            f"--load-state={self.folder}/state.npz",
            f"--save-state={self.folder}/after.npz",
        ]
        subprocess.run(command, check=True)
        values = [np.load(self.folder / f"out{i}.npy") for i in range(results)]
        return values, dict(np.load(self.folder / "after.npz"))


def random_case(rng, batch, dtype):
    """A mini-batch, parameters and velocities."""
    x = rng.uniform(0, 1, (batch, 784)).astype(dtype)
    y = rng.integers(0, 10, batch)
    p = {name: rng.normal(0, 0.1, shape).astype(dtype) for name, shape in SHAPES.items()}
    v = {name: rng.normal(0, 0.01, shape).astype(dtype) for name, shape in SHAPES.items()}
    return x, y, p, v


def check_step(arguments):
    rng = np.random.default_rng(7)
    right = True
    for batch in arguments.batches:
        x, y, p, v = random_case(rng, batch, np.float32)
        rate = np.float32(0.1)
        state = p | {"v" + name: value for name, value in v.items()}
        with tempfile.TemporaryDirectory() as folder:
            runner = Runner(arguments.runner, arguments.program, folder, state)
            (cost,), after = runner.call("train", [x, y, rate], 1)
        # From the same numbers, in f64.
        p = {name: value.astype(np.float64) for name, value in p.items()}
        v = {name: value.astype(np.float64) for name, value in v.items()}
        expected = step(p, v, x.astype(np.float64), y, float(rate))
        right &= difference(f"batch {batch}, cost", cost, expected) < 1e-5
        for name in SHAPES:
            right &= difference(f"batch {batch}, {name}", after[name], p[name]) < 1e-5
            right &= difference(f"batch {batch}, v{name}", after["v" + name], v[name]) < 1e-5
    return right


def check_differences(arguments):
    """The program's derivatives in f64 against (c(p + e d) - c(p - e d)) / 2e,
    in random directions d for each parameter, and along single elements."""
    text = open(arguments.program).read().replace("f32", "f64")
    text = text.replace("0xFF800000", "0xFFF0000000000000")
    rng = np.random.default_rng(11)
    x, y, p, v = random_case(rng, 13, np.float64)
    right = True
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "mlp64.mlir"
        program.write_text(text)
        state = p | {"v" + name: value for name, value in v.items()}
        runner = Runner(arguments.runner, program, folder, state)
        (cost, *found), after = runner.call("gradient", [x, y], 5)
        right &= all((after[name] == value).all() for name, value in p.items())
        right &= difference("cost", cost, forward(p, x, y)[0]) < 1e-13
    for (name, shape), g in zip(SHAPES.items(), found):
        directions = [rng.normal(0, 1, shape) for _ in range(3)]
        for _ in range(3):
            one = np.zeros(shape)
            one[tuple(rng.integers(0, shape))] = 1
            directions.append(one)
        slopes, expected = [], []
        for d in directions:
            e = 1e-5 / np.abs(d).max()
            costs = [forward(p | {name: p[name] + sign * e * d}, x, y)[0] for sign in (1, -1)]
            expected.append((costs[0] - costs[1]) / (2 * e))
            slopes.append((g * d).sum())
        right &= difference(name, np.array(slopes), np.array(expected)) < 1e-6
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    checks = parser.add_subparsers(dest="check", required=True)
    training = checks.add_parser("train")
    training.add_argument("data", help="digits.npz")
    training.add_argument("--compare", required=True, help="the state that was saved")
    training.add_argument("--log", required=True, help="what the program printed")
    training.set_defaults(run=check_training)
    for name, run in (("step", check_step), ("differences", check_differences)):
        check = checks.add_parser(name)
        check.add_argument("program", help="mlp.mlir")
        check.add_argument("--runner", default="sym-runner", help="and its options")
        check.set_defaults(run=run)
        if name == "step":
            check.add_argument("--batches", type=int, nargs="+", default=[1, 7, 64])
    arguments = parser.parse_args()
    right = arguments.run(arguments)
    print("equal" if right else "different")
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
