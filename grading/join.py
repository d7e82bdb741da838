"""Trains as one rank of a Java run, with PyTorch's DistributedDataParallel.

    RANK=1 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=29500 python3 grading/join.py MODEL... [--data DIR]

MODEL... names what the run trains, in its order: mnist_cnn of prob4; mnist_cae, mnist-cae-skip, mnist_cae_noisy and
mnist-cae-skip-noisy of prob6. Rank 0 must be Java, with RANK=0 and the other variables alike; it says what the options
are. Tried with PyTorch 2.10, which is Java's version, and 2.15.
"""
import argparse
import datetime
import json
import sys

try:
    import torch
    from torch import distributed
    from torch.nn.parallel import DistributedDataParallel
except ImportError:
    sys.exit("error: this Python has no PyTorch with torch.distributed; pip install torch==2.10.0")

if int(torch.__version__.split(".")[0]) < 2:
    sys.exit(f"error: PyTorch {torch.__version__} greets a store in another way than libtorch 2.10; pip install torch==2.10.0")

from files import Mnist, Problem, first_line
from networks import NETWORKS
from training import Run


def share(n):
    """Returns where this rank's share of n examples begins and ends."""
    rank, count = distributed.get_rank(), distributed.get_world_size()
    return n * rank // count, n * (rank + 1) // count


def total(value, op=distributed.ReduceOp.SUM):
    distributed.all_reduce(value, op)
    return value.item()


def of_first():
    """Returns the bytes that rank 0 sends."""
    length = torch.zeros(1, dtype=torch.int64)
    distributed.broadcast(length, 0)
    content = torch.zeros(int(length), dtype=torch.uint8)
    if len(content):
        distributed.broadcast(content, 0)
    return content.numpy().tobytes()


def backward(run, network, inputs, targets):
    """Averages the gradients over the whole batch and returns its loss."""
    begin, end = share(len(inputs))
    part = slice(begin, max(end, begin + 1))  # without a share, one example that counts nothing
    weight = (end - begin) / len(inputs)
    loss = run.loss(network(inputs[part]), targets[part])
    sum_of_losses = loss.detach() * weight
    summing = distributed.all_reduce(sum_of_losses, async_op=True)  # on its way while the gradients are computed, as Java's
    (loss * (weight * distributed.get_world_size())).backward()
    summing.wait()
    return sum_of_losses.item()


def test(run, inputs, targets):
    begin, end = share(len(inputs))
    loss = 0.0
    with torch.no_grad():
        if end > begin:
            loss = run.loss(run.network(inputs[begin:end]), targets[begin:end]).item() * (end - begin)
    return total(torch.tensor([loss], dtype=torch.float64)) / len(inputs)


def stops():
    """Says whether another rank was asked to stop."""
    return total(torch.zeros(1, dtype=torch.int32), distributed.ReduceOp.MAX) != 0


def train(name, mnist):
    options = json.loads(of_first())
    if options["model"] != name:
        raise Problem(f"rank 0 trains {options['model']}, not {name}; name what it trains, in its order")
    if options["data"] != mnist.sha256:
        raise Problem("rank 0 trains on other data; name its folder with --data")
    of_first()  # the checkpoint
    if options["resumes"]:
        raise Problem("rank 0 resumes from a checkpoint, which only Java can read; leave out --resume")
    run = Run(name, options)
    run.network.to(run.dtype).to(memory_format=torch.channels_last)  # as Java's: gradients are exchanged as they lie in memory
    network = DistributedDataParallel(run.network)
    n, n_test = (options.get(key, len(labels)) for key, labels in (("trainSize", mnist.train_labels), ("testSize", mnist.test_labels)))
    tests = run.test(mnist.test_images[:n_test], mnist.test_labels[:n_test])
    for epoch in range(1, options["epochs"] + 1):
        mean = 0
        for inputs, targets in run.epoch(mnist.train_images[:n], mnist.train_labels[:n]):
            run.optimizer.zero_grad()
            mean += backward(run, network, inputs, targets) * len(inputs) / n
            run.optimizer.step()
            if stops():
                return False
        print(f"rank {distributed.get_rank()}: {name} epoch {epoch}  train loss {mean:.5f}  test loss {test(run, *tests):.5f}", flush=True)
        if stops():
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description="Trains as one rank of a Java run.")
    parser.add_argument("models", nargs="+", choices=list(NETWORKS), metavar="MODEL", help="what the run trains, in its order: " + ", ".join(NETWORKS))
    parser.add_argument("--data", default="data", help="folder of MNIST (default: data)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for another rank (default: 60)")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    try:
        mnist = Mnist(arguments.data)
        distributed.init_process_group("gloo", timeout=datetime.timedelta(seconds=arguments.timeout))
        for name in arguments.models:
            if not train(name, mnist):
                sys.exit("another rank was asked to stop")
        distributed.destroy_process_group()
    except Problem as problem:
        sys.exit(f"error: {problem}")
    except (RuntimeError, ValueError) as error:  # of the group, or of variables that are not set
        sys.exit(f"error: {first_line(error)}")


if __name__ == "__main__":
    main()
