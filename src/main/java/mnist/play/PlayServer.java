package mnist.play;

import com.google.gson.Gson;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import libtorch.LibTorch;
import mnist.system.UserError;
import org.bytedeco.pytorch.global.torch;

/**
 * Serves the page and the API to this machine's browsers, over HTTP on the loopback interface.
 *
 * <p>Separate threads read and write sockets, so that a slow client does not block the threads that compute. The latter
 * are a fixed pool, because libtorch keeps memory for every thread that ever called it.
 */
final class PlayServer implements AutoCloseable {
    private static final int CONNECTIONS = 32;
    private static final int WAITING = 16; // requests in the queue
    private static final int MOST_BYTES = 1 << 17; // of a body
    private static final String JSON = "application/json";

    /** Allows scripts, styles and requests from this server only, and no frames of other pages around it. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    static {
        // The JDK reads these once. Without the first, Nagle's algorithm delays each response by 40 ms; the others,
        // in seconds, end requests that do not arrive and responses that are not read.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "10");
        System.setProperty("jdk.httpserver.maxConnections", "200");
    }

    private record Document(String type, byte[] content) {}

    private final Api api;
    private final Map<String, Document> documents = new HashMap<>();
    private final HttpServer server;
    private final ExecutorService connections = Executors.newFixedThreadPool(CONNECTIONS);
    private final ThreadPoolExecutor workers;
    private final Set<String> hosts;

    /**
     * Starts to listen.
     *
     * @param port 0 for any that is free
     * @param threads number of threads that compute, each with one libtorch thread
     * @throws UserError if the port is not available
     */
    PlayServer(Api api, int port, int threads) {
        this.api = api;
        resource("/", "play.html", "text/html; charset=utf-8");
        resource("/play.css", "play.css", "text/css; charset=utf-8");
        resource("/play.js", "play.js", "text/javascript; charset=utf-8");
        api.documents().forEach((path, text) -> documents.put(path, json(text)));
        workers = new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING),
                task -> new Thread(() -> {
                    torch.set_num_threads(1); // for calls from this thread: the pool uses all cores already
                    task.run();
                }));
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UserError(
                    "port " + port + " cannot be listened on (" + LibTorch.firstLine(e) + ")",
                    "name another with --port, or 0 for any that is free",
                    e);
        }
        int actual = server.getAddress().getPort();
        hosts = Set.of("127.0.0.1:" + actual, "localhost:" + actual);
        server.createContext("/", this::handle);
        server.setExecutor(connections);
        server.start();
    }

    private void resource(String path, String name, String type) {
        try (InputStream in = Objects.requireNonNull(PlayServer.class.getResourceAsStream(name))) {
            documents.put(path, new Document(type, in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Security-Policy", POLICY);
            headers.set("Cross-Origin-Resource-Policy", "same-origin");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("Cache-Control", "no-store");
            Document document;
            int status = 200;
            try {
                document = respond(exchange);
            } catch (RequestException e) {
                status = e.status();
                if (status == 503) headers.set("Retry-After", "1");
                document = json(new Gson().toJson(Map.of("error", String.valueOf(e.getMessage()))));
            }
            headers.set("Content-Type", document.type);
            if (exchange.getRequestMethod().equals("HEAD")) {
                headers.set("Content-Length", Integer.toString(document.content.length));
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            exchange.sendResponseHeaders(status, document.content.length);
            exchange.getResponseBody().write(document.content);
        }
    }

    private Document respond(HttpExchange exchange) throws IOException {
        requireOwn(exchange.getRequestHeaders());
        String path = exchange.getRequestURI().getPath();
        Document document = documents.get(path);
        boolean posted = api.methods().contains(path);
        if (document == null && !posted) throw new RequestException(404, "there is nothing at this path");
        String method = exchange.getRequestMethod();
        if (document != null && (method.equals("GET") || method.equals("HEAD"))) return document;
        if (!posted || !method.equals("POST")) {
            String allowed = posted ? "POST" : "GET, HEAD";
            exchange.getResponseHeaders().set("Allow", allowed);
            throw new RequestException(405, "this path takes " + allowed);
        }
        return json(computed(path, body(exchange)));
    }

    /**
     * Refuses requests from pages of other sites. Such a page may resolve its own name to this address (DNS rebinding):
     * then the Host header has that name; otherwise the Origin header names the page's site.
     */
    private void requireOwn(Headers headers) {
        List<String> host = headers.getOrDefault("Host", List.of());
        List<String> origin = headers.getOrDefault("Origin", List.of());
        if (host.size() != 1 || !hosts.contains(host.get(0).toLowerCase(Locale.ROOT)))
            throw new RequestException(403, "the Host header must be one of " + hosts);
        if (!origin.isEmpty() && !origin.equals(List.of("http://" + host.get(0))))
            throw new RequestException(403, "requests from other sites are refused");
    }

    private static String body(HttpExchange exchange) throws IOException {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        // Browsers let pages of other sites send other types without a CORS preflight, but not this one.
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(JSON))
            throw new RequestException(415, "the Content-Type must be " + JSON);
        byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
        if (body.length > MOST_BYTES)
            throw new RequestException(413, "the body must be at most " + MOST_BYTES + " bytes");
        return new String(body, StandardCharsets.UTF_8);
    }

    /** Computes the answer in the pool, and waits for it. */
    private String computed(String path, String body) {
        Future<String> answer;
        try {
            answer = workers.submit(() -> api.answer(path, body));
        } catch (RejectedExecutionException e) {
            throw new RequestException(503, "too many requests at once; try again");
        }
        try {
            return answer.get();
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (cause instanceof RequestException refused) throw refused;
            System.err.println("error: " + path + ": " + LibTorch.firstLine(cause));
            throw new RequestException(500, "the server failed; its terminal says why");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RequestException(503, "the server is ending");
        }
    }

    private static Document json(String text) {
        return new Document(JSON, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Stops accepting requests, and waits a few seconds at most for those in progress. */
    @Override
    public void close() {
        connections.shutdown();
        workers.shutdown();
        try {
            if (!connections.awaitTermination(2, TimeUnit.SECONDS)) connections.shutdownNow();
            workers.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
    }
}
