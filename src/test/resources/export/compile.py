"""compile.py FOLDER: compiles a network with AOTInductor, and writes an input and its answer."""
import json, logging, sys, torch
from torch import nn

logging.disable(logging.CRITICAL)
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3)).eval()
x = torch.rand(4, 5)
n = torch.export.Dim("n", min=1, max=64)
program = torch.export.export(net, (x,), dynamic_shapes=({0: n},))
torch._inductor.aoti_compile_and_package(program, package_path=sys.argv[1] + "/compiled.pt2")
with torch.no_grad():
    json.dump({"inputs": x.flatten().tolist(), "answers": net(x).flatten().tolist()}, open(sys.argv[1] + "/compiled.json", "w"))
