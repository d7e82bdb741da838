"""Trains the networks in Python from the same seed as Java did, and compares step by step.

    python3 grading/parity.py TRACES [--data DIR]

TRACES holds what `--trace-dir` made Java write: NAME.safetensors, the weights before training, and NAME.json, options
and the loss of every step. Python's losses go beside them, as NAME.python.json.
"""
import argparse
import json
import os
import sys

try:
    import torch
except ImportError:
    sys.exit("error: this Python has no PyTorch; install it (Debian: apt-get install python3-torch; elsewhere: pip install torch)")

from files import Mnist, Problem, read_json, read_safetensors
from networks import NETWORKS
from training import Run

STEPS = 100
STEP_TOLERANCE = 1e-5  # relative, each of the first 100 steps
# In float32 a rounding error can send one of the classifier's max poolings to another pixel. PyTorch's own losses then
# differ by 1.3e-4 between one thread and two; so its steps are compared in float64, and in float32 only the epoch is.
FLOAT_STEPS_EXEMPT = {"mnist_cnn"}
EPOCH_TOLERANCE = 1e-3  # relative, mean of the first epoch


def train_epoch(name, options, images, labels):
    """Returns the weights before training and the loss of each step."""
    run = Run(name, options)
    initial = {key: value.clone() for key, value in run.network.state_dict().items()}
    run.network.to(run.dtype)
    losses = []
    for inputs, targets in run.epoch(images, labels):
        run.optimizer.zero_grad()
        loss = run.loss(run.network(inputs), targets)
        loss.backward()
        run.optimizer.step()
        losses.append(loss.item())
    return initial, losses


def mean(losses, options, size):
    batch = options["batchSize"]
    return sum(loss * min(batch, size - i * batch) for i, loss in enumerate(losses)) / size


def compare(name, folder, mnist):
    options = read_json(os.path.join(folder, name + ".json"))
    java = options["stepLosses"][0]
    if len(java) < STEPS:
        raise Problem(f"{name} was trained for {len(java)} steps, but {STEPS} are compared; --train-size 12800 is enough")
    size = options.get("trainSize", len(mnist.train_labels))
    initial, python = train_epoch(name, options, mnist.train_images[:size], mnist.train_labels[:size])
    with open(os.path.join(folder, name + ".python.json"), "w", encoding="utf-8") as file:
        json.dump({"model": name, "torch": torch.__version__, "stepLosses": [python]}, file)
    java_initial = read_safetensors(os.path.join(folder, name + ".safetensors"))
    identical = initial.keys() == java_initial.keys() and all(torch.equal(initial[k], java_initial[k]) for k in initial)
    worst = max(abs(j - p) / p for j, p in zip(java[:STEPS], python[:STEPS]))
    epoch = abs(mean(java, options, size) / mean(python, options, size) - 1)
    double = bool(options.get("doublePrecision"))
    steps_agree = worst <= STEP_TOLERANCE or (name in FLOAT_STEPS_EXEMPT and not double)
    passed = identical and len(java) == len(python) and steps_agree and epoch <= EPOCH_TOLERANCE
    precision = "float64" if double else "float32"
    print(f"{name:<21} {precision}  {'pass' if passed else 'FAIL'}   {'identical' if identical else 'DIFFERENT':<16} "
          f"{worst:<13.1e} {epoch:<11.1e} {len(java)}", flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser(description="Compares Java's training with PyTorch's, step by step.")
    parser.add_argument("traces", help="folder that --trace-dir named")
    parser.add_argument("--data", default="data", help="folder of MNIST (default: data)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # sums of several threads come in another order
    try:
        mnist = Mnist(arguments.data)
        folders = [arguments.traces, os.path.join(arguments.traces, "float64")]
        pairs = [(name, folder) for folder in folders for name in NETWORKS if os.path.exists(os.path.join(folder, name + ".json"))]
        if not pairs:
            raise Problem(f"there are no traces in {arguments.traces}; run make parity")
        print(f"PyTorch {torch.__version__}\n{'model':<21} precision grade  {'initial weights':<16} {'worst of 100':<13} {'epoch mean':<11} steps")
        failures = sum(not compare(name, folder, mnist) for name, folder in pairs)
    except Problem as problem:
        sys.exit(f"error: {problem}")
    print(f"{len(pairs) - failures} passed, {failures} failed; differences are relative, {STEP_TOLERANCE:g} a step and {EPOCH_TOLERANCE:g} an epoch are allowed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
