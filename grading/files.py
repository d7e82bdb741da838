"""Reads what the grading needs: MNIST, run records, safetensors."""
import gzip
import hashlib
import json
import os
import struct

import torch

FILES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]


class Problem(Exception):
    """Something is wrong with a file; the message says what in one line."""


def read_idx(folder, name):
    """Returns the raw content of an IDX file, gzipped or not."""
    path = os.path.join(folder, name)
    try:
        if os.path.exists(path):
            with open(path, "rb") as file:
                return file.read()
        with gzip.open(path + ".gz") as file:
            return file.read()
    except (OSError, EOFError) as error:
        raise Problem(f"cannot read {path} ({error}); run make data")


class Mnist:
    """Both splits as bytes, N×1×28×28, with their labels; `sha256` is that of the four files in a row."""

    def __init__(self, folder):
        contents = [read_idx(folder, name) for name in FILES]
        self.sha256 = hashlib.sha256(b"".join(contents)).hexdigest()
        self.train_images, self.test_images = (self._images(contents[i]) for i in (0, 2))
        self.train_labels, self.test_labels = (self._labels(contents[i]) for i in (1, 3))

    @staticmethod
    def _images(content):
        return torch.frombuffer(bytearray(content[16:]), dtype=torch.uint8).view(-1, 1, 28, 28)

    @staticmethod
    def _labels(content):
        return torch.frombuffer(bytearray(content[8:]), dtype=torch.uint8).long()


def read_text(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise Problem(f"cannot read {path} ({error})")


def read_json(path):
    try:
        return json.loads(read_text(path))
    except ValueError as error:
        raise Problem(f"cannot read {path} ({error})")


def read_safetensors(path):
    """Returns a state_dict; uses the safetensors package where it is installed."""
    try:
        try:
            from safetensors.torch import load_file
        except ImportError:
            return _read_safetensors_by_hand(path)
        return load_file(path)
    except Exception as error:  # the package has exceptions of its own
        raise Problem(f"{os.path.basename(path)} cannot be read ({first_line(error)})")


def _read_safetensors_by_hand(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    data = memoryview(content)[8 + length :]
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] != "F32" or end > len(data):
            raise ValueError(f"{name} is not float32 or lies beyond the end of the file")
        tensors[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32).view(entry["shape"])
    return tensors


def first_line(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0]
