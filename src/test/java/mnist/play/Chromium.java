package mnist.play;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A headless Chromium with one page, steered through its DevTools protocol as a user would: by pointer and keys. */
final class Chromium implements AutoCloseable {
    private final Process process;
    private final WebSocket socket;
    private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();

    /** What was written to the console, by the page or about it. */
    final List<String> console = Collections.synchronizedList(new ArrayList<>());

    private int sent;

    Chromium(Path profile) throws Exception {
        process = new ProcessBuilder(
                        program().orElseThrow(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path portFile = profile.resolve("DevToolsActivePort");
        for (int i = 0; i < 2400 && (!Files.exists(portFile) || Files.size(portFile) == 0); i++) Thread.sleep(50);
        String port = Files.readAllLines(portFile).get(0);
        HttpClient client = HttpClient.newHttpClient();
        String pages = client.send(
                        java.net.http.HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        String address = JsonParser.parseString(pages).getAsJsonArray().asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(page -> page.get("type").getAsString().equals("page"))
                .findFirst()
                .orElseThrow()
                .get("webSocketDebuggerUrl")
                .getAsString();
        socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(address), new Listener())
                .get(2, TimeUnit.MINUTES);
        call("Runtime.enable", Map.of());
        call("Log.enable", Map.of());
        call("Page.enable", Map.of());
    }

    static Optional<String> program() {
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .filter(name -> Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name))))
                .findFirst();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                JsonObject message = JsonParser.parseString(text.toString()).getAsJsonObject();
                text.setLength(0);
                if (message.has("id")) answers.get(message.get("id").getAsInt()).complete(message);
                else if (message.get("method").getAsString().matches(".*(consoleAPICalled|exceptionThrown|entryAdded)"))
                    console.add(message.get("params").toString());
            }
            from.request(1);
            return null;
        }
    }

    JsonObject call(String method, Map<String, ?> parameters) throws Exception {
        int id = ++sent;
        answers.put(id, new CompletableFuture<>());
        String message = new Gson().toJson(Map.of("id", id, "method", method, "params", parameters));
        socket.sendText(message, true).get(2, TimeUnit.MINUTES);
        JsonObject answer = answers.get(id).get(2, TimeUnit.MINUTES);
        if (answer.has("error")) throw new AssertionError(method + ": " + answer.get("error"));
        return answer.getAsJsonObject("result");
    }

    /** Opens a page, and waits until it is there instead of the one before, and an expression is true in it. */
    void open(URI address, String expression) throws Exception {
        String query = "?" + sent; // by which the two can be told apart
        call("Page.navigate", Map.of("url", address + query));
        await("location.search === '" + query + "' && document.readyState === 'complete' && " + expression);
    }

    /** Evaluates JavaScript in the page, as text. */
    String evaluate(String expression) throws Exception {
        JsonObject result =
                call("Runtime.evaluate", Map.of("expression", "String(" + expression + ")", "returnByValue", true));
        if (result.has("exceptionDetails")) throw new AssertionError(expression + ": " + result);
        return result.getAsJsonObject("result").get("value").getAsString();
    }

    /** Waits until an expression is true. */
    void await(String expression) throws Exception {
        for (int i = 0; i < 1200; i++) {
            try {
                if (evaluate(expression).equals("true")) return;
            } catch (AssertionError notYet) {
                // the page is being replaced, or its script has not run
            }
            Thread.sleep(50);
        }
        throw new AssertionError("it does not come true: " + expression + "; console: " + console);
    }

    /** Returns a point of an element, from 0 to 1 in both directions, in the window. */
    private double[] at(String id, double x, double y) throws Exception {
        String box = "(r => [r.x + r.width * " + x + ", r.y + r.height * " + y + "])(document.getElementById('" + id
                + "').getBoundingClientRect())";
        return Stream.of(evaluate(box).split(","))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    void move(String id, double x, double y) throws Exception {
        mouse("mouseMoved", at(id, x, y), 0);
    }

    /** Presses the button at the first point, moves through all, and lets it go at the last. */
    void drag(String id, double[]... points) throws Exception {
        double[] last = at(id, points[0][0], points[0][1]);
        mouse("mouseMoved", last, 0);
        mouse("mousePressed", last, 1);
        for (double[] point : points) {
            double[] next = at(id, point[0], point[1]);
            for (int i = 1; i <= 5; i++)
                mouse(
                        "mouseMoved",
                        new double[] {last[0] + (next[0] - last[0]) * i / 5, last[1] + (next[1] - last[1]) * i / 5},
                        1);
            last = next;
        }
        mouse("mouseReleased", last, 0);
    }

    private void mouse(String type, double[] at, int buttons) throws Exception {
        String button = type.equals("mouseMoved") && buttons == 0 ? "none" : "left";
        call(
                "Input.dispatchMouseEvent",
                Map.of("type", type, "x", at[0], "y", at[1], "button", button, "buttons", buttons, "clickCount", 1));
    }

    /** Presses a key, as "ArrowUp" or " ", so many times. */
    void press(String key, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            call("Input.dispatchKeyEvent", Map.of("type", "rawKeyDown", "key", key));
            call("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
        }
    }

    @Override
    public void close() throws InterruptedException {
        socket.abort();
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
    }
}
