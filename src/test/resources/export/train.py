"""train.py FOLDER: exports a network in both modes and trains it as ep.module(): SGD with momentum, dropout, stochastic depth, batch norm."""
import json, logging, sys, torch
from torch import nn

logging.disable(logging.CRITICAL)
folder = sys.argv[1]


class Net(nn.Module):
    def __init__(self, p, kept=1):
        super().__init__()
        self.kept = kept
        self.layer1 = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(4))
        self.layer2 = nn.Sequential(nn.Flatten(), nn.Dropout(p), nn.Linear(196, 16), nn.BatchNorm1d(16), nn.RReLU() if p else nn.Tanh())
        self.lstm = nn.LSTM(4, 6, 2, batch_first=True, dropout=p)
        self.fc = nn.Linear(6, 10)
        self.register_buffer("scale", torch.tensor(0.5), persistent=False)
        self.register_buffer("_shift", torch.tensor(0.25))

    def forward(self, x):
        h = self.layer2(self.layer1(x))
        if self.training and self.kept < 1:  # stochastic depth, as torchvision and timm have it
            h = h * h.new_empty(h.shape[0], 1).bernoulli_(self.kept).div_(self.kept)
        h = h.view(-1, 4, 4)
        return self.fc(self.lstm(h)[0][:, -1] * self.scale) + self._shift


x, y = torch.rand(50, 1, 28, 28), torch.randint(0, 10, (50,))
data = {"inputs": x.flatten().tolist(), "targets": y.tolist(), "runs": {}}
torch.manual_seed(3)
weights = Net(0.3).state_dict()
for mode in ("train", "eval", "decomposed"):
    p = 0 if mode == "decomposed" else 0.3  # decomposed, dropout draws other numbers
    net = Net(p, kept=0.8 if mode == "train" else 1).train(mode != "eval")  # exported in eval mode, there is no mask
    net.load_state_dict(weights)
    n = torch.export.Dim("n", min=2, max=512)
    program = torch.export.export(net, (x[:4],), dynamic_shapes=({0: n},))
    if mode == "decomposed":
        program = program.run_decompositions()
    torch.export.save(program, f"{folder}/{mode}.pt2")
    # ep.module() keeps the mode of the export, and fails in backward where batch norm was decomposed
    torch.manual_seed(5)
    module = torch.export.load(f"{folder}/{mode}.pt2").module() if mode == "train" else net.train()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    losses = []
    for epoch in range(2):
        order = torch.randperm(50)
        for i in range(0, 50, 16):
            batch = order[i : i + 16]
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(module(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    tuned = Net(p).eval()
    tuned.load_state_dict(module.state_dict())
    data["runs"][mode] = {
        "losses": losses,
        "tracked": int(tuned.layer1[1].num_batches_tracked),
        "variance": tuned.layer1[1].running_var.tolist(),
        "answers": tuned(x[:2]).flatten().tolist(),
    }
json.dump(data, open(f"{folder}/runs.json", "w"))
