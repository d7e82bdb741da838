package mnist.play;

import static java.nio.charset.StandardCharsets.UTF_8;
import static mnist.play.TestServer.floats;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.export.Model;
import mnist.UsesLibTorch;
import mnist.prob4.Cnn;
import mnist.prob4.Prob4;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares what the API answers with what the models compute, and sends it what it must refuse. */
class PlayServerTest implements UsesLibTorch {
    private static final float[] BLANK = new float[28 * 28];

    private static TestServer server;
    private static Tensor image; // 1×1×28×28
    private static float[] pixels;

    @BeforeAll
    static void start() {
        server = new TestServer(2);
        image = server.data.test().images(3, 1);
        pixels = Tensors.floats(image);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Model model(String name) {
        return Model.open(TestServer.saved().resolve(name + ".pt"), new Device("cpu"));
    }

    @Test
    void theClassifierAnswersAsItsSavedFile() throws Exception {
        JsonObject answer = server.post("/api/predict", Map.of("image", pixels));
        float[] expected =
                Tensors.floats(model(Prob4.MODEL).call("forward", image).exp());
        assertArrayEquals(expected, floats(answer.get("probabilities")), 1e-6f);
        assertEquals(
                expected[answer.get("digit").getAsInt()],
                Arrays.stream(boxed(expected)).max().orElseThrow());
    }

    private static double[] boxed(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) doubles[i] = values[i];
        return doubles;
    }

    @Test
    void everyAutoencoderAnswersAsItsSavedFile() throws Exception {
        JsonObject points = server.post("/api/encode", Map.of("image", pixels)).getAsJsonObject("points");
        JsonObject rebuilt = server.post("/api/reconstruct", Map.of("image", pixels));
        assertArrayEquals(pixels, floats(rebuilt.get("input")), 5e-5f);
        assertEquals(
                List.of("mnist_ae", "mnist_cae", "mnist-cae-skip", "mnist_cae_noisy", "mnist-cae-skip-noisy"),
                List.copyOf(points.keySet()));
        for (String name : points.keySet()) {
            float[] z = Tensors.floats(model(name).call("encode", image));
            Tensor output = model(name).call("forward", image);
            JsonObject made = rebuilt.getAsJsonObject("models").getAsJsonObject(name);
            assertArrayEquals(z, floats(points.get(name)), 1e-5f, name);
            assertArrayEquals(z, floats(made.get("point")), 1e-5f, name);
            assertArrayEquals(Tensors.floats(output), floats(made.get("image")), 6e-5f, name);
            double error = torch.mse_loss(output, image).item_double();
            assertEquals(error, made.get("error").getAsDouble(), 1e-6, name);
        }
    }

    @Test
    void pointsAreDecodedInTheirOrder() throws Exception {
        float[][] points = {{0, 0}, {3, -2}, {-1, 0.5f}};
        JsonArray images = server.post("/api/decode", Map.of("model", "mnist_cae", "points", points))
                .getAsJsonArray("images");
        assertEquals(3, images.size());
        for (int i = 0; i < 3; i++) {
            Tensor expected = model("mnist_cae").call("decode", Tensors.of(points[i], 1, 2));
            assertArrayEquals(Tensors.floats(expected), floats(images.get(i)), 6e-5f);
        }
    }

    @Test
    void withSkipConnectionsAnImageAndItsOwnPointGiveItsReconstruction() throws Exception {
        Model model = model("mnist-cae-skip");
        float[][] points = {Tensors.floats(model.call("encode", image)), {50, 50}};
        JsonArray images = server.post(
                        "/api/decode", Map.of("model", "mnist-cae-skip", "points", points, "image", pixels))
                .getAsJsonArray("images");
        assertArrayEquals(Tensors.floats(model.call("forward", image)), floats(images.get(0)), 6e-5f);
        assertFalse(Arrays.equals(floats(images.get(0)), floats(images.get(1))));
    }

    @Test
    void noiseHasTheStandardDeviationAndTheSeedThatWereAskedFor() throws Exception {
        Map<String, Object> request = Map.of("image", pixels, "noise", 0.3, "seed", 5);
        JsonObject answer = server.post("/api/reconstruct", request);
        GeneratorOptional generator = new GeneratorOptional(torch.make_generator_cpu(5));
        Tensor noise = torch.randn(new long[] {1, 1, 28, 28}, generator, new TensorOptions(torch.ScalarType.Float));
        Tensor input = image.add(noise.mul(new Scalar(0.3)));
        assertArrayEquals(Tensors.floats(input), floats(answer.get("input")), 6e-5f);
        Tensor output = model("mnist-cae-skip-noisy").call("forward", input);
        JsonObject made = answer.getAsJsonObject("models").getAsJsonObject("mnist-cae-skip-noisy");
        assertArrayEquals(Tensors.floats(output), floats(made.get("image")), 6e-5f);
        assertEquals(
                torch.mse_loss(output, image).item_double(), made.get("error").getAsDouble(), 1e-6);
        assertNotEquals(
                answer.get("input"),
                server.post("/api/reconstruct", Map.of("image", pixels, "noise", 0.3, "seed", 6))
                        .get("input"));
    }

