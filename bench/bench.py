"""Measures this project beside its peers, in turn, and writes the table: make bench.

Every measurement is a process of its own, which trains one network on the first images of MNIST for some epochs (the
first warms up and does not count), then asks it about the whole test set again and again, and prints what it took as one line of JSON.
A first pass finds each peer's best number of threads; then come the rounds, in which the peers take turns.
"""
import argparse
import glob
import gzip
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(BENCH)
WORK = os.path.join(ROOT, "target", "bench")
DATA = os.path.join(WORK, "data")
NATIVES = os.path.join(WORK, "libtorch")
JAR = os.path.join(ROOT, "target", "mnist-libtorch.jar")
JAVA_HOME = os.environ.get("JAVA_HOME")
JAVA, JAVAC = (os.path.join(JAVA_HOME, "bin", tool) if JAVA_HOME else tool for tool in ("java", "javac"))
# What each network is, and on how many images it trains, so that an epoch takes seconds
NETWORKS = {"cnn": ("CNN, batch 64, SGD", 9600), "ae": ("Autoencoder, batch 128, Adam", 60000),
            "cae": ("Convolutional autoencoder, batch 128, Adam", 38400), "cae-skip": ("The same with skip connections", 38400)}
# The least that this project's rate may be as a multiple of a peer's, by network where goals differ
TRAINING_GOALS = {"Python, whole-set tensors": {"cnn": 1.3, "ae": 1.1, "cae": 2.0, "cae-skip": 2.0}, "Python, DataLoader": 2.0,
                  "Python, torch.compile": 1.0, "C++ front end, the same work": 0.98}
INFERENCE_GOAL = 1.0
DEFAULT_THREADS_GOAL = 0.95  # the rate with the default number of threads, as a share of the best
PROBLEM6_GOALS = 0.36, 0.50  # at most, of Python's time for all of problem 6 one after the other, and in four processes
MEMORY_GOAL, FIRST_STEP_GOAL = 1.0, 2.0  # at most: a share of Python's, and seconds
SEEDED_TOLERANCE = 0.01  # relative, of the last epoch's loss, for peers that draw the same random numbers
OTHER_TOLERANCE = 0.25  # for peers that start from other weights


class Missing(Exception):
    """A peer cannot be had here."""


def run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode:
        lines = (result.stderr + result.stdout).strip().splitlines()
        raise Missing(lines[-1] if lines else f"exit status {result.returncode}")
    return result.stdout


class Peer:
    seeded = True
    own_threads = True  # False where the peer is run with the threads it takes by itself
    most_rounds = None  # for a peer that takes very long

    def prepare(self):
        """Builds what the peer needs; returns what it runs on."""

    def command(self, network, threads):
        """Returns the command and what it adds to the environment."""


class Ours(Peer):
    name = "mnist-libtorch"

    def prepare(self):
        classes = os.path.join(WORK, "classes")
        run([JAVAC, "-cp", JAR, "-d", classes, *glob.glob(os.path.join(BENCH, "java", "*.java"))])
        return "libtorch " + libtorch_version()

    def command(self, network, threads):
        with open(os.path.join(ROOT, "native-config", "cpu.args"), encoding="utf-8") as file:
            flags = [line.strip() for line in file if re.match("-[-XD]", line)]
        return [JAVA, *flags, "-cp", os.path.join(WORK, "classes") + os.pathsep + JAR, "Ours", network, str(threads)], {}


class Python(Peer):
    def __init__(self, mode, name):
        self.mode, self.name = mode, name
        self.seeded = mode != "loader"  # a DataLoader draws a random number of its own each epoch

    def prepare(self):
        version = run([sys.executable, "-c", "import torch; print(torch.__version__)"]).strip()
        if self.mode == "compile" and not hasattr(__import__("torch"), "compile"):
            raise Missing(f"PyTorch {version} has no torch.compile")
        return "PyTorch " + version

    def command(self, network, threads):
        return [sys.executable, os.path.join(BENCH, "python", "peer.py"), self.mode, network, str(threads)], {}


