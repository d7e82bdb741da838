"""A training run from the options that Java recorded, with the random numbers drawn in the same order."""
import torch
from torch.nn import functional as F

from networks import NETWORKS


class Run:
    """A network with its optimizer and loss, seeded; epochs are then drawn from torch's default generator."""

    def __init__(self, name, options):
        self.options = options
        self.noise = options.get("noise", 0)
        self.dtype = torch.float64 if options.get("doublePrecision") else torch.float32
        self.classifies = name == "mnist_cnn"
        self.loss = F.nll_loss if self.classifies else F.mse_loss
        torch.manual_seed(options["seed"])
        self.network = NETWORKS[name]()
        if self.classifies:
            self.optimizer = torch.optim.SGD(self.network.parameters(), lr=options["lr"], momentum=options["momentum"])
        else:
            self.optimizer = torch.optim.Adam(self.network.parameters(), lr=options["lr"])

    def epoch(self, images, labels):
        """Yields the inputs and targets of each batch of an epoch."""
        order = torch.randperm(len(images))
        size = self.options["batchSize"]
        for i in range(0, len(images), size):
            batch = order[i : i + size]
            yield self._examples(images[batch], labels[batch], None)

    def test(self, images, labels):
        """Returns inputs and targets of a test set, whose noise is drawn once, from a generator of its own."""
        return self._examples(images, labels, torch.Generator().manual_seed(self.options["seed"]))

    def _examples(self, pixels, labels, generator):
        clean = pixels.to(self.dtype).div(255)
        inputs = clean
        if self.noise:
            dtype = torch.float32 if generator else self.dtype
            inputs = clean + (self.noise * torch.randn(clean.shape, dtype=dtype, generator=generator)).to(self.dtype)
        return inputs, labels if self.classifies else clean
