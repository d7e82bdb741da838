"""Tampers with saved models and sees that grading notices; lets Java measure what Python saved."""
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
import warnings

import torch

import files
import grade
from networks import NETWORKS

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SAVED = os.path.join(ROOT, "saved")
DATA = os.path.join(ROOT, "data")


class Grading(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        torch.set_grad_enabled(False)
        torch.set_num_threads(1)
        cls.mnist = files.Mnist(DATA)

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.copy("mnist-cae-skip")

    def copy(self, name, new_name=None):
        for extension in (".pt", ".safetensors", ".json"):
            shutil.copy(os.path.join(SAVED, name + extension), os.path.join(self.folder, (new_name or name) + extension))
        self.rewrite_record(lambda record: record.update(formats=["safetensors", "pt"]), new_name or name)

    def path(self, extension, name="mnist-cae-skip"):
        return os.path.join(self.folder, name + extension)

    def assert_fails(self, expected, name="mnist-cae-skip"):
        with self.assertRaises(files.Problem) as caught:
            grade.grade(self.path("", name), self.mnist)
        self.assertRegex(str(caught.exception), expected)
        self.assertNotIn("\n", str(caught.exception))

    def change(self, extension, offset, data):
        with open(self.path(extension), "r+b") as file:
            file.seek(offset)
            file.write(data)

    def rewrite_record(self, change, name="mnist-cae-skip"):
        """Changes the record beside the file and the one inside it alike."""
        with open(self.path(".json", name), encoding="utf-8") as file:
            record = json.load(file)
        change(record)
        text = json.dumps(record)
        with open(self.path(".json", name), "w", encoding="utf-8") as file:
            file.write(text)
        model = torch.jit.load(self.path(".pt", name))
        torch.jit.save(model, self.path(".pt", name), _extra_files={"run.json": text})

    def test_an_untouched_model_passes(self):
        self.assertIn("forward, encode, features, decode", grade.grade(self.path(""), self.mnist))

    def test_a_truncated_model_fails(self):
        size = os.path.getsize(self.path(".pt"))
        for length in (0, 100, size // 2, size - 1):
            os.truncate(self.path(".pt"), length)
            self.assert_fails("torch.jit.load fails")
            self.copy("mnist-cae-skip")

    def test_a_changed_weight_fails(self):
        size = os.path.getsize(self.path(".safetensors"))
        self.change(".safetensors", size - 100, struct.pack("<f", 7.0))
        self.assert_fails("conv4.weight differs between .pt and .safetensors")

    def test_truncated_weights_fail(self):
        os.truncate(self.path(".safetensors"), os.path.getsize(self.path(".safetensors")) - 4)
        self.assert_fails("cannot be read")

    def test_weights_of_another_network_fail(self):
        with open(self.path(".safetensors"), "rb") as file:
            content = file.read()
        with open(self.path(".safetensors"), "wb") as file:
            file.write(content.replace(b"conv4.weight", b"conv5.weight"))
        self.assert_fails("the safetensors do not fit the network")

    def test_a_prettier_loss_in_the_record_fails(self):
        def prettier(record):
            record["metrics"]["testLoss"] *= 0.999
            record["epochs"][-1]["testLoss"] *= 0.999
        self.rewrite_record(prettier)
        self.assert_fails("test loss is 0.0018.*, but the record says 0.0018")

    def test_a_prettier_embedding_in_the_record_fails(self):
        def prettier(record):
            record["metrics"]["embedding"]["nearestNeighbourAccuracy"] += 0.01
        self.rewrite_record(prettier)
        self.assert_fails("10-NN accuracy")

    def test_a_record_changed_on_one_side_only_fails(self):
        with open(self.path(".json"), "a", encoding="utf-8") as file:
            file.write(" ")
        self.assert_fails("the record inside the .pt is not the one beside it")

    def test_other_data_fails(self):
        self.rewrite_record(lambda record: record["dataset"].update(sha256="0" * 64))
        self.assert_fails("made with other data")

    def test_a_missing_record_fails(self):
        os.remove(self.path(".json"))
        self.assert_fails("cannot read .*json")

    def test_a_model_under_another_name_fails(self):
        self.copy("mnist_cae", "mnist-cae-skip")
        with self.assertRaises((files.Problem, AttributeError, RuntimeError)):
            grade.grade(self.path(""), self.mnist)

    def test_an_unknown_name_fails(self):
        self.copy("mnist_cae", "resnet")
        self.assert_fails("no model of the exercise has this name", "resnet")

    def test_the_command_says_pass_or_fail_for_each_and_exits_so(self):
        self.copy("mnist_cae")
        os.truncate(self.path(".pt"), 100)
        command = [sys.executable, os.path.join(ROOT, "grading", "grade.py"), "--data", DATA, "--saved", self.folder]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(1, run.returncode)
        self.assertRegex(run.stdout, r"mnist-cae-skip +FAIL   torch.jit.load fails")
        self.assertRegex(run.stdout, r"mnist_cae +pass ")
        self.assertIn("1 passed, 1 failed", run.stdout)
        empty = subprocess.run(command[:-1] + [tempfile.gettempdir() + "/none"], capture_output=True, text=True)
        self.assertEqual(1, empty.returncode)
        self.assertRegex(empty.stderr, r"^error: there is no model in .*; run make prob4")

    def test_a_model_that_is_not_there_fails_with_the_command_that_makes_it(self):
        shutil.copy(os.path.join(SAVED, "mnist_cnn.json"), self.folder)
        # the record of this clone, which may be that of a run of its own and name other formats
        expected = r"no mnist_cnn\.[\w, .]+: make prob4 makes it"
        self.assert_fails(expected, "mnist_cnn")
        os.remove(self.path(".safetensors"))
        self.assert_fails("no mnist-cae-skip.safetensors: make prob6 makes it")
        self.assertEqual(["mnist-cae-skip", "mnist_cnn"], [os.path.basename(stem) for stem in grade.models(self.folder)])

    def test_safetensors_are_read_without_their_package(self):
        by_hand = files._read_safetensors_by_hand(self.path(".safetensors"))
        scripted = torch.jit.load(self.path(".pt")).state_dict()
        self.assertEqual(list(scripted), list(by_hand))
        self.assertTrue(all(torch.equal(scripted[name], by_hand[name]) for name in by_hand))


class EveryFormat(unittest.TestCase):
    """Tampers with the formats that a run saves beside TorchScript and safetensors."""

    @classmethod
    def setUpClass(cls):
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=FutureWarning)
        torch.set_grad_enabled(False)
        torch.set_num_threads(1)
        cls.mnist = files.Mnist(DATA)
        cls.made = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.made)
        subprocess.run(["java", "@native-config/cpu.args", "prob6", "--only", "skip", "--epochs", "1", "--train-size", "1280", "--test-size", "200", "--threads", "1",
                        "--data-dir", DATA, "--saved-dir", cls.made, "--figures-dir", cls.made], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        cls.formats = [e for e in files.read_json(os.path.join(cls.made, "mnist-cae-skip.json"))["formats"] if e not in grade.MISSING]

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.stem = os.path.join(self.folder, "mnist-cae-skip")
        self.restore()

    def restore(self):
        shutil.copytree(self.made, self.folder, dirs_exist_ok=True)

    def assert_fails(self, expected):
        with self.assertRaisesRegex(files.Problem, expected):
            grade.grade(self.stem, self.mnist)
        self.restore()

    def test_all_formats_pass(self):
        found = grade.grade(self.stem, self.mnist)
        for extension in self.formats:
            self.assertIn(extension, re.findall(r"\w+", found))

    def test_a_format_that_the_record_names_and_the_folder_lacks_fails(self):
        for extension in files.read_json(self.stem + ".json")["formats"]:
            os.remove(f"{self.stem}.{extension}")
            self.assert_fails(rf"there is a record, but no mnist-cae-skip\.{extension}: make prob6 makes it")

    def test_another_models_weights_fail(self):
        """Changes the sign of a weight, wherever the file has it."""
        weight = files.read_safetensors(self.stem + ".safetensors")["conv1.weight"].numpy().tobytes()
        for extension in self.formats:
            with open(f"{self.stem}.{extension}", "r+b") as file:
                at = file.read().rindex(weight) + len(weight) - 1
                file.seek(at)
                file.write(bytes([weight[-1] ^ 0x80]))
            self.assert_fails("differs|away from it|fails")

    def test_truncated_files_fail(self):
        for extension in self.formats:
            os.truncate(f"{self.stem}.{extension}", os.path.getsize(f"{self.stem}.{extension}") // 2)
            self.assert_fails("fails|cannot be read")

    def test_a_record_of_another_run_inside_fails(self):
        """Changes the seed in the text, which has as many characters as before."""
        for extension in self.formats:
            if extension in ("pt", "safetensors"):
                continue
            with open(f"{self.stem}.{extension}", "rb") as file:
                content = file.read()
            self.assertIn(b'"seed": 1', content)
            with open(f"{self.stem}.{extension}", "wb") as file:
                file.write(content.replace(b'"seed": 1', b'"seed": 2'))
            self.assert_fails(rf"the record inside the \.{extension} is not the one beside it|fails")

    def test_what_this_python_cannot_check_is_said_in_one_line(self):
        command = [sys.executable, os.path.join(ROOT, "grading", "grade.py"), "--data", DATA, "--saved", self.folder]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(0, run.returncode, run.stdout + run.stderr)
        lines = [line for line in run.stdout.splitlines() if line.startswith("not checked: ")]
        present = [e for e in grade.MISSING if os.path.exists(f"{self.stem}.{e}")]
        self.assertEqual(1 if present else 0, len(lines))
        for extension in present:
            self.assertIn(f".{extension} (", lines[0])


class FromPythonToJava(unittest.TestCase):
    """Java measures what Python scripted or wrote, and finds the loss of the record."""

    @classmethod
    def setUpClass(cls):
        warnings.filterwarnings("ignore", category=DeprecationWarning)

    def eval(self, path, *options):
        run = subprocess.run(["java", "@native-config/cpu.args", "eval", path, "--data-dir", DATA, *options], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(0, run.returncode, run.stderr)
        return float(re.search(r"test loss ([0-9.]+)", run.stdout)[1])

    def recorded(self, name):
        return files.read_json(os.path.join(SAVED, name + ".json"))["metrics"]["testLoss"]

    @unittest.skipIf(grade.PYTORCH > (2, 10), "Java has libtorch 2.10, which lacks operators that a later torch.jit.script names")
    def test_a_scripted_mirror_is_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("mnist_cnn", "mnist_ae", "mnist-cae-skip-noisy"):  # the first two only where they were trained
                if not os.path.exists(os.path.join(SAVED, name + ".safetensors")):
                    continue
                mirror = NETWORKS[name]()
                mirror.load_state_dict(files.read_safetensors(os.path.join(SAVED, name + ".safetensors")))
                path = os.path.join(folder, name + ".pt")
                torch.jit.script(mirror).save(path)  # in training mode, and without a record
                noise = ["--noise", "0.3"] if "noisy" in name else []
                self.assertAlmostEqual(self.recorded(name), self.eval(path, *noise), delta=2e-6)

    def test_safetensors_of_python_are_measured(self):
        try:
            from safetensors.torch import save_file
        except ImportError:
            self.skipTest("the safetensors package is not installed")
        with tempfile.TemporaryDirectory() as folder:
            state = files.read_safetensors(os.path.join(SAVED, "mnist_cae.safetensors"))
            path = os.path.join(folder, "weights.safetensors")
            save_file(state, path)
            self.assertAlmostEqual(self.recorded("mnist_cae"), self.eval(path, "--model", "mnist_cae"), delta=2e-6)

    def test_a_state_dict_of_python_is_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            mirror = NETWORKS["mnist_cae"]()
            mirror.load_state_dict(files.read_safetensors(os.path.join(SAVED, "mnist_cae.safetensors")))
            path = os.path.join(folder, "mnist_cae.pth")
            torch.save(mirror.state_dict(), path)
            self.assertAlmostEqual(self.recorded("mnist_cae"), self.eval(path), delta=2e-6)


@unittest.skipIf(int(torch.__version__.split(".")[0]) < 2, "this PyTorch greets the store in another way than Java's does")
class TrainingTogether(unittest.TestCase):
    """A Java process and a Python process share every batch."""

    def train(self, folder, environment, only):
        command = ["java", "@native-config/cpu.args", "prob6", "--only", only, "--epochs", "2", "--train-size", "1290", "--test-size", "101", "--threads", "1",
                   "--data-dir", DATA, "--rank-timeout", "30", "--saved-dir", folder, "--figures-dir", folder]
        java = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(java.kill)
        self.addCleanup(java.stdout.close)
        return java

    def test_their_losses_are_those_of_java_alone(self):
        for model, only in (("mnist_cae_noisy", "noisy"), ("mnist-cae-skip", "skip")):
            with tempfile.TemporaryDirectory() as alone, tempfile.TemporaryDirectory() as together, socket.socket() as free:
                output, _ = self.train(alone, {}, only).communicate()
                self.assertIn("epoch  2/2", output)
                free.bind(("127.0.0.1", 0))
                port = str(free.getsockname()[1])
                free.close()
                group = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
                java = self.train(together, {**group, "RANK": "0"}, only)
                python = subprocess.run([sys.executable, os.path.join(ROOT, "grading", "join.py"), model, "--data", DATA, "--timeout", "30"],
                                        env={**os.environ, **group, "RANK": "1"}, capture_output=True, text=True)
                output, _ = java.communicate()
                self.assertEqual((0, 0), (python.returncode, java.returncode), python.stderr + output)
                epochs = files.read_json(os.path.join(together, model + ".json"))["epochs"]
                for expected, epoch in zip(files.read_json(os.path.join(alone, model + ".json"))["epochs"], epochs):
                    for key in ("trainLoss", "testLoss"):
                        self.assertAlmostEqual(1, epoch[key] / expected[key], delta=1e-5)
                    self.assertIn(f"epoch {epoch['epoch']}  train loss {epoch['trainLoss']:.5f}  test loss {epoch['testLoss']:.5f}", python.stdout)

    def test_without_its_variables_it_says_which(self):
        environment = {key: value for key, value in os.environ.items() if key not in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")}
        run = subprocess.run([sys.executable, os.path.join(ROOT, "grading", "join.py"), "mnist_cae", "--data", DATA], env=environment, capture_output=True, text=True)
        self.assertEqual(1, run.returncode)
        self.assertRegex(run.stderr, r"\Aerror: .*RANK.*\n\Z")


if __name__ == "__main__":
    unittest.main()
