import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import java.nio.file.Path;
import java.util.Arrays;

/** Times a traced network on DJL's PyTorch engine: FILE.pt THREADS CALLS SIZE SIZE...; prints the median of the calls in ms. */
public final class DjlProgram {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("ai.djl.pytorch.num_threads", arguments[1]);
        System.setProperty("ai.djl.offline", "true");
        Path file = Path.of(arguments[0]);
        double[] milliseconds = new double[Integer.parseInt(arguments[2])];
        long[] sizes = Arrays.stream(arguments, 3, arguments.length)
                .mapToLong(Long::parseLong)
                .toArray();
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("network", "PyTorch")) {
            model.load(file.getParent(), file.getFileName().toString());
            try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
                NDList input = new NDList(manager.randomNormal(new Shape(sizes)));
                for (int i = -3; i < milliseconds.length; i++) {
                    long start = System.nanoTime();
                    try (NDManager call = manager.newSubManager()) {
                        predictor.predict(input).attach(call);
                    }
                    if (i >= 0) milliseconds[i] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
        Arrays.sort(milliseconds);
        System.out.println(milliseconds[milliseconds.length / 2]);
    }
}