class SampleStyle(Peer):
    name = "the binding's sample style"
    seeded = False
    own_threads = False
    most_rounds = 1

    def prepare(self):
        return "libtorch " + libtorch_version()

    def command(self, network, threads):
        return [JAVA, "-cp", os.path.join(WORK, "classes") + os.pathsep + JAR, "SampleStyle", network, "64" if network == "cnn" else "128"], {}


class Cpp(Peer):
    name = "C++ front end, the same work"

    def prepare(self):
        """Compiles against the headers of a Python's PyTorch of the same version, and links with the natives that Java loads."""
        try:
            import torch
        except ImportError:
            raise Missing("this Python has no PyTorch, whose headers are needed")
        if torch.__version__.split("+")[0] != libtorch_version():
            raise Missing(f"its headers are of PyTorch {torch.__version__}, the natives of {libtorch_version()}")
        if not shutil.which("g++"):
            raise Missing("there is no g++")
        os.makedirs(NATIVES, exist_ok=True)
        for jar in glob.glob(os.path.join(ROOT, "target", "lib", "*-linux-x86_64.jar")):
            with zipfile.ZipFile(jar) as archive:
                for entry in archive.namelist():
                    if re.search(r"/lib(torch|torch_cpu|c10|gomp|openblas|gfortran|quadmath|gcc_s)\.so[.0-9]*$", entry):
                        with archive.open(entry) as source, open(os.path.join(NATIVES, os.path.basename(entry)), "wb") as target:
                            shutil.copyfileobj(source, target)
        include = os.path.join(os.path.dirname(torch.__file__), "include")
        run(["g++", "-O2", "-std=c++17", "-I" + include, "-I" + os.path.join(include, "torch", "csrc", "api", "include"),
             os.path.join(BENCH, "cpp", "peer.cpp"), "-o", os.path.join(WORK, "peer-cpp"), "-L" + NATIVES, "-ltorch", "-ltorch_cpu", "-lc10",
             "-Wl,-rpath," + NATIVES])
        return "libtorch " + libtorch_version()

    def command(self, network, threads):
        openmp, openblas = (1, threads) if network == "ae" else (threads, 1)
        return [os.path.join(WORK, "peer-cpp"), network, str(openmp)], {"OPENBLAS_NUM_THREADS": str(openblas)}


class Djl(Peer):
    name = "DJL"
    seeded = False

    def prepare(self):
        run(["mvn", "-q", "-B", "-ntp", "package"], cwd=os.path.join(BENCH, "djl"))
        jar = glob.glob(os.path.join(WORK, "djl", "lib", "pytorch-jni-*.jar"))[0]
        return "libtorch {}, DJL {}".format(*re.search(r"jni-([0-9.]+)-([0-9.]+)\.jar", jar).groups())

    def command(self, network, threads):
        path = os.path.join(WORK, "djl", "djl-peer-0.jar") + os.pathsep + os.path.join(WORK, "djl", "lib", "*")
        return [JAVA, "-cp", path, "DjlPeer", network, str(threads)], {}


REFERENCE = "Python, whole-set tensors"
PEERS = [Ours(), Python("eager", REFERENCE), Python("loader", "Python, DataLoader"), Python("compile", "Python, torch.compile"), Cpp(), Djl(), SampleStyle()]


def libtorch_version():
    with open(os.path.join(ROOT, "pom.xml"), encoding="utf-8") as pom:
        return re.search(r"<libtorch.version>([0-9.]+)-", pom.read()).group(1)


def prepare_data():
    os.makedirs(DATA, exist_ok=True)
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        source = os.path.join(ROOT, "data", name)
        opener, source = (open, source) if os.path.exists(source) else (gzip.open, source + ".gz")
        with opener(source, "rb") as file, open(os.path.join(DATA, name), "wb") as copy:
            shutil.copyfileobj(file, copy)


