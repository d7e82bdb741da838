package mnist.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Describes the machine. */
public final class Machine {
    private Machine() {}

    /** Returns the processor's model and the number of available cores, such as "AMD EPYC, 2 cores". */
    public static String processor() {
        String model = System.getProperty("os.arch");
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            model = lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(model);
        } catch (IOException e) {
            // Linux alone has this file
        }
        return model + ", " + Runtime.getRuntime().availableProcessors() + " cores";
    }
}
