"""Opens every autoencoder of problem 6 in a folder, as a grader would, and checks what its methods answer."""
import json
import sys

import torch

folder = sys.argv[1]
x = torch.rand(5, 1, 28, 28)
shapes = lambda *tensors: [tuple(t.shape) for t in tensors]

for name in ["mnist_cae", "mnist_cae_noisy", "mnist-cae-skip", "mnist-cae-skip-noisy"]:
    extra = {"run.json": ""}
    model = torch.jit.load(f"{folder}/{name}.pt", _extra_files=extra)
    assert not model.training
    assert shapes(model(x), model.encode(x)) == [(5, 1, 28, 28), (5, 2)]
    if "skip" in name:
        features = model.features(x)
        assert shapes(*features) == [(5, 2), (5, 4, 14, 14), (5, 8, 7, 7)]
        assert torch.equal(model.decode(*features), model(x))
    else:
        assert torch.equal(model.decode(model.encode(x)), model(x))
    assert list(model.state_dict())[:2] == ["conv1.weight", "conv1.bias"]
    assert json.loads(extra["run.json"]) == json.load(open(f"{folder}/{name}.json"))
    print(f"{name}: all methods answer, PyTorch {torch.__version__}")
