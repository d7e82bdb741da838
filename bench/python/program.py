"""Times one network in Python: MODE FOLDER NAME THREADS CALLS; prints the median of the calls in ms.

MODE is module (as its author wrote it), exported (ep.module()), compile (torch.compile) or compiled (a package of AOTInductor).
"""
import statistics
import sys
import time

import safetensors.torch
import torch

mode, folder, name, threads, calls = sys.argv[1:]
torch.set_num_threads(int(threads))
inputs = list(safetensors.torch.load_file(f"{folder}/{name}.in.safetensors").values())
if mode == "compiled":
    import torch._inductor.codecache  # which the package needs

    network = torch._inductor.aoti_load_package(f"{folder}/{name}.compiled.pt2")
elif mode == "exported":
    network = torch.export.load(f"{folder}/{name}.pt2").module()
else:
    import networks

    network = networks.NETWORKS[name]()
    if mode == "compile":
        network = torch.compile(network)
seconds = []
with torch.no_grad():
    for i in range(-3, int(calls)):
        start = time.perf_counter()
        network(*inputs)
        if i >= 0:
            seconds.append(time.perf_counter() - start)
print(1000 * statistics.median(seconds))
