"""export.py BODY.pt2: a network as torchvision has them, without its last layer, exported for Java."""
import sys, torch
from torch import nn


class Block(nn.Module):
    """A residual block, as in ResNet."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))) + x)


class Net(nn.Module):
    """With torchvision: net = torchvision.models.resnet18(weights="DEFAULT"); net.fc = nn.Identity()"""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.layer1 = Block(8)
        self.layer2 = Block(8)

    def forward(self, x):
        return self.layer2(self.layer1(self.stem(x))).mean((2, 3))  # batch x 8


torch.manual_seed(0)
batch = torch.export.Dim("batch", min=2, max=512)
program = torch.export.export(Net().eval(), (torch.rand(4, 3, 32, 32),), dynamic_shapes=({0: batch},))
torch.export.save(program, sys.argv[1])
