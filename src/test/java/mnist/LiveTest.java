package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trains with --live, with and without a display. */
class LiveTest implements UsesLibTorch {
    private static final String[] RUN = {"--only", "noisy", "--epochs", "12", "--train-size", "300", "--test-size", "50"
    };

    @Test
    void withoutADisplayARunSaysSoAndGoesOn(@TempDir Path folder) throws Exception {
        try (ProcessRun run = ProcessRun.onSample(
                Map.of("DISPLAY", ""),
                List.of(),
                "prob6",
                folder,
                "--only plain --epochs 1 --train-size 128 --test-size 50 --live".split(" "))) {
            assertEquals(0, run.status(), run.output());
            assertTrue(run.output().contains("no display") && run.output().contains("epoch  1/1"), run.output());
        }
    }

    @Test
    void onADisplayAWindowIsPaintedAndTheResultIsTheSame(@TempDir Path live, @TempDir Path plain, @TempDir Path screen)
            throws Exception {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "Xvfb"))),
                "there is no virtual display");
        Process display = new ProcessBuilder(
                        "Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-fbdir", screen.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            String number = display.inputReader().readLine();
            try (ProcessRun run = ProcessRun.onSample(
                    Map.of("DISPLAY", ":" + number),
                    List.of(),
                    "prob6",
                    live,
                    Stream.concat(Stream.of(RUN), Stream.of("--live")).toArray(String[]::new))) {
                run.awaitOutput("epoch  8/12");
                assertTrue(
                        painted(screen.resolve("Xvfb_screen0")) > 0.45,
                        "the curves alone would paint a third of the screen");
                assertEquals(0, run.status(), run.output());
            }
        } finally {
            display.destroy();
            display.waitFor();
        }
        assertEquals(0, CommandLineRun.onSample("prob6", plain, RUN).status());
        ResumeTest.assertSameResults(live, plain, "mnist_cae_noisy");
    }

    /** Returns the share of a screen that is not black. */
    private static double painted(Path framebuffer) throws IOException {
        byte[] bytes = Files.readAllBytes(framebuffer);
        int lit = 0;
        for (byte b : bytes) if (b != 0) lit++;
        return (double) lit / bytes.length;
    }
}
