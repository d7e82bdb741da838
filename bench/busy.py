#!/usr/bin/env python3
"""Measures how much longer the problems take beside a busy process of another session, on as many cores as there are.

Rounds alternate: each problem alone, then beside one process that computes without a pause; the table has the medians
of their times and of the rounds' ratios. The environment is that of the caller: make busy sets what the Makefile sets.
"""
import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROBLEMS = {"prob4": ["--epochs", "1"], "prob5": ["--epochs", "3"], "prob6": ["--epochs", "2"]}


def seconds(problem, options, folder):
    """Runs a problem and returns how long it took."""
    command = ["java", "@native-config/cpu.args", problem, *PROBLEMS[problem], *options]
    folders = ["--saved-dir", f"{folder}/saved", "--figures-dir", f"{folder}/figures"]
    start = time.monotonic()
    result = subprocess.run(command + folders, cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"error: {problem} failed: {result.stderr.strip()}")
    return time.monotonic() - start


class Busy:
    """A process of another session that uses one core, as a user's next program would."""

    def __enter__(self):
        self.process = subprocess.Popen(["sh", "-c", "while :; do :; done"], start_new_session=True)

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--train-size", default="12800")
    parser.add_argument("--problems", default=",".join(PROBLEMS))
    parser.add_argument("--jobs", help="networks at the same time, as of the problems")
    parser.add_argument("--output", type=Path, help="write the table to a file too")
    arguments = parser.parse_args()
    options = ["--train-size", arguments.train_size, "--test-size", "2000"]
    if arguments.jobs:
        options += ["--jobs", arguments.jobs]
    lines = ["| | alone, s | beside a busy process, s | ratio |", "| --- | --- | --- | --- |"]
    with tempfile.TemporaryDirectory() as folder:
        for problem in arguments.problems.split(","):
            alone, beside = [], []
            for _ in range(arguments.rounds):
                alone.append(seconds(problem, options, folder))
                with Busy():
                    beside.append(seconds(problem, options, folder))
            ratio = statistics.median(b / a for a, b in zip(alone, beside))
            lines.append(
                f"| {problem} | {statistics.median(alone):.1f} | {statistics.median(beside):.1f} | {ratio:.1f} |"
            )
            print(lines[-1], flush=True)
    setting = ", ".join(f"{name}={os.environ[name]}" for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY") if name in os.environ)
    lines += [
        "",
        f"Medians of {arguments.rounds} rounds, {os.cpu_count()} cores, {arguments.train_size} training images, "
        f"whole processes; {setting or 'no setting of OpenMP'}.",
    ]
    print(lines[-1])
    if arguments.output:
        arguments.output.write_text("# Beside a busy process\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
