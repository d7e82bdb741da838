"""Trains and asks one network in Python, as a peer of `make bench`.

    peer.py eager|loader|compile NETWORK THREADS DATA IMAGES EPOCHS [DEVICE]

eager: the training set as one tensor, batches by index_select. loader: TensorDataset and DataLoader, as the course's
skeleton does it. compile: as eager, the network through torch.compile.
"""
import gzip
import json
import os
import sys
import time

import numpy
import torch
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "grading"))
from networks import Autoencoder, Cnn, ConvAutoencoder, SkipAutoencoder

NETWORKS = {"cnn": Cnn, "ae": Autoencoder, "cae": ConvAutoencoder, "cae-skip": SkipAutoencoder}


def read(folder, name, skip):
    path = os.path.join(folder, name)
    with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz") as file:
        return torch.from_numpy(numpy.frombuffer(file.read(), dtype=numpy.uint8)[skip:].copy())


def batches(mode, images, labels, order, size):
    if mode == "loader":
        data = torch.utils.data.TensorDataset(images, labels)
        yield from torch.utils.data.DataLoader(data, batch_size=size, sampler=order.tolist())
        return
    for i in range(0, len(order), size):
        indices = order[i : i + size]
        yield images.index_select(0, indices), labels.index_select(0, indices)


def main():
    mode, name, threads, folder, count, epochs = sys.argv[1:7]
    device = torch.device(sys.argv[7] if len(sys.argv) > 7 else "cpu")
    if mode == "compile" and not hasattr(torch, "compile"):
        sys.exit(f"PyTorch {torch.__version__} has no torch.compile")
    torch.set_num_threads(int(threads))
    images = read(folder, "train-images-idx3-ubyte", 16).view(-1, 1, 28, 28)[: int(count)].to(device).float() / 255
    labels = read(folder, "train-labels-idx1-ubyte", 8)[: int(count)].to(device).long()
    test = read(folder, "t10k-images-idx3-ubyte", 16).view(-1, 1, 28, 28).to(device).float() / 255

    torch.manual_seed(1)
    network = NETWORKS[name]().to(device)
    classifier = name == "cnn"
    if classifier:
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.5)
    else:
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    call = torch.compile(network) if mode == "compile" else network

    seconds, losses, first_step = [], [], None
    for _ in range(int(epochs)):
        start = time.perf_counter()
        total = torch.zeros((), device=device)
        order = torch.randperm(len(images)).to(device)
        for x, y in batches(mode, images, labels, order, 64 if classifier else 128):
            optimizer.zero_grad()
            outputs = call(x)
            loss = F.nll_loss(outputs, y) if classifier else F.mse_loss(outputs, x)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(x)
            first_step = first_step or time.time()
        losses.append(total.item() / len(images))
        seconds.append(time.perf_counter() - start)

    inference = []
    network.eval()
    with torch.no_grad():
        begin = time.perf_counter()
        while len(inference) < 3 or time.perf_counter() - begin < 2:
            start = time.perf_counter()
            for i in range(0, len(test), 1000):
                call(test[i : i + 1000])
            if device.type == "cuda":
                torch.cuda.synchronize()
            inference.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "losses": losses, "inference": inference, "firstStep": first_step, "version": torch.__version__}))


if __name__ == "__main__":
    main()
