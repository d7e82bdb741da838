"""Measures networks that Python exported, called from Java and from Python, and writes the table: make bench-programs.

Every measurement is a process of its own, which opens one network, calls it some times to warm up, and prints the median
time of the calls that follow, for about two seconds. In each round the peers take turns.
"""
import argparse
import glob
import os
import statistics
import sys

from bench import BENCH, JAVA, ROOT, WORK, Djl, Missing, libtorch_version, machine, middle, run, say

sys.path.insert(0, os.path.join(BENCH, "python"))

FOLDER = os.path.join(WORK, "programs")
REFERENCE = "Python, exported: ep.module()"
SECONDS = 2
GOAL = 1.0  # our time, as a multiple of the reference's, at most


def java(name, threads, calls, suffix=".pt2", *options):
    path = os.path.join(FOLDER, name)
    printed = run([JAVA, "@native-config/cpu.args", "run", path + suffix, "--inputs", path + ".in.safetensors", "--repeat", str(calls),
                   "--threads", str(threads), *options], cwd=ROOT)
    return float(printed.split()[-2])


def python(mode):
    def call(name, threads, calls):
        return float(run([sys.executable, os.path.join(BENCH, "python", "program.py"), mode, FOLDER, name, str(threads), str(calls)]))

    return call


def djl(name, threads, calls):
    import networks

    path = os.path.join(WORK, "djl", "djl-peer-0.jar") + os.pathsep + os.path.join(WORK, "djl", "lib", "*")
    sizes = [str(size) for size in networks.SIZES[name]]
    return float(run([JAVA, "-cp", path, "DjlProgram", os.path.join(FOLDER, name + ".pt"), str(threads), str(calls), *sizes]))


OURS = "mnist-libtorch, exported (.pt2)"
PEERS = {
    OURS: java,
    "mnist-libtorch, compiled by AOTInductor": lambda name, threads, calls: java(name, threads, calls, ".compiled.pt2", "--trust-code"),
    "mnist-libtorch, TorchScript (.pt)": lambda name, threads, calls: java(name, threads, calls, ".pt"),
    REFERENCE: python("exported"),
    "Python, as written": python("module"),
    "Python, torch.compile": python("compile"),
    "Python, compiled by AOTInductor": python("compiled"),
    "DJL, TorchScript": djl,
}


def measure(name, peers, options):
    """Returns each peer's milliseconds, one a round; None where it cannot call the network, with the reason on standard error."""
    calls, times = {}, {peer: [] for peer in peers}
    for i in range(options.rounds):
        for peer in peers[i % len(peers) :] + peers[: i % len(peers)]:
            if times[peer] is None:
                continue
            say(f"{name}: round {i + 1}/{options.rounds}, {peer}")
            try:
                if options.calls:
                    calls[peer] = options.calls
                elif peer not in calls:
                    calls[peer] = max(5, round(1000 * SECONDS / PEERS[peer](name, options.threads, 3)))
                times[peer].append(PEERS[peer](name, options.threads, calls[peer]))
            except Missing as reason:
                print(f"{name}: {peer}: {reason}", file=sys.stderr)
                times[peer] = None
    return times


def main():
    parser = argparse.ArgumentParser(description="Measures exported networks beside Python and DJL.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--calls", type=int, help=f"calls that are timed in each process (default: as many as take {SECONDS} seconds)")
    parser.add_argument("--networks", help="some of those in python/networks.py (default: all)")
    parser.add_argument("--folder", help="measure the programs NAME.pt2 with NAME.in.safetensors of this folder, beside ep.module() alone")
    parser.add_argument("--output", default=os.path.join(WORK, "PROGRAMS.md"))
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("at least 1 round is needed")

    peers = list(PEERS)
    if options.folder:
        global FOLDER
        FOLDER = os.path.abspath(options.folder)
        peers = [OURS, REFERENCE]
        names = sorted(os.path.basename(path)[: -len(".in.safetensors")] for path in glob.glob(os.path.join(FOLDER, "*.in.safetensors")))
    else:
        import networks

        names = list(networks.NETWORKS)
        os.makedirs(FOLDER, exist_ok=True)
        try:
            Djl().prepare()
        except Missing as reason:
            print(f"DJL is missing here, {reason}", file=sys.stderr)
            peers.pop()
    if options.networks:
        names = [name for name in names if name in options.networks.split(",")]
    lines = ["| | " + " | ".join(peers) + " | ours / ep.module() |", "| --- |" + " --- |" * (len(peers) + 1)]
    all_shares = []
    for name in names:
        if not options.folder and not os.path.exists(os.path.join(FOLDER, name + ".pt2")):
            say(f"{name}: exporting")
            run([sys.executable, os.path.join(BENCH, "python", "export.py"), FOLDER, name])
        times = measure(name, peers, options)
        cells = [f"{statistics.median(times[peer]):.1f}" if times[peer] else "" for peer in peers]
        share = ""
        if times[OURS] and times[REFERENCE]:
            shares = [mine / theirs for mine, theirs in zip(times[OURS], times[REFERENCE])]
            all_shares.append(statistics.median(shares))
            share = middle(shares, "%.2f")
            share = f"**{share}**" if all_shares[-1] > GOAL else share
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {share} |")
        say("")
        print(lines[-1], flush=True)
    report = ["# Exported networks, called", "", machine() + ".", "",
              f"Written by `make bench-programs`; libtorch {libtorch_version()} here, PyTorch " + run([sys.executable, "-c", "import torch; print(torch.__version__)"]).strip()
              + f" in Python; {options.threads} threads, {options.rounds} rounds of {options.calls or 'two seconds of'} calls. Milliseconds of a call, and our time as a multiple of `ep.module()`'s in the same round:"
              " median (least–greatest); below 1 is faster, **bold** above 1. One image or one short batch a call; [README.md](README.md#exported-networks).", "", *lines, ""]
    if all_shares:
        report += [f"Of {len(all_shares)} networks {sum(share <= GOAL for share in all_shares)} take no longer than in Python; the median is {statistics.median(all_shares):.2f}, the greatest {max(all_shares):.2f}.", ""]
    with open(options.output, "w", encoding="utf-8") as file:
        file.write("\n".join(report))
    print("\n".join(report[-2:]) + f"written to {os.path.relpath(options.output)}")


if __name__ == "__main__":
    main()
