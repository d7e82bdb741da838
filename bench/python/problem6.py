"""Trains variants of problem 6 in Python, one after the other, as a peer of `make bench`.

    problem6.py VARIANTS THREADS DATA IMAGES EPOCHS [DEVICE]

The training set is one tensor, batches are taken by index_select, as in peer.py. Prints the seconds of training alone
and the last epochs' losses.
"""
import json
import sys
import time

import torch
from torch.nn import functional as F

from peer import NETWORKS, read

VARIANTS = {"plain": ("cae", False), "skip": ("cae-skip", False), "noisy": ("cae", True), "skip-noisy": ("cae-skip", True)}


def train(variant, images, epochs):
    """Trains one variant and returns the last epoch's mean loss."""
    name, noisy = VARIANTS[variant]
    torch.manual_seed(1)
    network = NETWORKS[name]().to(images.device)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(epochs):
        total = torch.zeros((), device=images.device)
        order = torch.randperm(len(images)).to(images.device)
        for i in range(0, len(order), 128):
            x = images.index_select(0, order[i : i + 128])
            inputs = x + 0.3 * torch.randn_like(x) if noisy else x
            optimizer.zero_grad()
            loss = F.mse_loss(network(inputs), x)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(x)
    return total.item() / len(images)


def main():
    variants, threads, folder, count, epochs = sys.argv[1:6]
    device = sys.argv[6] if len(sys.argv) > 6 else "cpu"
    torch.set_num_threads(int(threads))
    images = read(folder, "train-images-idx3-ubyte", 16).view(-1, 1, 28, 28)[: int(count)].to(device).float() / 255
    start = time.perf_counter()
    losses = {variant: train(variant, images, int(epochs)) for variant in variants.split(",")}
    print(json.dumps({"seconds": time.perf_counter() - start, "losses": losses}))


if __name__ == "__main__":
    main()
