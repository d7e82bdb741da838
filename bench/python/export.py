"""Writes a network in the forms that its peers open: FOLDER NAME. What cannot be written is named on standard error."""
import os
import sys

import networks
import safetensors.torch
import torch

folder, name = sys.argv[1:]
network = networks.NETWORKS[name]()
torch.manual_seed(1)
x = torch.randn(networks.SIZES[name])
path = os.path.join(folder, name)
with torch.no_grad():
    safetensors.torch.save_file({"0": x}, path + ".in.safetensors")
    program = torch.export.export(network, (x,))
    torch.export.save(program, path + ".pt2")
    for form, write in {
        "TorchScript": lambda: torch.jit.trace(network, x, check_trace=False).save(path + ".pt"),
        "a package of AOTInductor": lambda: torch._inductor.aoti_compile_and_package(program, package_path=path + ".compiled.pt2"),
    }.items():
        try:
            write()
        except Exception as error:  # of the tracer or of the C++ compiler
            print(f"{name} cannot be written as {form}: {str(error).splitlines()[0]}", file=sys.stderr)
