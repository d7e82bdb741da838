package mnist.play;

import java.awt.Desktop;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import libtorch.LibTorch;
import mnist.run.DeviceOptions;
import mnist.run.MnistOptions;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves a page to try the saved models, until the process is stopped. */
@Command(
        name = "play",
        description = "Opens a page to draw digits and walk the latent planes; Ctrl-C ends it. "
                + "--threads is how many requests are computed at once.")
public final class PlayCommand implements Callable<Integer> {
    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Where to listen, on this machine only; 0: any free one (default: ${DEFAULT-VALUE}).")
    private int port = 28028;

    @Option(names = "--no-browser", description = "Print the address, and open no browser.")
    private boolean noBrowser;

    @Option(
            names = "--saved-dir",
            paramLabel = "DIR",
            description = "Where the models are (default: ${DEFAULT-VALUE}). A .pt file is code, which runs: "
                    + "name only a folder you trust.")
    private Path savedDir = Path.of("saved");

    @Mixin
    private final DeviceOptions options = new DeviceOptions();

    @Mixin
    private final MnistOptions mnist = new MnistOptions();

    @Override
    public Integer call() throws InterruptedException {
        options.validate();
        mnist.validate();
        options.require(port >= 0 && port <= 65535, "--port", port, "from 0 to 65535");
        LibTorch.load(options.threads);
        try (PointerScope scope = new PointerScope()) { // of the models and images, until the process ends
            Device device = LibTorch.device(options.device);
            SavedModels models = SavedModels.load(savedDir, device);
            models.missing().forEach(System.out::println);
            Api api = new Api(models, mnist.loadTest(device).test(), device);
            try (PlayServer server = new PlayServer(api, port, options.threads)) {
                // On a signal the JVM runs this and exits with 128 + the signal's number.
                Runtime.getRuntime().addShutdownHook(new Thread(server::close));
                System.out.println("listening on " + server.address() + "; Ctrl-C ends it");
                if (!noBrowser) open(server.address());
                new CountDownLatch(1).await();
            }
        }
        return 0;
    }

    /** Opens a browser if there is a display; if this fails, the user has the printed address. */
    private static void open(URI address) {
        try {
            if (System.getProperty("os.name").equals("Linux")) {
                if (System.getenv("DISPLAY") == null && System.getenv("WAYLAND_DISPLAY") == null) return;
                new ProcessBuilder("xdg-open", address.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
            } else if (Desktop.isDesktopSupported()) {
                Desktop.getDesktop().browse(address);
            }
        } catch (IOException | UnsupportedOperationException e) {
            System.err.println("no browser could be opened: open the address by hand");
        }
    }
}
