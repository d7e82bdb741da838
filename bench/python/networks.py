"""The networks that programs.py measures, with the weights they are born with, and their inputs."""
import torch
import torchvision


def torchvisions(name):
    def build():
        torch.manual_seed(0)
        arguments = {"init_weights": False} if name == "googlenet" else {}
        return getattr(torchvision.models, name)(weights=None, **arguments).eval()

    return build


class Lstm(torch.nn.Module):
    """Classifies sequences of 100 vectors."""

    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(64, 128, num_layers=2, batch_first=True)
        self.linear = torch.nn.Linear(128, 10)

    def forward(self, x):
        return self.linear(self.lstm(x)[0][:, -1])


class Encoder(torch.nn.Module):
    """Has six layers of a transformer's encoder."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList(torch.nn.TransformerEncoderLayer(256, 8, 1024, batch_first=True, norm_first=True) for _ in range(6))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def own(network):
    def build():
        torch.manual_seed(0)
        return network().eval()

    return build


IMAGES = ["resnet18", "resnet50", "mobilenet_v3_small", "efficientnet_b0", "densenet121", "convnext_tiny", "swin_t", "vit_b_16"]
NETWORKS = {**{name: torchvisions(name) for name in IMAGES}, "lstm": own(Lstm), "encoder": own(Encoder)}
SIZES = {**dict.fromkeys(IMAGES, (1, 3, 224, 224)), "lstm": (8, 100, 64), "encoder": (1, 128, 256)}
