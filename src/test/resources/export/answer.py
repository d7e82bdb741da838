"""answer.py FILE...: loads programs, calls each twice with data.json's inputs beside it, and prints the answers."""
import json, os, sys, torch

for file in sys.argv[1:]:
    inputs = json.load(open(os.path.join(os.path.dirname(file), "runs.json")))["inputs"]
    module = torch.export.load(file).module()
    x = torch.tensor(inputs).view(-1, 1, 28, 28)[:2]
    answers = [module(x), module(x)]
    assert torch.equal(*answers)
    weights = torch.load(file.replace(".pt2", ".pth"), weights_only=True)
    assert all(torch.equal(value, weights[name]) for name, value in module.state_dict().items() if name != "scale")
    print(json.dumps({"answers": answers[0].flatten().tolist(), "tracked": int(weights["layer1.1.num_batches_tracked"])}))
