"""Grades saved models: opens every format, calls, measures and compares with each other and with what the record says.

    python3 grading/grade.py [--saved DIR] [--data DIR]
"""
import argparse
import glob
import json
import logging
import os
import sys
import warnings
import zipfile

try:
    import torch
    from torch.nn import functional as F
except ImportError:
    sys.exit("error: this Python has no PyTorch; install it (Debian: apt-get install python3-torch; elsewhere: pip install torch)")

try:
    import onnxruntime
except ImportError:
    onnxruntime = None

from files import Mnist, Problem, first_line, read_safetensors, read_text
from networks import NETWORKS

RELATIVE = 1e-5  # how far a metric may be from the record, and an answer from its mirror's
GPU_RELATIVE = 1e-3  # the same for what was measured on a GPU, which rounds the inputs of convolutions to TF32
FORMATS = 2e-6  # how far an answer may be from the same model's in another format
POINTS = 5e-4  # of the embedding's points may have other neighbours: rounding moves some across a border
BATCH = 1000
BATCHES = (1, 7)  # numbers of images that formats with a free batch size are called with
PROBLEMS = {name: "prob4" if name == "mnist_cnn" else "prob5" if name == "mnist_ae" else "prob6" for name in NETWORKS}

OLD_FORMATS = ["safetensors", "pt"]  # of records that do not name their formats
PYTORCH = tuple(int(part) for part in torch.__version__.split(".")[:2])


def close(name, recorded, measured, relative=RELATIVE, tolerance=None):
    allowed = relative * abs(recorded) if tolerance is None else tolerance
    if not abs(recorded - measured) <= allowed:
        raise Problem(f"{name} is {measured:.8g}, but the record says {recorded:.8g}")


def equal_shapes(name, tensor, *shape):
    if tuple(tensor.shape) != shape:
        raise Problem(f"{name} answers {tuple(tensor.shape)}, not {shape}")


def open_model(path):
    """Returns the TorchScript model and the record inside its file."""
    extra = {"run.json": ""}
    try:
        model = torch.jit.load(path, map_location="cpu", _extra_files=extra)
    except Exception as error:
        raise Problem(f"torch.jit.load fails ({first_line(error)})")
    if model.training:
        raise Problem("it is in training mode")
    if any(p.dtype != torch.float32 or p.device.type != "cpu" for p in model.parameters()):
        raise Problem("its parameters are not float32 on the CPU")
    text = extra["run.json"]
    return model, text.decode() if isinstance(text, bytes) else text


def call_methods(name, model, x):
    """Calls every method the exercise demands and checks that they belong together."""
    n = len(x)
    y = model(x)
    if name == "mnist_cnn":
        equal_shapes("forward", y, n, 10)
        if not torch.allclose(y.exp().sum(1), torch.ones(n), atol=1e-5):
            raise Problem("forward answers no log-probabilities")
        return ["forward"]
    equal_shapes("forward", y, n, 1, 28, 28)
    equal_shapes("encode", model.encode(x), n, 2)
    if "skip" in name:
        z, pool1, pool2 = model.features(x)
        equal_shapes("features (z)", z, n, 2)
        equal_shapes("features (pool1)", pool1, n, 4, 14, 14)
        equal_shapes("features (pool2)", pool2, n, 8, 7, 7)
        decoded, methods = model.decode(z, pool1, pool2), ["forward", "encode", "features", "decode"]
    else:
        decoded, methods = model.decode(model.encode(x)), ["forward", "encode", "decode"]
    equal_shapes("decode", decoded, n, 1, 28, 28)
    if not torch.equal(decoded, y):
        raise Problem("decode after encode is not forward")
    return methods


def in_batches(function, *tensors):
    return torch.cat([function(*(t[i : i + BATCH] for t in tensors)) for i in range(0, len(tensors[0]), BATCH)])


def measure(name, model, record, mnist):
    """Recomputes the metrics of the test set and compares them with the record."""
    metrics, options = record["metrics"], record["options"]
    size = options.get("testSize", len(mnist.test_labels))
    images = mnist.test_images[:size].float().div(255)
    labels = mnist.test_labels[:size]
    on_gpu = record.get("device", "cpu").startswith("cuda")
    relative = GPU_RELATIVE if on_gpu else RELATIVE
    close("test loss of the last epoch", record["epochs"][-1]["testLoss"], metrics["testLoss"])
    if name == "mnist_cnn":
        scores = in_batches(model, images)
        close("test loss", metrics["testLoss"], F.nll_loss(scores.double(), labels).item(), relative)
        close("accuracy", metrics["accuracy"], (scores.argmax(1) == labels).double().mean().item(), relative)
        return
    noise = options.get("noise", 0)
    inputs = images
    if noise:  # one draw for the whole set, from a generator of its own
        generator = torch.Generator().manual_seed(options["seed"])
        inputs = images + noise * torch.randn(images.shape, generator=generator)
    outputs = in_batches(model, inputs)
    close("test loss", metrics["testLoss"], F.mse_loss(outputs.double(), images.double()).item(), relative)
    if "inputLoss" in metrics:
        close("input loss", metrics["inputLoss"], F.mse_loss(inputs.double(), images.double()).item(), relative)
    accuracy = neighbour_accuracy(in_batches(model.encode, inputs), labels)
    close("10-NN accuracy", metrics["embedding"]["nearestNeighbourAccuracy"], accuracy, tolerance=10 * POINTS if on_gpu else POINTS)


