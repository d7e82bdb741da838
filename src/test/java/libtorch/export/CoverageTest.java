package libtorch.export;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import libtorch.LibTorch;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Runs every program in a folder, NAME.pt2 with NAME.in, NAME.out and NAME.grad.safetensors beside it, and writes which
 * give Python's results and gradients, and why others do not, to docs/OPERATORS.md: make operators PROGRAMS=FOLDER.
 */
class CoverageTest implements UsesLibTorch {
    private static final Device CPU = new Device("cpu");
    private static final String HEAD = """
            # Which operators run

            Written by `make operators PROGRAMS=folder`, from a folder of programs that Python exported: here
            the first and the last sample of each operator in PyTorch's operator database (OpInfo). Tolerances, relative to
            the largest value: 2·10⁻⁶ for results, 10⁻⁵ for the gradients of all floating-point inputs.

            Operators that "may not be called" are refused when a file is opened: these change the size of a tensor in
            place, and may expose uninitialized memory. `empty` and similar operators return zeros here, and uninitialized
            memory in Python. Low-rank decompositions with OpenBLAS and MKL differ in the sign of singular vectors.
            Complex, sparse and quantized tensors are not in this list.
            """;

    @Test
    @EnabledIfSystemProperty(named = "programs", matches = ".+")
    void everyProgramThatRunsIsListedWithThoseThatDoNot() throws IOException {
        LibTorch.setThreads(1, LibTorch.Pool.OPENMP);
        Path folder = Path.of(System.getProperty("programs"));
        Map<String, String> failures = new TreeMap<>();
        int right = 0;
        int gradients = 0;
        int withGradients = 0;
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".pt2"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString().replaceFirst("\\.pt2$", "");
            if (!Files.exists(beside(file, ".out"))) continue;
            try (PointerScope scope = new PointerScope()) {
                boolean differentiable = Files.exists(beside(file, ".grad"));
                if (differentiable) withGradients++;
                Program program = Program.open(file, CPU);
                program.answerAsExported(true);
                List<Tensor> inputs = list(beside(file, ".in"));
                torch.manual_seed(0);
                List<Tensor> results = program.call("forward", inputs);
                requireClose("result", list(beside(file, ".out")), results);
                right++;
                if (differentiable) {
                    requireGradients(program, inputs, Safetensors.read(beside(file, ".grad")));
                    gradients++;
                }
            } catch (RuntimeException e) {
                failures.put(
                        name,
                        LibTorch.firstLine(e)
                                .replaceFirst("^.*exported program \\((.*?)(; it has .*)?\\); name.*$", "$1"));
            }
        }
        try (PrintStream out =
                new PrintStream(Files.newOutputStream(Path.of("docs/OPERATORS.md")), true, StandardCharsets.UTF_8)) {
            out.println(HEAD);
            out.printf("%,d of %,d programs give Python's results, ", right, right + wrong(failures));
            out.printf("%,d of %,d its gradients.%n%n", gradients, withGradients);
            out.println("| program | why not |");
            out.println("| --- | --- |");
            failures.forEach((name, why) -> out.printf("| %s | %s |%n", name, why.replace("|", "\\|")));
        }
    }

    private static long wrong(Map<String, String> failures) {
        return failures.values().stream()
                .filter(why -> !why.startsWith("gradient"))
                .count();
    }

    private static Path beside(Path file, String suffix) {
        return Path.of(file.toString().replaceFirst("\\.pt2$", suffix + Safetensors.SUFFIX));
    }

    private static List<Tensor> list(Path file) {
        Map<String, Tensor> tensors = Safetensors.read(file);
        List<Tensor> list = new ArrayList<>();
        for (int i = 0; i < tensors.size(); i++) list.add(tensors.get(Integer.toString(i)));
        return list;
    }

    /** Compares the gradients of Σ yᵢ·sin(i+1). */
    private static void requireGradients(Program program, List<Tensor> inputs, Map<String, Tensor> expected) {
        for (Tensor input : inputs) if (input.is_floating_point()) input.set_requires_grad(true);
        torch.manual_seed(0);
        Tensor sum = torch.zeros(new long[0], new TensorOptions(ScalarType.Double));
        for (Tensor y : program.call("forward", inputs)) {
            if (!y.is_floating_point() || !y.requires_grad()) continue;
            Tensor weights = torch.arange(
                            new Scalar(1),
                            new Scalar(y.numel() + 1),
                            new TensorOptions(y.scalar_type().intern()))
                    .view(y.shape())
                    .sin();
            sum = sum.add(y.mul(weights).sum());
        }
        sum.backward();
        for (Map.Entry<String, Tensor> named : expected.entrySet()) {
            Tensor gradient = inputs.get(Integer.parseInt(named.getKey())).grad();
            requireClose("gradient", List.of(named.getValue()), List.of(gradient));
        }
    }

    private static void requireClose(String what, List<Tensor> expected, List<Tensor> actual) {
        List<Tensor> given = actual.size() > expected.size() && expected.isEmpty() ? List.of() : actual;
        if (given.size() != expected.size())
            throw new IllegalStateException(what + "s: " + given.size() + ", not " + expected.size());
        for (int i = 0; i < expected.size(); i++) {
            Tensor e = expected.get(i);
            Tensor a = given.get(i).detach();
            if (!java.util.Arrays.equals(e.shape(), a.shape())
                    || e.scalar_type().intern() != a.scalar_type().intern())
                throw new IllegalStateException(what + " " + i + " has another shape or type");
            if (e.numel() == 0 || Weights.sameBits(e, a)) continue;
            if (!e.is_floating_point()) throw new IllegalStateException(what + " " + i + " differs");
            Tensor x = e.to(ScalarType.Double);
            Tensor y = a.to(ScalarType.Double);
            double largest = x.nan_to_num().abs().max().item_double();
            double difference = x.sub(y).nan_to_num().abs().max().item_double();
            boolean sameNaN = torch.equal(x.isnan(), y.isnan()) && torch.equal(x.isinf(), y.isinf());
            if (!sameNaN || difference > (what.equals("result") ? 2e-6 : 1e-5) * largest + 1e-12)
                throw new IllegalStateException(
                        String.format("%s %d differs by %.1e of %.1e", what, i, difference, largest));
        }
    }
}
