"""Opens .pt2 files, calls their programs and compares with what the .json files beside them say; also after
run_decompositions, and after saving them again.

    python3 open.py FILE.pt2...
"""
import json
import sys

import torch
from torch.export.pt2_archive._package import load_pt2


def tensors(plain):
    return [torch.tensor(t["values"], dtype=getattr(torch, t["dtype"])).view(t["shape"]) for t in plain]


def compare(module, call, what):
    with torch.no_grad():
        answer = module(*tensors(call["inputs"]))
    answer = answer if isinstance(answer, tuple) else (answer,)
    for actual, expected in zip(answer, tensors(call["outputs"]), strict=True):
        assert actual.dtype == expected.dtype and actual.shape == expected.shape, what
        difference = (actual - expected).abs().max() / expected.abs().max()
        assert difference <= 2e-6, f"{what}: {difference}"


def main(file):
    record = {"run.json": ""}
    main_program = torch.export.load(file, extra_files=record)
    assert record["run.json"] == '{"text": "×"}', record
    programs = load_pt2(file).exported_programs
    torch.export.save(main_program, file + ".again.pt2")
    again = torch.export.load(file + ".again.pt2")
    for call in json.load(open(file[:-4] + ".json")):
        name = "model" if call["method"] == "forward" else call["method"]
        compare(programs[name].module(), call, name)
        compare(programs[name].run_decompositions().module(), call, name + ", decomposed")
        if name == "model":
            compare(main_program.module(), call, "the main program")
            compare(again.module(), call, "the main program, saved again")
    print(file, len(programs), "programs,", len(main_program.state_dict), "weights")


for file in sys.argv[1:]:
    main(file)
