"""Writes the state_dicts of this folder, as of the PyTorch that runs it: python3 make.py

Each is of a linear layer of three inputs and two outputs and a batch norm of two channels, whose weights count up.
"""
import collections

import torch


class Pair(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = torch.nn.Linear(3, 2)
        self.norm1 = torch.nn.BatchNorm1d(2)


def counted():
    pair = Pair()
    first = 0
    for tensor in pair.state_dict().values():
        tensor.copy_(torch.arange(first, first + tensor.numel()).view(tensor.shape))
        first += tensor.numel()
    return pair


with torch.no_grad():
    pair = counted()
    version = ".".join(torch.__version__.split(".")[:2])
    torch.save(pair.state_dict(), f"torch-{version}.pth")
    torch.save(pair.state_dict(keep_vars=True), f"parameters-{version}.pth")
    # The same numbers: all float32 in one storage, the weight transposed, the bias with a stride of 0, other types
    numbers = torch.zeros(100)
    numbers[10:16] = torch.arange(6.0).view(2, 3).t().reshape(-1)
    numbers[20:30:5] = torch.tensor([6.0, 7.0])
    views = collections.OrderedDict()
    views["linear1.weight"] = numbers[10:16].view(3, 2).t()
    views["linear1.bias"] = numbers[20:30:5]
    views["norm1.weight"] = torch.tensor([8.0, 9.0], dtype=torch.float64)
    views["norm1.bias"] = torch.tensor([10.0, 11.0], dtype=torch.half)
    views["norm1.running_mean"] = torch.tensor([12.0, 13.0], dtype=torch.bfloat16)
    views["norm1.running_var"] = torch.tensor([14, 15])
    views["norm1.num_batches_tracked"] = torch.tensor([16.0]).expand(4)[2]
    torch.save(views, f"views-{version}.pth")
    # The format before zip archives, and the frames and short strings of later pickles
    torch.save(pair.state_dict(), f"legacy-{version}.pth", _use_new_zipfile_serialization=False)
    torch.save(views, f"legacy-views-{version}.pth", _use_new_zipfile_serialization=False)
    torch.save(pair.state_dict(), f"protocol4-{version}.pth", pickle_protocol=4)
