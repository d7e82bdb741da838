package mnist;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import libtorch.AtomicFile;
import mnist.figures.Figure;
import mnist.figures.Fonts;
import mnist.figures.Plots;
import mnist.run.RunRecord;
import mnist.system.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws the losses of Java's and of Python's steps into one plot; make parity trains both and calls this. */
@Command(
        name = "parity",
        description = "Draws the losses of the steps of Java and of Python over one another (make parity calls this).")
final class ParityCommand implements Callable<Integer> {
    private static final int STEPS = 100;

    @Option(
            names = "--trace-dir",
            required = true,
            paramLabel = "DIR",
            description = "Where NAME.json of Java and NAME.python.json lie.")
    private Path folder;

    @Option(
            names = "--figures-dir",
            paramLabel = "DIR",
            description = "Where the figure goes (default: ${DEFAULT-VALUE}).")
    private Path figures = Path.of("figures");

    @Override
    public Integer call() {
        Fonts.check();
        List<Figure> panels = new ArrayList<>();
        for (String model : new Models()) {
            Path python = folder.resolve(model + ".python.json");
            if (Files.exists(python))
                panels.add(Plots.stepLosses(model, losses(folder.resolve(model + RunRecord.SUFFIX)), losses(python)));
        }
        if (panels.isEmpty()) throw new UserError("there are no traces in " + folder, "run make parity");
        Figure.sheet(2, panels).save(figures.resolve("parity.png"), Map.of());
        return 0;
    }

    private static double[] losses(Path file) {
        try {
            JsonObject trace = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            if (!trace.has("stepLosses")) throw new IllegalStateException("it has no losses");
            double[] losses =
                    new Gson().fromJson(trace.getAsJsonArray("stepLosses").get(0), double[].class);
            return Arrays.copyOf(losses, Math.min(STEPS, losses.length));
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file, "run make parity", e);
        } catch (JsonParseException | IllegalStateException | ClassCastException | IndexOutOfBoundsException e) {
            throw new UserError(file + " is no trace", "run make parity", e);
        }
    }
}