def neighbour_accuracy(points, labels, neighbours=10):
    """Share of points whose class is the most frequent among their nearest other points."""
    right = 0
    one_hot = F.one_hot(labels, 10)
    for i in range(0, len(points), BATCH):
        distances = torch.cdist(points[i : i + BATCH], points, compute_mode="donot_use_mm_for_euclid_dist")
        rows = torch.arange(len(distances))
        distances[rows, rows + i] = float("inf")
        nearest = distances.topk(min(neighbours, len(points) - 1), largest=False).indices
        right += (one_hot[nearest].sum(1).argmax(1) == labels[i : i + BATCH]).sum().item()
    return right / len(points)


def distance(answer, expected):
    return ((answer - expected).abs().max() / expected.abs().max()).item()


def compare_weights(name, model, state, x):
    """Loads the plain weights into the mirror and compares its answer with the TorchScript's."""
    mirror = NETWORKS[name]().eval()
    try:
        mirror.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise Problem(f"the safetensors do not fit the network ({' '.join(str(error).split())[:120]})")
    equal_weights(dict(model.state_dict()), state, ".pt")
    difference = distance(mirror(x), model(x))
    if not difference <= RELATIVE:
        raise Problem(f"the mirror's answer is {difference:.2g} of the TorchScript's away from it")


def equal_weights(other, state, extension):
    if sorted(other) != sorted(state):
        raise Problem(f"{extension} and .safetensors have different names")
    for key, tensor in state.items():
        if not torch.equal(tensor, other[key]):
            raise Problem(f"{key} differs between {extension} and .safetensors")


def equal_answers(extension, method, answers, expected):
    if len(answers) != len(expected):
        raise Problem(f"{method} of {extension} answers {len(answers)} tensors, not {len(expected)}")
    for answer, tensor in zip(answers, expected):
        equal_shapes(f"{method} of {extension}", answer, *tensor.shape)
        difference = distance(answer, tensor)
        if not difference <= FORMATS:
            raise Problem(f"{method} of {extension} is {difference:.2g} of the TorchScript's answer away from it")


def equal_records(extension, inside, record):
    if inside != record:
        raise Problem(f"the record inside the {extension} is not the one beside it")


def as_tuple(answer):
    return answer if isinstance(answer, tuple) else (answer,)


def arguments(method, model, x):
    """Returns what a method is called with, of images."""
    if method != "decode":
        return (x,)
    return model.features(x) if hasattr(model, "features") else (model.encode(x),)


def check_pth(path, model, methods, state, text, x):
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
        with zipfile.ZipFile(path) as archive:
            records = [name for name in archive.namelist() if name.endswith("/extra/run.json")]
            inside = archive.read(records[0]).decode() if records else ""
    except Exception as error:
        raise Problem(f"torch.load fails ({first_line(error)})")
    equal_weights(loaded, state, ".pth")
    equal_records(".pth", inside, text)


def check_pt2(path, model, methods, state, text, x):
    extra = {"run.json": ""}
    try:
        torch.export.load(path, extra_files=extra)
        programs = torch.export.pt2_archive._package.load_pt2(path).exported_programs
    except Exception as error:
        raise Problem(f"torch.export.load fails ({first_line(error)})")
    if sorted(programs) != sorted(["model", *methods[1:]]):
        raise Problem(f"the .pt2 has the programs {', '.join(programs)}")
    for method in methods:
        program = programs["model" if method == "forward" else method]
        held = {key: tensor.detach() for key, tensor in program.state_dict.items()}
        used = state if method == "forward" else {key: state[key] for key in held if key in state}  # others need not hold all
        equal_weights(held, used, ".pt2")
        module = program.module()
        for n in BATCHES:
            inputs = arguments(method, model, x[:n])
            equal_answers(".pt2", method, as_tuple(module(*inputs)), as_tuple(getattr(model, method)(*inputs)))
    equal_records(".pt2", extra["run.json"], text)


