package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import libtorch.Tensors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the server as a user does. */
class PlayCommandTest implements UsesLibTorch {
    private static final String[] ON_SAMPLE = {
        "play", "--no-browser", "--port", "0", "--unverified-data", "--data-dir", SAMPLE.toString()
    };

    private static URI address(ProcessRun run) throws InterruptedException {
        run.awaitOutput("; Ctrl-C ends it\n");
        Matcher listening = Pattern.compile("listening on (\\S+);").matcher(run.output());
        assertTrue(listening.find(), run.output());
        return URI.create(listening.group(1));
    }

    private static Path plainModel(Path folder) throws Exception {
        Files.copy(Path.of("saved/mnist_cae.pt"), folder.resolve("mnist_cae.pt"));
        return folder;
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void aSignalEndsIt(String signal, int status, @TempDir Path folder) throws Exception {
        assumeFalse(StopTest.ignores(status - 128));
        String[] arguments = Arrays.copyOf(ON_SAMPLE, ON_SAMPLE.length + 2);
        arguments[ON_SAMPLE.length] = "--saved-dir";
        arguments[ON_SAMPLE.length + 1] = plainModel(folder).toString();
        try (ProcessRun run = ProcessRun.of(List.of(), arguments)) {
            HttpRequest page = HttpRequest.newBuilder(address(run)).build();
            assertEquals(
                    200,
                    HttpClient.newHttpClient()
                            .send(page, BodyHandlers.ofString())
                            .statusCode());
            run.signal(signal);
            assertEquals(status, run.status(), run.output());
            for (String[] missing : new String[][] {
                {"mnist_cnn.safetensors", "prob4"},
                {"mnist_ae.pt", "prob5"},
                {"mnist-cae-skip.pt", "prob6"},
                {"mnist_cae_noisy.pt", "prob6"}
            }) {
                String line = folder.resolve(missing[0]) + " is missing: make " + missing[1] + " makes it\n";
                assertTrue(run.output().contains(line), run.output());
            }
            assertEquals(6, run.output().lines().count(), run.output()); // five are missing, and the address
        }
    }

    @Test
    void whereItCannotStartOneLineSaysWhy(@TempDir Path folder) throws Exception {
        CommandLineRun empty = CommandLineRun.of(ON_SAMPLE, "--saved-dir", folder);
        assertEquals(1, empty.status());
        assertEquals(
                "error: there is no model in " + folder + "; run make prob4, make prob5 or make prob6\n", empty.err());
        plainModel(folder);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandLineRun run = CommandLineRun.of(
                    ON_SAMPLE, "--saved-dir", folder, "--port", Integer.toString(taken.getLocalPort()));
            assertEquals(1, run.status());
            assertEquals(
                    "error: port " + taken.getLocalPort() + " cannot be listened on (Address already in use); "
                            + "name another with --port, or 0 for any that is free\n",
                    run.err());
        }
        Files.writeString(folder.resolve("mnist_ae.pt"), "no model");
        CommandLineRun damaged = CommandLineRun.of(ON_SAMPLE, "--saved-dir", folder);
        assertEquals(1, damaged.status());
        assertTrue(
                damaged.err()
                        .startsWith("error: " + folder.resolve("mnist_ae.pt") + " is no model that can be opened; "),
                damaged.err());
        assertEquals(1, damaged.err().lines().count());
    }

    /** Prints what docs/PLAY.md tells, for the models that are in saved/. */
    @Test
    @Tag("soak")
    void aHundredThousandRequestsAreAnsweredInFlatMemory() throws Exception {
        int clients = 4, each = 25_000;
        // The JVM's share is fixed, so that what grows is native.
        List<String> heap = List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");
        try (ProcessRun run = ProcessRun.of(heap, ON_SAMPLE)) {
            URI address = address(run);
            HttpClient client = HttpClient.newHttpClient();
            String image =
                    Arrays.toString(Tensors.floats(UsesLibTorch.sample().test().images(0, 1)));
            String[] paths = {"decode", "encode", "decode", "reconstruct"};
            long[][] nanos = new long[clients][each];
            long[] kilobytes = new long[10];
            long start = System.nanoTime();
            ExecutorService pool = Executors.newFixedThreadPool(clients);
            List<Future<Object>> done = LongStream.range(0, clients)
                    .mapToObj(c -> pool.submit((Callable<Object>) () -> {
                        for (int i = 0; i < each; i++) {
                            String path = paths[i % paths.length];
                            String body = path.equals("decode")
                                    ? "{\"model\":\"mnist_cae\",\"points\":[[" + i % 7 + "," + c + "]]}"
                                    : "{\"image\":" + image + ",\"noise\":0.3,\"seed\":" + i + "}";
                            HttpRequest request = HttpRequest.newBuilder(address.resolve("/api/" + path))
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build();
                            long before = System.nanoTime();
                            int status = client.send(request, BodyHandlers.discarding())
                                    .statusCode();
                            nanos[(int) c][i] = System.nanoTime() - before;
                            assertEquals(200, status);
                            if (c == 0 && (i + 1) % (each / 10) == 0)
                                kilobytes[(i + 1) / (each / 10) - 1] = MemoryTest.residentKilobytes(run.pid());
                        }
                        return null;
                    }))
                    .toList();
            for (Future<Object> future : done) future.get();
            pool.shutdown();
            double seconds = (System.nanoTime() - start) / 1e9;
            long[] sorted =
                    Arrays.stream(nanos).flatMapToLong(Arrays::stream).sorted().toArray();
            System.out.printf(
                    "%,d requests, %.0f a second; median %.1f ms, 99th percentile %.1f ms, longest %.0f ms%n"
                            + "resident MB after each tenth: %s%n",
                    sorted.length,
                    sorted.length / seconds,
                    sorted[sorted.length / 2] / 1e6,
                    sorted[(int) (0.99 * sorted.length)] / 1e6,
                    sorted[sorted.length - 1] / 1e6,
                    Arrays.stream(kilobytes).map(kb -> kb / 1024).boxed().toList());
            double growth = (double) kilobytes[9] / kilobytes[1] - 1;
            assertTrue(growth < 0.02, "it grew by " + 100 * growth + " %");
        }
    }
}
