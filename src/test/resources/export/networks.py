"""Exports networks with torch.export and runs them: NAME.pt2, and NAME.json with inputs and answers; the same for NAME-core,
after run_decompositions.

    python3 networks.py FOLDER
"""
import json
import pathlib
import sys

import torch
from torch import nn
from torch.export import Dim
from torch.nn import functional as F


class Convolutions(nn.Module):
    """Convolution, batch norm and an activation in place, as in a ResNet; strides, groups, average pooling."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding="same", bias=False)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=4)
        self.norm2 = nn.BatchNorm2d(8, affine=False)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.relu(self.norm1(self.conv1(x)))
        x = x + F.interpolate(F.avg_pool2d(x, 2), scale_factor=2.0)
        x = F.hardswish(self.norm2(self.conv2(x)))
        return F.adaptive_avg_pool2d(x, 1).flatten(1)


class Transposed(nn.Module):
    """An autoencoder with transposed convolutions that returns two tensors."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.GELU(), nn.Dropout(0.5), nn.Linear(32, 2))
        self.decoder = nn.Sequential(
            nn.Linear(2, 8 * 7 * 7), nn.LeakyReLU(0.1), nn.Unflatten(1, (8, 7, 7)),
            nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1), nn.SiLU(),
            nn.ConvTranspose2d(4, 1, 4, stride=2, padding=1), nn.Sigmoid())

    def forward(self, x):
        z = self.encoder(x)
        return self.decoder(z), z


class Perceptron(nn.Module):
    """A residual MLP with layer norm and the tanh form of GELU."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 24)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(24), nn.Linear(24, 48), nn.GELU(approximate="tanh"), nn.Linear(48, 24))
            for _ in range(2))
        self.last = nn.Linear(24, 10)

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = x + block(x)
        return F.log_softmax(self.last(x), dim=-1)


class Attention(nn.Module):
    """An embedding of tokens, attention written out with a causal mask, and one token's answer."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(50, 16)
        self.places = nn.Parameter(torch.randn(12, 16))
        self.qkv = nn.Linear(16, 48)
        self.register_buffer("mask", torch.tril(torch.ones(12, 12, dtype=torch.bool)), persistent=False)

    def forward(self, tokens):
        batch, length = tokens.shape
        x = self.tokens(tokens) + self.places[:length]
        q, k, v = (t.view(batch, length, 4, 4).transpose(1, 2) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / 4 ** 0.5
        scores = scores.masked_fill(~self.mask[:length, :length], float("-inf"))
        x = x + (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, 16)
        return x[:, -1] @ self.tokens.weight.T


class ScaledDotProduct(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48, bias=False)

    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (3, 2, 8)).permute(2, 0, 3, 1, 4).unbind(0)
        return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)


