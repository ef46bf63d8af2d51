#!/usr/bin/env python3
"""What digits.mlir computes, in NumPy: prints the losses and the accuracy, and
with --compare holds a state that sym-runner saved against its own.

    digits_reference.py data/digits.npz
    digits_reference.py data/digits.npz --compare=state.npz --log=printed.txt
"""

import argparse
import re
import sys

import numpy as np


def log_softmax(z):
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def train(data, dtype, epochs=15, batch=50, rate=0.1, momentum=0.9):
    """Returns the losses before training and after each epoch, the accuracy,
    and the final variables."""
    rate, momentum = dtype(rate), dtype(momentum)
    images = data["train_x"].astype(dtype) / dtype(16)
    labels = np.eye(10, dtype=dtype)[data["train_y"]]
    w, b = np.zeros((64, 10), dtype), np.zeros(10, dtype)
    vw, vb = np.zeros_like(w), np.zeros_like(b)

    def loss():
        return -(log_softmax(images @ w + b) * labels).sum() / dtype(len(images))

    losses = [loss()]
    for _ in range(epochs):
        for first in range(0, len(images), batch):
            x, y = images[first : first + batch], labels[first : first + batch]
            dz = (np.exp(log_softmax(x @ w + b)) - y) / dtype(len(x))
            vw = momentum * vw - rate * (x.T @ dz)
            vb = momentum * vb - rate * dz.sum(axis=0)
            w, b = w + vw, b + vb
        losses.append(loss())
    scores = data["test_x"].astype(dtype) / dtype(16) @ w + b
    accuracy = (scores.argmax(axis=1) == data["test_y"]).mean()
    return losses, accuracy, {"W": w, "b": b, "vW": vw, "vb": vb}


def compare(losses, accuracy, variables, state, log):
    """Whether the saved state and the printed numbers are the reference's,
    float32 against float64."""
    right = True
    for name, expected in variables.items():
        error = np.abs(state[name] - expected).max()
        print(f"{name}: largest difference {error:.2e}")
        right &= state[name].dtype == np.float32 and bool(error < 1e-4)
    if log is not None:
        text = open(log).read()
        printed = [float(x) for x in re.findall(r"^loss: (\S+)$", text, re.M)]
        error = np.abs(np.array(printed) - losses).max() if len(printed) == len(losses) else np.inf
        print(f"losses: {len(printed)} printed, largest difference {error:.2e}")
        right &= bool(error < 1e-4)
        printed = re.findall(r"^held-out accuracy: (\S+)$", text, re.M)
        right &= len(printed) == 1 and abs(float(printed[0]) - accuracy) < 1e-6
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="digits.npz")
    parser.add_argument("--compare", metavar="STATE", help="a saved state")
    parser.add_argument("--log", help="what the program printed")
    arguments = parser.parse_args()

    losses, accuracy, variables = train(np.load(arguments.data), np.float64)
    for loss in losses:
        print(f"loss: {loss:.6f}")
    print(f"held-out accuracy: {accuracy:.6f}")
    if arguments.compare:
        right = compare(
            losses, accuracy, variables, np.load(arguments.compare), arguments.log
        )
        print("equal" if right else "different")
        sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
