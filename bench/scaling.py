"""Measures what more processes bring, and writes the tables: make scaling.

Every measurement is a run of the product's own command on the first images of MNIST, one thread a process; the first of
its epochs warms up and does not count. Rounds alternate between the numbers of ranks. A prediction for other machines
follows from the measured time of a step by the size of a share, and from what a network is assumed to take.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

from bench import JAVA, ROOT, machine, say

OUTPUT = os.path.join(ROOT, "target", "bench", "SCALING.md")
# Title, problem, options, record, images of an epoch, batch, bytes of the gradients (4 a parameter)
NETWORKS = {
    "cnn": ("CNN", "prob4", [], "mnist_cnn", 6400, 64, 4 * 726_630),
    "ae": ("Autoencoder", "prob5", [], "mnist_ae", 25600, 128, 4 * 476_882),
    "cae": ("Convolutional autoencoder", "prob6", ["--only", "plain"], "mnist_cae", 12800, 128, 4 * 16_859),
    "cae-noisy": ("The same with noise", "prob6", ["--only", "noisy"], "mnist_cae_noisy", 12800, 128, 4 * 16_859),
}
# What the prediction assumes: seconds until a message is there, and bytes a second
LINK, LATENCY, BANDWIDTH = "10 Gb/s Ethernet, TCP", 50e-6, 1.1e9
MACHINES = (2, 4, 8, 16, 100)
SMALL_EXCHANGES = 2  # of a step, beside the gradients: the loss, and whether anyone wants to stop


def loopback_bytes():
    with open("/proc/net/dev", encoding="utf-8") as file:
        return next(int(line.split(":")[1].split()[8]) for line in file if line.strip().startswith("lo:"))


def measure(network, ranks, threads, batch, images, epochs):
    """Returns seconds of a step and bytes sent by all ranks in a step."""
    _, problem, options, model, _, _, _ = NETWORKS[network]
    with tempfile.TemporaryDirectory() as folder:
        before = loopback_bytes()
        command = [JAVA, "@native-config/cpu.args", problem, *options, "--ranks", str(ranks), "--threads", str(threads), "--epochs", str(epochs), "--batch-size", str(batch),
                   "--train-size", str(images), "--test-size", "100", "--saved-dir", folder, "--figures-dir", folder]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if result.returncode:
            sys.exit("error: " + (result.stderr.strip().splitlines() or ["no message"])[-1])
        sent = loopback_bytes() - before
        with open(os.path.join(folder, model + ".json"), encoding="utf-8") as file:
            seconds = [epoch["seconds"] for epoch in json.load(file)["epochs"]]
    steps = -(-images // batch)
    return statistics.median(seconds[1:]) / steps, sent / (steps * epochs)


def scaling(network, options):
    title, _, _, _, images, batch, gradients = NETWORKS[network]
    cores = os.cpu_count()
    settings = [(1, 1)] + [(1, cores)] * (cores > 1) + [(ranks, 1) for ranks in (2, 4)]
    results = {setting: [] for setting in settings}
    for i in range(options.rounds):
        for ranks, threads in settings[i % len(settings) :] + settings[: i % len(settings)]:
            say(f"{network}: round {i + 1}/{options.rounds}, {ranks} ranks, {threads} threads")
            results[ranks, threads].append(measure(network, ranks, threads, batch, images, options.epochs))
    lines = [f"### {title}, batch {batch}, gradients of {gradients / 1e6:.2f} MB", "",
             "| | images/s | of one process with one thread | efficiency | sent a step by each rank | of that, in theory |", "| --- | --- | --- | --- | --- | --- |"]
    for ranks, threads in settings:
        rates = [batch / seconds for seconds, _ in results[ranks, threads]]
        speedups = [alone / seconds for (seconds, _), (alone, _) in zip(results[ranks, threads], results[1, 1])]
        name = f"{ranks} rank{'s' * (ranks > 1)}, {threads} thread{'s' * (threads > 1)}"
        sent = f"{statistics.median(b for _, b in results[ranks, threads]) / ranks / 1e6:.2f} MB | {2 * (ranks - 1) / ranks * gradients / 1e6:.2f} MB" if ranks > 1 else " | "
        if network == "ae" and ranks > 1:  # prob5 also trains a linear autoencoder, whose bytes are among those counted
            sent = "| " + sent.split("| ")[1]
        used = min(cores, max(ranks, threads))
        lines.append(f"| {name} | {statistics.median(rates):,.0f} | {statistics.median(speedups):.2f} ({min(speedups):.2f}–{max(speedups):.2f}) "
                     f"| {statistics.median(speedups) / used:.2f} of {used} core{'s' * (used > 1)} | {sent} |")
    return lines + [""]


def shares(network, options):
    """Returns seconds of a step by images in it, in one process with one thread."""
    _, _, _, _, _, batch, _ = NETWORKS[network]
    times = {}
    size = batch
    while size >= 1:
        say(f"{network}: a step of {size} images")
        times[size] = min(measure(network, 1, 1, size, 200 * size, options.epochs)[0] for _ in range(options.rounds))
        size //= 2
    return times


def exchange(n, size):
    """Returns the seconds of a ring: 2 (n-1) messages in a row, each of an n-th."""
    return 2 * (n - 1) * (LATENCY + size / n / BANDWIDTH)


def predict(all_times):
    lines = [f"Machines with one such core each on {LINK} ({LATENCY * 1e6:.0f} µs a message, {BANDWIDTH / 1e9:.1f} GB/s), the batch as it is: speed-up over one; in brackets the share of a step spent exchanging",
             "", "| machines | " + " | ".join(NETWORKS[n][0] for n in all_times) + " |", "| --- |" + " --- |" * len(all_times)]
    for n in MACHINES:
        cells = []
        for network, times in all_times.items():
            batch, gradients = NETWORKS[network][5], NETWORKS[network][6]
            sending = exchange(n, gradients) + SMALL_EXCHANGES * exchange(n, 8)
            step = times[math.ceil(batch / n)] + sending  # the largest share: a power of two, as measured
            cells.append(f"{times[batch] / step:.1f} ({100 * sending / step:.0f} %)")
        lines.append(f"| {n} | " + " | ".join(cells) + " |")
    return lines + [""]


def main():
    parser = argparse.ArgumentParser(description="Measures what more processes bring.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--networks", default=",".join(NETWORKS), help="some of " + ",".join(NETWORKS))
    parser.add_argument("--output", default=OUTPUT)
    options = parser.parse_args()
    unknown = set(options.networks.split(",")) - set(NETWORKS)
    if unknown:
        parser.error(f"there is no network {min(unknown)}")
    if options.rounds < 1 or options.epochs < 2:
        parser.error("at least 1 round and 2 epochs are needed")
    report = ["# More processes, measured", "", machine() + ".", "", "Written by `make scaling`; [README.md](README.md) says what it means.", "", "## On this machine", ""]
    for network in options.networks.split(","):
        report += scaling(network, options)
        say("")
        print("\n".join(report[-8:]), flush=True)
    all_times = {network: shares(network, options) for network in options.networks.split(",")}
    sizes = sorted({size for times in all_times.values() for size in times}, reverse=True)
    report += ["## A step by the images in it", "", "Milliseconds, one process, one thread:", "",
               "| images | " + " | ".join(NETWORKS[n][0] for n in all_times) + " |", "| --- |" + " --- |" * len(all_times)]
    report += [f"| {size} | " + " | ".join(f"{1e3 * times[size]:.2f}" if size in times else "" for times in all_times.values()) + " |" for size in sizes]
    report += ["", "## On paper", ""] + predict(all_times)
    say("")
    print("\n".join(report[report.index("## A step by the images in it"):]))
    os.makedirs(os.path.dirname(os.path.abspath(options.output)), exist_ok=True)
    with open(options.output, "w", encoding="utf-8") as file:
        file.write("\n".join(report))
    print(f"written to {os.path.relpath(options.output)}")


if __name__ == "__main__":
    main()
