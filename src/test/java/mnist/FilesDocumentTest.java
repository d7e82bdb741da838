package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import libtorch.export.Format;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Does what docs/FILES.md says. */
class FilesDocumentTest implements UsesLibTorch {
    @TempDir
    static Path folder;

    @BeforeAll
    static void train() {
        CommandLineRun run = CommandLineRun.onSample("prob6", folder, "--only", "plain", "--epochs", "1");
        assertEquals("", run.err());
    }

    private static List<String> document() throws IOException {
        return Files.readAllLines(Path.of("docs/FILES.md"));
    }

    private static String here(String code) {
        return code.replace("saved/", folder.resolve("saved") + "/");
    }

    /** Returns the table's rows: format, import and code. */
    static Stream<String[]> rows() throws IOException {
        return document().stream()
                .filter(line -> line.startsWith("| `."))
                .map(line -> Arrays.stream(line.split("\\|"))
                        .map(cell -> cell.strip().replaceAll("^`\\.?|`$", ""))
                        .skip(1)
                        .limit(3)
                        .toArray(String[]::new))
                .filter(row -> Format.names().contains(row[0]));
    }

    @Test
    void everyFormatHasARow() throws IOException {
        assertEquals(
                Format.names().stream().sorted().toList(),
                rows().map(row -> row[0]).sorted().toList());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theCodeInTheTableAnswersWhatTorchScriptAnswers(String format, String imports, String code) throws Exception {
        PythonRun.of(imports + "\nimport torch", """
                import sys
                sys.path.insert(0, "grading")
                from networks import ConvAutoencoder
                torch.set_grad_enabled(False)
                images = (torch.arange(3 * 784) %% 7 / 7).view(3, 1, 28, 28)
                model = ConvAutoencoder()
                answer = %s
                answer = torch.as_tensor(answer) if hasattr(answer, "shape") else model(images)
                expected = torch.jit.load(sys.argv[1])(images)
                assert (answer - expected).abs().max() <= 2e-6 * expected.abs().max()
                """.formatted(here(code)), folder.resolve("saved/mnist_cae.pt"));
    }

    @Test
    void torchLoadRefusesTorchScriptSince26() throws Exception {
        PythonRun.of(
                "from importlib.metadata import version\n"
                        + "assert tuple(int(part) for part in version('torch').split('.')[:2]) >= (2, 6)\nimport torch",
                """
                import sys
                try:
                    torch.load(sys.argv[1])
                except RuntimeError as error:
                    assert "TorchScript" in str(error), error
                else:
                    raise AssertionError("it was opened")
                """,
                folder.resolve("saved/mnist_cae.pt"));
    }

    @Test
    void theCommandsMeasureTheModel() throws IOException {
        List<String> losses = new ArrayList<>();
        for (String line : document()) {
            if (!line.startsWith("java ")) continue;
            String[] words = here(line).replaceFirst(".* eval", "eval").split(" ");
            CommandLineRun run = CommandLineRun.of(words, "--data-dir", SAMPLE, "--unverified-data");
            assertEquals("", run.err());
            losses.add(run.out().replaceFirst("(?s).*(test loss [0-9.]+).*", "$1"));
        }
        assertTrue(losses.size() >= 3 && losses.stream().distinct().count() == 1, losses.toString());
    }
}