def measure(peer, network, threads, options):
    """Runs a peer once; returns its rates in images a second, its memory in MB, the seconds to its first step, and its loss."""
    command, extra = peer.command(network, threads)
    images = options.images or NETWORKS[network][1]
    command = command + [DATA, str(images), str(options.epochs)]
    start = time.time()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **extra}) as process:
        output, errors = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Missing((errors.strip().splitlines() or ["exit status %d" % process.returncode])[-1])
    answer = json.loads(output.strip().splitlines()[-1])
    return {
        "training": images / statistics.median(answer["seconds"][1:]),
        "inference": 10000 / statistics.median(answer["inference"][1:]),
        "memory": usage.ru_maxrss / 1024,
        "firstStep": answer["firstStep"] - start,
        "loss": answer["losses"][-1],
    }


def measure_network(network, peers, options):
    """Returns, for each peer, its number of threads, the rates by number of threads, and its measurements, one a round."""
    cores = os.cpu_count()
    counts = sorted({min(cores, 2**i) for i in range(10)})
    results = {}
    for peer in peers:
        by_threads = {}
        for threads in counts if peer.own_threads else []:
            say(f"{network}: {peer.name}, {threads} threads")
            by_threads[threads] = max(measure(peer, network, threads, options)["training"] for _ in range(options.calibration))
        results[peer.name] = {"threads": max(by_threads, key=by_threads.get, default=cores), "byThreads": by_threads, "rounds": []}
    for i in range(options.rounds):
        for peer in peers[i % len(peers) :] + peers[: i % len(peers)]:  # nobody always comes after the same neighbour
            if peer.most_rounds and i >= peer.most_rounds:
                continue
            say(f"{network}: round {i + 1}/{options.rounds}, {peer.name}")
            results[peer.name]["rounds"].append(measure(peer, network, results[peer.name]["threads"], options))
    return results