def check_onnx(path, model, methods, state, text, x):
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise Problem(f"onnxruntime fails ({first_line(error)})")
    for n in BATCHES:
        answers = [torch.from_numpy(answer) for answer in session.run(None, {"images": x[:n].numpy()})]
        expected = [model(x[:n])] + ([model.encode(x[:n])] if "encode" in methods else [])
        equal_answers(".onnx", "forward", answers, expected)
    equal_records(".onnx", session.get_modelmeta().custom_metadata_map.get("run.json", ""), text)


CHECKS = {"pt2": check_pt2, "pth": check_pth, "onnx": check_onnx}
MISSING = {}  # formats that this Python cannot check, and why
if PYTORCH < (2, 10):
    MISSING["pt2"] = f"PyTorch 2.10 and newer open it, this is {torch.__version__}"
if onnxruntime is None:
    MISSING["onnx"] = "this Python has no onnxruntime"


def grade(stem, mnist):
    """Returns what was found of a model, or raises a Problem."""
    name = os.path.basename(stem)
    if name not in NETWORKS:
        raise Problem("no model of the exercise has this name")
    text = read_text(stem + ".json")
    try:
        record = json.loads(text)
    except ValueError as error:
        raise Problem(f"its record is no JSON ({error})")
    require_formats(stem, name, record)
    model, inside = open_model(stem + ".pt")
    equal_records(".pt", inside, text)
    if record["dataset"]["sha256"] != mnist.sha256:
        raise Problem("it was made with other data than is here")
    x = mnist.test_images[:100].float().div(255)
    methods = call_methods(name, model, x)
    state = read_safetensors(stem + ".safetensors")
    compare_weights(name, model, state, x)
    formats = ["pt", "safetensors"]
    for extension, check in CHECKS.items():
        if os.path.exists(f"{stem}.{extension}") and extension not in MISSING:
            check(f"{stem}.{extension}", model, methods, state, text, x)
            formats.append(extension)
    measure(name, model, record, mnist)
    return f"{record['metrics']['testLoss']:.6f}  {', '.join(formats):<33} {', '.join(methods)}"


def require_formats(stem, name, record):
    """Makes sure that the model is there in every format that its record names."""
    missing = [extension for extension in record.get("formats", OLD_FORMATS) if not os.path.exists(f"{stem}.{extension}")]
    if missing:
                raise Problem(f"there is a record, but no {name}.{', .'.join(missing)}: make {PROBLEMS[name]} makes it")


def main():
    parser = argparse.ArgumentParser(description="Grades saved models with PyTorch.")
    parser.add_argument("--saved", default="saved", help="folder of the models (default: saved)")
    parser.add_argument("--data", default="data", help="folder of MNIST (default: data)")
    arguments = parser.parse_args()
    for category in (DeprecationWarning, FutureWarning):  # TorchScript's: the README speaks of it
        warnings.filterwarnings("ignore", category=category)
    warnings.filterwarnings("ignore", message="The given buffer is not writable")  # of torch.export.load, which does not write
    logging.getLogger("torch.export").setLevel(logging.ERROR)  # its warnings are stack traces of what is reported here in a line
    torch.set_num_threads(1)  # with more, Debian's build is slower, not faster
    torch.set_grad_enabled(False)
    try:
        mnist = Mnist(arguments.data)
    except Problem as problem:
        sys.exit(f"error: {problem}")
    stems = models(arguments.saved)
    if not stems:
        sys.exit(f"error: there is no model in {arguments.saved}; run make prob4, make prob5 or make prob6")
    print(f"PyTorch {torch.__version__}\n{'model':<22} {'grade':<6} {'test loss':<9} {'formats':<33} methods called")
    failures = 0
    for stem in stems:
        name = os.path.basename(stem)
        try:
            print(f"{name:<22} pass   {grade(stem, mnist)}", flush=True)
        except Problem as problem:
            failures += 1
            print(f"{name:<22} FAIL   {problem}", flush=True)
        except (KeyError, TypeError, AttributeError, RuntimeError, OSError) as error:
            failures += 1
            print(f"{name:<22} FAIL   {type(error).__name__}: {first_line(error)}", flush=True)
    unchecked = [f".{extension} ({why})" for extension, why in MISSING.items() if any(os.path.exists(f"{stem}.{extension}") for stem in stems)]
    if unchecked:
        print(f"not checked: {', '.join(unchecked)}")
    print(f"{len(stems) - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)


def models(folder):
    """Returns the paths, without extension, of all models of which there is a file or the exercise's record."""
    stems = set()
    for extension in ("pt", "safetensors", *CHECKS, "json"):
        for path in glob.glob(os.path.join(glob.escape(folder), "*." + extension)):
            stem = os.path.splitext(path)[0]
            if extension != "json" or os.path.basename(stem) in NETWORKS:
                stems.add(stem)
    return sorted(stems)


if __name__ == "__main__":
    main()
