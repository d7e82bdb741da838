package mnist.run;

import java.nio.file.Path;
import java.util.Map;
import mnist.data.Mnist;
import org.jspecify.annotations.Nullable;

/**
 * Measures trained networks beyond what a problem asks. A session finds all studies by {@link java.util.ServiceLoader},
 * so that the problems need not know of them.
 */
public interface Study {
    /**
     * Measures a network after its training.
     *
     * @return an object whose fields, or a map whose entries, join the metrics in the run's record, of Java values only;
     *     null where this is not a network that is studied
     */
    @Nullable
    Object measure(Run<?> run, Mnist data);

    /**
     * Draws what was measured.
     *
     * @param records of the models that were saved, by their names
     */
    void draw(Path folder, Map<String, RunRecord> records);
}