def say(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def ratios(results, name, key, to=REFERENCE):
    """Returns the ratios of a peer to another, round by round. Every ratio that is reported is the median of these."""
    return [mine[key] / other[key] for mine, other in zip(results[name]["rounds"], results[to]["rounds"])]


def middle(values, form):
    return f"{form % statistics.median(values)} ({form % min(values)}–{form % max(values)})"


def table(results, peers):
    lines = ["| | threads | training, images/s | ratio | inference, images/s | ratio | peak memory, MB | first step, s | loss |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    expected = statistics.median(r["loss"] for r in results[PEERS[0].name]["rounds"])
    for peer in peers:
        rounds = results[peer.name]["rounds"]
        loss = statistics.median(r["loss"] for r in rounds)
        agrees = abs(loss / expected - 1) <= (SEEDED_TOLERANCE if peer.seeded else OTHER_TOLERANCE)
        cells = [peer.name, str(results[peer.name]["threads"]) if peer.own_threads else "as they come"]
        for key in ("training", "inference"):
            cells.append(f"{statistics.median(r[key] for r in rounds):,.0f}")
            cells.append(middle(ratios(results, peer.name, key), "%.2f") if REFERENCE in results else "")
        cells.append(f"{statistics.median(r['memory'] for r in rounds):.0f}")
        cells.append(f"{statistics.median(r['firstStep'] for r in rounds):.1f}")
        cells.append(f"{loss:.4f}" + ("" if agrees else " (differs)"))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def summary(all_results, peers):
    """This project against each peer and against its goals, a column a network; what misses its goal is bold."""
    ours = PEERS[0].name
    lines = ["| | goal | " + " | ".join(NETWORKS[network][0].split(",")[0] for network in all_results) + " |", "| --- |" + " --- |" * (1 + len(all_results))]

    def row(title, value, form="%.2f", at_least=None, at_most=None):
        goals = {network: at_least.get(network) if isinstance(at_least, dict) else at_least for network in all_results}
        cells = []
        for network, results in all_results.items():
            measured = value(results)
            missed = (goals[network] is not None and measured < goals[network]) or (at_most is not None and measured > at_most)
            cells.append(f"**{form % measured}**" if missed else form % measured)
        wanted = [at_most] if at_most is not None else dict.fromkeys(goals.values())
        lines.append(f"| {title} | " + ", ".join(f"{goal:g}" for goal in wanted if goal is not None) + " | " + " | ".join(cells) + " |")

    def ratio(key, to):
        return lambda results: statistics.median(ratios(results, ours, key, to))

    for peer in peers:
        if peer.name != ours:
            row(f"training, × {peer.name}", ratio("training", peer.name), at_least=TRAINING_GOALS.get(peer.name))
    for peer in peers:
        if peer.name in (REFERENCE, "C++ front end, the same work"):
            row(f"inference, × {peer.name}", ratio("inference", peer.name), at_least=INFERENCE_GOAL if peer.name == REFERENCE else None)
    if any(peer.name == REFERENCE for peer in peers):
        row("peak memory, × Python", ratio("memory", REFERENCE), at_most=MEMORY_GOAL)
    row("first training step after, s", lambda results: statistics.median(r["firstStep"] for r in results[ours]["rounds"]), "%.1f", at_most=FIRST_STEP_GOAL)
    return ["## In short", "", "This project's speed as a multiple of each peer's, the median of the rounds; **bold** where the goal is missed.", "", *lines, ""]


VARIANTS = ["plain", "skip", "noisy", "skip-noisy"]


def python_processes(groups, threads, images, epochs):
    """Trains variants of problem 6 in Python, each group in a process, all processes at once; returns their answers."""
    script = os.path.join(BENCH, "python", "problem6.py")
    commands = [[sys.executable, script, ",".join(group), str(threads), DATA, str(images), str(epochs)] for group in groups]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    answers = [json.loads(process.communicate()[0]) for process in processes]
    if any(process.returncode for process in processes):
        raise Missing("Python failed")
    return answers


def problem6(options):
    """All of problem 6, wall clock: our whole process, with metrics, files and figures, against Python's training."""
    images, epochs = options.images or 20000, options.epochs
    cores = os.cpu_count()

    def ours():
        with tempfile.TemporaryDirectory() as folder:
            run([JAVA, "@native-config/cpu.args", "prob6", "--train-size", str(images), "--epochs", str(epochs),
                 "--saved-dir", folder + "/saved", "--figures-dir", folder + "/figures"], cwd=ROOT)
            records = [json.load(open(path, encoding="utf-8")) for path in glob.glob(folder + "/saved/*.json")]
        return {r["options"]["variant"]: r["epochs"][-1]["trainLoss"] for r in records}

    say("problem 6: Python's number of threads")
    by_threads = {t: python_processes([VARIANTS], t, images, 1)[0]["seconds"] for t in sorted({1, cores})}
    threads = min(by_threads, key=by_threads.get)
    rows = {"mnist-libtorch, the whole process": [], f"Python, one after the other, {threads} threads, training alone": [],
            "the same, whole process": [], "Python, four processes at once, 1 thread each, training alone": [], "the same, whole processes": []}
    names = list(rows)
    for i in range(options.rounds):
        say(f"problem 6: round {i + 1}/{options.rounds}")
        start = time.time()
        losses = ours()
        rows[names[0]].append(time.time() - start)
        start = time.time()
        answer = python_processes([VARIANTS], threads, images, epochs)[0]
        rows[names[1]].append(answer["seconds"])
        rows[names[2]].append(time.time() - start)
        start = time.time()
        answers = python_processes([[variant] for variant in VARIANTS], 1, images, epochs)
        rows[names[3]].append(max(a["seconds"] for a in answers))
        rows[names[4]].append(time.time() - start)
        for variant, loss in answer["losses"].items():
            if abs(losses[variant] / loss - 1) > SEEDED_TOLERANCE:
                raise Missing(f"the losses of {variant} differ, {losses[variant]:.4f} and {loss:.4f}")
    lines = ["| | seconds | ours as a share | goal |", "| --- | --- | --- | --- |"]
    goals = {names[1]: PROBLEM6_GOALS[0], names[3]: PROBLEM6_GOALS[1]}
    for name, seconds in rows.items():
        shares = [mine / theirs for mine, theirs in zip(rows[names[0]], seconds)]
        goal = goals.get(name)
        share = "" if name == names[0] else middle(shares, "%.2f")
        if goal and statistics.median(shares) > goal:
            share = f"**{share}**"
        lines.append(f"| {name} | {middle(seconds, '%.1f')} | {share} | {goal or ''} |")
    return ["## All of problem 6", "", f"Four networks, {images:,} images, {epochs} epochs; below 1 is faster, **bold** where the goal is missed.", "", *lines, ""]


def thread_table(all_results):
    """This project's rate at each number of threads, as a share of the best."""
    ours = {network: results[PEERS[0].name]["byThreads"] for network, results in all_results.items()}
    counts = sorted(next(iter(ours.values())))
    lines = ["| threads | " + " | ".join(ours) + " |", "| --- |" + " --- |" * len(ours)]
    for threads in counts:
        is_default = threads == min(4, os.cpu_count())
        shares = [rates[threads] / max(rates.values()) for rates in ours.values()]
        cells = [f"**{share:.2f}**" if is_default and share < DEFAULT_THREADS_GOAL else f"{share:.2f}" for share in shares]
        lines.append(f"| {threads}{' (default)' if is_default else ''} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine():
    model = "unknown processor"
    memory = ""
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = re.search(r"model name\s*: (.*)", file.read()).group(1)
        with open("/proc/meminfo", encoding="utf-8") as file:
            memory = f", {int(re.search(r'MemTotal: *([0-9]+)', file.read()).group(1)) / 2**20:.0f} GiB"
    java = subprocess.run([JAVA, "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    return f"{model}, {os.cpu_count()} cores{memory}; {platform.system()} {platform.release()}; {java}; Python {platform.python_version()}"


def main():
    parser = argparse.ArgumentParser(description="Measures this project beside its peers.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calibration", type=int, default=1, help="runs at each number of threads, of which the best counts")
    parser.add_argument("--images", type=int, help="images to train on (default: by network)")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--networks", default=",".join([*NETWORKS, "all"]), help="some of " + ",".join(NETWORKS) + ", and all: the whole of problem 6")
    parser.add_argument("--output", default=os.path.join(WORK, "RESULTS.md"))
    options = parser.parse_args()
    unknown = set(options.networks.split(",")) - {*NETWORKS, "all"}
    if unknown:
        parser.error(f"there is no network {min(unknown)}")
    if options.rounds < 1 or options.calibration < 1 or options.epochs < 2 or (options.images or 128) < 128:
        parser.error("at least 1 round, 1 run of calibration, 2 epochs and 128 images are needed")

    prepare_data()
    peers, missing, versions = [], [], []
    for peer in PEERS:
        say(f"preparing {peer.name}")
        try:
            version = peer.prepare()
            measure(peer, "ae", os.cpu_count(), argparse.Namespace(images=128, epochs=2))
            peers.append(peer)
            versions.append(f"{peer.name}: {version}")
        except Missing as reason:
            missing.append(f"{peer.name}: missing here, {reason}")
    if PEERS[0] not in peers:
        sys.exit("error: " + missing[0])

    report = ["# Measured side by side", "", machine() + ".", "",
              "Written by `make bench`" + (f" with --rounds {options.rounds}" if options.rounds != 3 else "") + "; [README.md](README.md) says how it measures and what it taught. Ratios are to *" + REFERENCE
              + "* in the same round: median (least–greatest); above 1 is faster.", "",
              *("- " + line for line in versions + missing), ""]
    head = len(report)
    all_results = {}
    for network in options.networks.split(","):
        if network == "all":
            continue
        all_results[network] = results = measure_network(network, peers, options)
        section = [f"## {NETWORKS[network][0]}", "", table(results, peers), ""]
        say("")
        print("\n".join(section), flush=True)
        report += section
    if "all" in options.networks.split(","):
        section = problem6(options)
        say("")
        print("\n".join(section), flush=True)
        report += section
    if not all_results:
        return write(report, options.output)
    report[head:head] = summary(all_results, peers)
    report += ["## Threads", "", f"Training of mnist-libtorch by number of threads, as a share of its best (goal of the default: {DEFAULT_THREADS_GOAL:g}):", "", thread_table(all_results), ""]
    print("\n".join(report[-5:]))
    for line in missing:
        print(line)
    write(report, options.output)


def write(report, output):
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(report))
    print(f"written to {os.path.relpath(output)}")


if __name__ == "__main__":
    main()
