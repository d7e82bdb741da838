package mnist.play;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import mnist.CommandLineRun;
import mnist.UsesLibTorch;
import mnist.data.Mnist;
import org.bytedeco.pytorch.Device;

/** A server over the autoencoders in the repository and a classifier of the sample, and a client of it. */
final class TestServer implements AutoCloseable {
    private static final Path SAVED = trained();

    final Mnist data = UsesLibTorch.sample();
    final SavedModels models = SavedModels.load(SAVED, new Device("cpu"));
    final PlayServer server;
    final HttpClient client = HttpClient.newHttpClient();

    TestServer(int threads) {
        server = new PlayServer(new Api(models, data.test(), new Device("cpu")), 0, threads);
    }

    /** Returns a folder with all six models, which the tests of a JVM share. */
    static Path saved() {
        return SAVED;
    }

    private static Path trained() {
        try {
            Path folder = Files.createTempDirectory("play-test");
            String[] options = {"--epochs", "5", "--batch-size", "16", "--lr", "0.1", "--momentum", "0.5"};
            assertEquals(0, CommandLineRun.onSample("prob4", folder, options).status());
            assertEquals(
                    0, CommandLineRun.onSample("prob5", folder, "--epochs", "1").status());
            Path saved = folder.resolve("saved");
            for (String name : new String[] {"mnist_cae", "mnist-cae-skip", "mnist_cae_noisy", "mnist-cae-skip-noisy"})
                Files.copy(Path.of("saved", name + ".pt"), saved.resolve(name + ".pt"));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            return saved;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.address().resolve(path));
    }

    HttpRequest json(String path, String body) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** Posts a body that is in order. */
    JsonObject post(String path, Map<String, ?> body) throws IOException, InterruptedException {
        HttpResponse<String> response = send(json(path, new Gson().toJson(body)));
        assertEquals(200, response.statusCode(), response.body());
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    static float[] floats(JsonElement array) {
        return new Gson().fromJson(array, float[].class);
    }

    /** Sends bytes as they are, and returns the response's status. */
    int raw(String text) throws IOException {
        URI address = server.address();
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            String head = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            return Integer.parseInt(head.substring(9)); // after HTTP/1.1
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