    @Test
    void activationsAreTheFirstLayersConvolutionByHand() throws Exception {
        JsonArray activations =
                server.post("/api/activations", Map.of("image", pixels)).getAsJsonArray("activations");
        JsonObject models = get("/api/models");
        JsonArray filters = models.getAsJsonObject("classifier").getAsJsonArray("filters");
        assertEquals(40, activations.size());
        Cnn network = new Cnn();
        libtorch.export.Safetensors.load(TestServer.saved().resolve("mnist_cnn.safetensors"), network);
        float[] bias = Tensors.floats(network.state().get("conv1.bias"));
        for (int filter : new int[] {0, 17, 39}) {
            float[] kernel = floats(filters.get(filter));
            float[] map = floats(activations.get(filter));
            assertEquals(24 * 24, map.length);
            for (int y = 0; y < 24; y++) {
                for (int x = 0; x < 24; x++) {
                    double sum = bias[filter];
                    for (int k = 0; k < 25; k++) sum += kernel[k] * pixels[(y + k / 5) * 28 + x + k % 5];
                    assertEquals(Math.max(0, sum), map[y * 24 + x], 6e-5);
                }
            }
        }
    }

    @Test
    void digitsAndEmbeddingsAreThoseOfTheTestSet() throws Exception {
        JsonObject digit = server.post("/api/digit", Map.of("index", 3));
        assertArrayEquals(pixels, floats(digit.get("image")), 5e-5f);
        long[] labels = Tensors.longs(server.data.test().labels());
        assertEquals(labels[3], digit.get("label").getAsLong());
        JsonObject embeddings = get("/api/embeddings");
        assertEquals(200, embeddings.getAsJsonArray("labels").size());
        JsonArray points = embeddings.getAsJsonObject("points").getAsJsonArray("mnist-cae-skip");
        assertEquals(200, points.size());
        float[] expected = Tensors.floats(model("mnist-cae-skip").call("encode", image));
        assertArrayEquals(expected, floats(points.get(3)), 6e-5f);
    }

    @Test
    void aDrawingIsCentred() throws Exception {
        float[] drawing = new float[60 * 40];
        Arrays.fill(drawing, 0, 60 * 4, 0.5f); // four rows of 60 columns, which become 1.33 of 20
        float[] image = floats(server.post("/api/center", Map.of("width", 60, "pixels", drawing))
                .get("image"));
        assertEquals(0.5 * 20, Arrays.stream(boxed(image)).sum(), 1e-3);
        assertEquals(0.5f, image[14 * 28 + 5]);
    }