class Encoder(nn.Module):
    """PyTorch's own multi-head attention and transformer layer."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)
        self.layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, norm_first=True)

    def forward(self, x):
        y, weights = self.attention(x, x, x)
        return self.layer(x + y), weights


class Slices(nn.Module):
    """Sizes that are computed, cat, stack, means, indexing and two inputs."""

    def forward(self, x, y):
        n = x.shape[0]
        even, odd = x[:, ::2], x[:, 1::2]
        z = torch.cat([even, odd, y.mean(1, keepdim=True).expand(n, 3)], dim=1)
        z = torch.stack([z, z.flip(1)], 1).reshape(n * 2, -1)
        z = z[torch.arange(n) * 2] + z[-1] + torch.full((n, 1), 0.5) + 2
        return z, x.sum(), torch.where(x > 0, x, torch.zeros_like(x)).std(dim=1), z[:, [0, 2]], y.max(dim=1).values


class Types(nn.Module):
    """Weights and results of other types than float32, shared and strided weights, and constants."""

    def __init__(self):
        super().__init__()
        self.doubles = nn.Parameter(torch.randn(4, 3, dtype=torch.float64))
        self.halves = nn.Parameter(torch.randn(4, dtype=torch.float16))
        self.brain = nn.Parameter(torch.randn(4, dtype=torch.bfloat16))
        self.register_buffer("turned", torch.randn(4, 6).t())
        self.register_buffer("part", self.turned[2:4])
        self.register_buffer("order", torch.tensor([2, 0, 1, 3]))
        self.register_buffer("small", torch.tensor([1, -2, 3, 4], dtype=torch.int32))
        self.register_buffer("bytes", torch.tensor([250, 1, 2, 3], dtype=torch.uint8))
        self.register_buffer("flags", torch.tensor([True, False, True, True]))

    def forward(self, x):
        y = x[:, self.order] * self.flags + self.small / 3 + torch.tensor([1.0, 2.0, 3.0, 4.0])
        y = y + self.halves.float() + self.brain + self.bytes.to(x.dtype) + self.part.sum(0)
        return y @ self.turned.T @ torch.ones(6, 2), y.double() @ self.doubles, (y > 0), self.order * x.shape[0] + 1.5


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 12, num_layers=2, batch_first=True)
        self.gru = nn.GRU(12, 5, batch_first=True, bidirectional=True)

    def forward(self, x):
        y, (h, _) = self.lstm(x)
        return self.gru(y)[0], h


class Norms(nn.Module):
    """Group and instance norm, pixel shuffle, einsum, padding, top-k and a one-dimensional convolution."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 5, padding=2, padding_mode="reflect")
        self.group = nn.GroupNorm(2, 8)
        self.instance = nn.InstanceNorm2d(8, affine=True)
        self.line = nn.Conv1d(2, 3, 3)
        self.prelu = nn.PReLU()

    def forward(self, x):
        x = self.prelu(self.instance(self.group(self.conv(x))))
        x = F.pixel_shuffle(F.max_pool2d(x, 2), 2)
        y = torch.einsum("nchw,nkhw->nck", x, x).clamp(min=0.1).sqrt()
        values, places = self.line(F.pad(y, (2, 2))).flatten(1).topk(3)
        return values, places, F.normalize(x.flatten(1), dim=1), x.amax((2, 3))


def inputs(batch):
    """Returns the networks' inputs, for any number of examples."""
    torch.manual_seed(batch)
    image = torch.rand(batch, 1, 28, 28)
    sequence = torch.randn(batch, 7, 16)
    return {
        "Convolutions": (image,), "Transposed": (image,), "Perceptron": (torch.randn(batch, 16),),
        "Attention": (torch.randint(50, (batch, 9)),), "ScaledDotProduct": (sequence,), "Encoder": (sequence,),
        "Slices": (torch.randn(batch, 6), torch.randn(batch, 5)), "Types": (torch.randn(batch, 4),),
        "Recurrent": (torch.randn(batch, 6, 8),), "Norms": (image,)}


def plain(tensor):
    values = tensor.detach().double().flatten().tolist()
    return {"dtype": str(tensor.dtype).split(".")[1], "shape": list(tensor.shape), "values": values}


def calls(module, name):
    """Returns arguments and answers, for one example and for seven."""
    result = []
    for batch in (1, 7):
        arguments = inputs(batch)[name]
        with torch.no_grad():
            answer = module(*arguments)
        flat = torch.utils._pytree.tree_leaves(answer)
        result.append({"inputs": [plain(t) for t in arguments], "outputs": [plain(t) for t in flat]})
    return result


def main(folder):
    for name, arguments in inputs(3).items():
        torch.manual_seed(0)
        module = globals()[name]()
        for m in module.modules():  # statistics and weights other than those of a new network
            if isinstance(m, nn.BatchNorm2d):
                m.running_mean.normal_()
                m.running_var.uniform_(0.5, 2)
        module.eval()
        batch = Dim("batch")
        program = torch.export.export(module, arguments, dynamic_shapes=tuple({0: batch} for _ in arguments))
        torch.export.save(program, folder / f"{name}.pt2", extra_files={"run.json": json.dumps({"name": name})})
        (folder / f"{name}.json").write_text(json.dumps(calls(module, name)))
        core = program.run_decompositions()
        torch.export.save(core, folder / f"{name}-core.pt2")
        (folder / f"{name}-core.json").write_text(json.dumps(calls(core.module(), name)))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
