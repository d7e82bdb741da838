"""flow.py FOLDER: exports branches, loops and containers, and writes what they answer."""
import json, logging, sys, torch
from torch._higher_order_ops.map import map as over_rows

logging.disable(logging.CRITICAL)


class Flow(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 3)

    def forward(self, tensors, pair, nothing, factor):
        x, i = tensors["x"], tensors["i"]
        branch = torch.cond(pair[0].sum() > 0, lambda x: x + 1, lambda x: x - 1, (x,))
        loop = torch._higher_order_ops.while_loop(lambda i, x: i < 5, lambda i, x: (i + 1, x * 2), (i, x))
        with torch.no_grad():
            fixed = self.linear(x)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            cast = self.linear(x)
        rows = over_rows(lambda row, y: row.cumsum(0) + y, x, pair[1][0])
        return {"branch": branch, "parts": (loop[1], rows * factor), "none": None, "n": 3, "fixed": fixed, "cast": cast.float()}


class Branch(torch.nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: x + 1, lambda x: x - 1, (x,))


class Number(torch.nn.Module):
    def forward(self, x):
        return x * x.sum().item()


class Constant(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("almost", torch.tensor(1 + 2**-40, dtype=torch.float64), persistent=False)

    def forward(self, x):
        return ((x.double() + self.almost - 1) * 2**40).float()


for name, network in (("branch", Branch()), ("number", Number()), ("constant", Constant())):
    free = {0: torch.export.Dim("n", min=1, max=64)}
    program = torch.export.export(network, (torch.rand(4, 10),), dynamic_shapes=(free,))
    torch.export.save(program, f"{sys.argv[1]}/{name}.pt2")
torch.manual_seed(0)
model = Flow()
x, positive, row = torch.rand(4, 3), torch.rand(2), torch.rand(3)
arguments = ({"x": x, "i": torch.tensor(0)}, (positive, [row]), None, 2)
torch.export.save(torch.export.export(model, arguments), sys.argv[1] + "/flow.pt2")
calls = []
for sign in (positive, -positive):
    answer = model({"x": x, "i": torch.tensor(2)}, (sign, [row]), None, 2)
    flat = [answer["branch"], *answer["parts"], torch.tensor(3), answer["fixed"], answer["cast"]]
    calls.append({"sign": sign.tolist(), "answers": [y.flatten().tolist() for y in flat]})
json.dump({"x": x.flatten().tolist(), "row": row.tolist(), "calls": calls}, open(sys.argv[1] + "/flow.json", "w"))
