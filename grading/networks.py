"""The networks of the exercise as plain PyTorch modules, with the parameter names of the saved files."""
import torch
from torch import nn
from torch.nn import functional as F


class Cnn(nn.Module):
    """Problem 4: the classifier, from images to log-probabilities."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 40, 5)
        self.conv2 = nn.Conv2d(40, 80, 5)
        self.linear1 = nn.Linear(80 * 4 * 4, 500)
        self.linear2 = nn.Linear(500, 10)

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.conv1(x)), 2)
        h = F.max_pool2d(F.relu(self.conv2(h)), 2)
        return F.log_softmax(self.linear2(F.relu(self.linear1(h.flatten(1)))), dim=1)


class Autoencoder(nn.Module):
    """Problem 5: four linear layers down to two numbers, and four up again."""

    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(28 * 28, 256)
        self.linear2 = nn.Linear(256, 128)
        self.linear3 = nn.Linear(128, 32)
        self.linear4 = nn.Linear(32, 2)
        self.linear5 = nn.Linear(2, 32)
        self.linear6 = nn.Linear(32, 128)
        self.linear7 = nn.Linear(128, 256)
        self.linear8 = nn.Linear(256, 28 * 28)

    @torch.jit.export
    def encode(self, x):
        h = F.relu(self.linear1(x.flatten(1)))
        h = F.relu(self.linear3(F.relu(self.linear2(h))))
        return self.linear4(h)

    @torch.jit.export
    def decode(self, z):
        h = F.relu(self.linear6(F.relu(self.linear5(z))))
        return torch.sigmoid(self.linear8(F.relu(self.linear7(h)))).view(-1, 1, 28, 28)

    def forward(self, x):
        return self.decode(self.encode(x))


class ConvAutoencoder(nn.Module):
    """Problems 6.1 and 6.3: an image through two numbers and back."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)
        self.linear1 = nn.Linear(8 * 7 * 7, 20)
        self.linear2 = nn.Linear(20, 2)
        self.linear3 = nn.Linear(2, 20)
        self.linear4 = nn.Linear(20, 8 * 7 * 7)
        self.conv3 = nn.Conv2d(8, 4, 3, padding=1)
        self.conv4 = nn.Conv2d(4, 1, 3, padding=1)

    @torch.jit.export
    def encode(self, x):
        pool1 = F.max_pool2d(F.relu(self.conv1(x)), 2)
        pool2 = F.max_pool2d(F.relu(self.conv2(pool1)), 2)
        return self.linear2(F.relu(self.linear1(pool2.flatten(1))))

    @torch.jit.export
    def decode(self, z):
        h = F.relu(self.linear4(F.relu(self.linear3(z)))).view(-1, 8, 7, 7)
        h = F.relu(self.conv3(F.interpolate(h, scale_factor=2.0)))
        return torch.sigmoid(self.conv4(F.interpolate(h, scale_factor=2.0)))

    def forward(self, x):
        return self.decode(self.encode(x))


class SkipAutoencoder(ConvAutoencoder):
    """Problems 6.2 and 6.3: the same layers, and each pooling's output added to the input of its upsampling."""

    @torch.jit.export
    def features(self, x):
        pool1 = F.max_pool2d(F.relu(self.conv1(x)), 2)
        pool2 = F.max_pool2d(F.relu(self.conv2(pool1)), 2)
        z = self.linear2(F.relu(self.linear1(pool2.flatten(1))))
        return z, pool1, pool2

    @torch.jit.export
    def encode(self, x):
        return self.features(x)[0]

    @torch.jit.export
    def decode(self, z, pool1, pool2):
        h = F.relu(self.linear4(F.relu(self.linear3(z)))).view(-1, 8, 7, 7) + pool2
        h = F.relu(self.conv3(F.interpolate(h, scale_factor=2.0))) + pool1
        return torch.sigmoid(self.conv4(F.interpolate(h, scale_factor=2.0)))

    def forward(self, x):
        z, pool1, pool2 = self.features(x)
        return self.decode(z, pool1, pool2)


NETWORKS = {
    "mnist_cnn": Cnn,
    "mnist_ae": Autoencoder,
    "mnist_cae": ConvAutoencoder,
    "mnist-cae-skip": SkipAutoencoder,
    "mnist_cae_noisy": ConvAutoencoder,
    "mnist-cae-skip-noisy": SkipAutoencoder,
}