    private static JsonObject get(String path) throws Exception {
        HttpResponse<String> response = server.send(server.request(path).build());
        assertEquals(200, response.statusCode());
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "predict     | ``                                   | the body is not a JSON object",
                "predict     | {                                    | the body is not JSON",
                "predict     | {image:[1]}                          | the body is not JSON",
                "predict     | {\"image\":[NaN]}                    | the body is not JSON",
                "predict     | {\"seed\":1} {}                      | the body is not JSON",
                "predict     | [1,2]                                | the body is not a JSON object",
                "predict     | null                                 | the body is not a JSON object",
                "predict     | {}                                   | image is missing",
                "predict     | {\"image\":null}                     | image must be an array",
                "predict     | {\"image\":\"7\"}                    | image must be an array",
                "predict     | {\"image\":[0,1]}                    | image must have 784 numbers, but has 2",
                "predict     | {\"image\":BLANK,\"noise\":-1}       | noise must be a number from 0 to 10",
                "predict     | {\"image\":BLANK,\"noise\":1e999}    | noise must be a number from 0 to 10",
                "predict     | {\"image\":BLANK,\"noise\":\"1\"}    | noise must be a number from 0 to 10",
                "predict     | {\"image\":BLANK,\"seed\":1.5}       | seed must be an integer from 0 to 2147483647",
                "predict     | {\"image\":BLANK,\"seed\":-1}        | seed must be an integer from 0 to 2147483647",
                "reconstruct | {\"image\":WRONG}                    | image[783] must be a number from 0 to 1",
                "encode      | {\"image\":NESTED}                   | image[783] must be a number from 0 to 1",
                "decode      | {\"points\":[[0,0]]}                 | model is missing",
                "decode      | {\"model\":7,\"points\":[[0,0]]}     | model must be a text",
                "decode      | {\"model\":\"mnist_cae\"}            | points is missing",
                "decode      | {\"model\":\"mnist_cae\",\"points\":[]} | points must be 1 to 64 points",
                "decode      | {\"model\":\"mnist_cae\",\"points\":MANY} | points must be 1 to 64 points",
                "decode      | {\"model\":\"mnist_cae\",\"points\":[[0,0],[1]]} | points[1] must have 2 numbers, but has 1",
                "decode      | {\"model\":\"mnist_cae\",\"points\":[0,0]} | points[0] must be an array",
                "decode      | {\"model\":\"mnist_cae\",\"points\":[[0,1e7]]} | points[0][1] must be a number from -1000000 to 1000000",
                "decode      | {\"model\":\"mnist-cae-skip\",\"points\":[[0,0]]} | image is missing: with skip connections an image is decoded too",
                "digit       | {\"index\":200}                      | index must be an integer from 0 to 199",
                "digit       | {\"index\":true}                     | index must be an integer from 0 to 199",
                "center      | {\"width\":0,\"pixels\":[1]}         | width must be an integer from 1 to 128",
                "center      | {\"width\":2,\"pixels\":[1,0,1]}     | pixels must be 1 to 128 rows of width numbers",
                "center      | {\"width\":1,\"pixels\":[]}          | pixels must be 1 to 128 rows of width numbers",
                "center      | {\"width\":1,\"pixels\":MANY}        | pixels[0] must be a number from 0 to 1",
                "center      | {\"width\":28,\"pixels\":BLANK}      | pixels has no ink"
            })
    void whatIsMalformedIsRefusedWithItsReason(String method, String body, String reason) throws Exception {
        String blank = Arrays.toString(BLANK);
        String many = "[" + "[0,0],".repeat(64) + "[0,0]]";
        String sent = body.replace("BLANK", blank)
                .replace("WRONG", blank.replaceFirst("0.0]$", "1.01]"))
                .replace("NESTED", blank.replaceFirst("0.0]$", "[0]]"))
                .replace("MANY", many);
        HttpResponse<String> response = server.send(server.json("/api/" + method, sent));
        assertEquals("{\"error\":\"" + reason + "\"}", response.body());
        assertEquals(400, response.statusCode());
    }

    @Test
    void unknownFieldsModelsAndDeepTextsAreRefused() throws Exception {
        for (String body : List.of(
                "{\"image\":" + Arrays.toString(BLANK) + ",\"nois\":0.3}",
                "{\"image\":" + "[".repeat(60_000),
                "{\"image\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}")) {
            HttpResponse<String> response = server.send(server.json("/api/predict", body));
            assertEquals(400, response.statusCode());
            assertTrue(response.body().startsWith("{\"error\":\"the body "), response.body());
        }
        HttpResponse<String> response =
                server.send(server.json("/api/decode", "{\"model\":\"<script>\",\"points\":[[0,0]]}"));
        assertEquals(400, response.statusCode());
        assertTrue(response.body().startsWith("{\"error\":\"model must be one of [mnist_ae, "), response.body());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /, 200",
        "HEAD, /play.js, 200",
        "GET, /play.css, 200",
        "GET, /api/models, 200",
        "POST, /, 405",
        "GET, /api/predict, 405",
        "OPTIONS, /api/predict, 405",
        "PUT, /api/predict, 405",
        "POST, /api/models, 405",
        "GET, /favicon.ico, 404",
        "GET, /play.html, 404",
        "GET, /PlayServer.class, 404",
        "GET, /../pom.xml, 404",
        "GET, /%2e%2e/pom.xml, 404",
        "GET, //etc/passwd, 404",
        "POST, /api/predict/, 404"
    })
    void onlyItsOwnPathsAreThere(String method, String path, int status) throws Exception {
        int port = server.server.address().getPort();
        assertEquals(status, server.raw(method + " " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n"));
    }

    /** With $ for the port. */
    @ParameterizedTest
    @CsvSource({
        "Host: 127.0.0.1:$, 200",
        "Host: LocalHost:$, 200",
        "Host: evil.example:$, 403",
        "Host: evil.example, 403",
        "Host: 127.0.0.1, 403",
        "Host: 127.0.0.1:1, 403",
        "Host: 127.0.0.1:$.evil.example, 403",
        "Host: 127.0.0.1:$;Host: evil.example, 403",
        "Accept: */*, 403",
        "Host: 127.0.0.1:$;Origin: http://127.0.0.1:$, 200",
        "Host: 127.0.0.1:$;Origin: http://localhost:$, 403",
        "Host: 127.0.0.1:$;Origin: https://evil.example, 403",
        "Host: 127.0.0.1:$;Origin: null, 403",
        "Host: evil.example;Origin: http://evil.example, 403"
    })
    void whatAnotherSiteSendsIsRefused(String headers, int status) throws Exception {
        String port = Integer.toString(server.server.address().getPort());
        String head = headers.replace("$", port).replace(";", "\r\n") + "\r\n";
        assertEquals(status, server.raw("GET /api/models HTTP/1.1\r\n" + head + "\r\n"));
        String body = "{\"index\":0}";
        String post = "POST /api/digit HTTP/1.1\r\n" + head + "Content-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
        assertEquals(status, server.raw(post));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"})
    void onlyJsonIsTaken(String type) throws Exception {
        HttpRequest request = server.request("/api/digit")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString("{\"index\":0}"))
                .build();
        assertEquals(415, server.send(request).statusCode());
    }

    @Test
    void aBodyIsLimitedWhetherItsLengthIsToldOrNot() throws Exception {
        String body = "{\"index\":0" + " ".repeat((1 << 17) - 11) + "}"; // 128 KiB
        assertEquals(200, server.send(server.json("/api/digit", body)).statusCode());
        assertEquals(413, server.send(server.json("/api/digit", body + " ")).statusCode());
        HttpRequest chunked = server.request("/api/digit")
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream((body + " ").getBytes(UTF_8))))
                .build();
        assertEquals(413, server.send(chunked).statusCode());
    }

    @Test
    void everyResponseTellsTheBrowserToBeStrict() throws Exception {
        for (HttpRequest request : List.of(
                server.request("/").build(), server.request("/none").build(), server.json("/api/digit", "{}"))) {
            var headers = server.send(request).headers();
            assertEquals("nosniff", headers.firstValue("X-Content-Type-Options").orElseThrow());
            assertTrue(
                    headers.firstValue("Content-Security-Policy").orElseThrow().startsWith("default-src 'none'; "));
            assertEquals(
                    "same-origin",
                    headers.firstValue("Cross-Origin-Resource-Policy").orElseThrow());
            assertTrue(headers.firstValue("Access-Control-Allow-Origin").isEmpty());
        }
    }

    @Test
    void moreRequestsThanCanWaitAreToldToTryAgain() throws Exception {
        String body = "{\"model\":\"mnist_cae\",\"points\":[" + "[0,0],".repeat(63) + "[0,0]]}";
        try (TestServer small = new TestServer(1)) {
            List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
            for (int i = 0; i < 100; i++)
                responses.add(
                        small.client.sendAsync(small.json("/api/decode", body), HttpResponse.BodyHandlers.ofString()));
            int refused = 0;
            for (CompletableFuture<HttpResponse<String>> response : responses) {
                int status = response.get().statusCode();
                assertTrue(status == 200 || status == 503, "status " + status);
                if (status == 503) refused++;
            }
            assertTrue(refused > 0 && refused < 84, refused + " refused"); // 16 wait, and one is computed
            assertEquals(200, small.send(small.json("/api/decode", body)).statusCode());
        }
    }

    @Test
    void requestsLeaveNoNativeObjectBehind() throws Exception {
        List<String> paths = List.of("predict", "activations", "encode", "reconstruct");
        long before = 0;
        for (int i = 0; i < 60; i++) {
            if (i == 20) before = Pointer.totalCount();
            for (String path : paths) server.post("/api/" + path, Map.of("image", pixels, "noise", 0.1));
            server.post("/api/decode", Map.of("model", "mnist_cae", "points", new float[][] {{0, i}}));
            server.send(server.json("/api/predict", "{\"image\":[]}"));
        }
        assertTrue(Pointer.totalCount() <= before, (Pointer.totalCount() - before) + " native objects are left");
    }

    @Test
    void aPortThatIsInUseIsNamed() {
        int port = server.server.address().getPort();
        Api api = new Api(server.models, server.data.test(), new Device("cpu"));
        LibTorchException error = assertThrows(LibTorchException.class, () -> new PlayServer(api, port, 1));
        assertEquals(
                "port " + port + " cannot be listened on (Address already in use); "
                        + "name another with --port, or 0 for any that is free",
                error.getMessage());
    }
}
