import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import libtorch.LibTorch;
import libtorch.data.Examples;
import libtorch.nn.Network;
import libtorch.training.EpochMetrics;
import libtorch.training.Evaluation;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import mnist.data.Mnist;
import mnist.data.MnistFiles;
import mnist.prob4.Cnn;
import mnist.prob5.Autoencoder;
import mnist.prob6.ConvAutoencoder;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** This project's own training and evaluation, in the bench: NETWORK THREADS DATA IMAGES EPOCHS. */
public final class Ours {
    public static void main(String[] arguments) {
        String name = arguments[0];
        int images = Integer.parseInt(arguments[3]);
        boolean classifier = name.equals("cnn");
        LibTorch.load(
                Integer.parseInt(arguments[1]), name.equals("ae") ? LibTorch.Pool.OPENBLAS : LibTorch.Pool.OPENMP);
        try (PointerScope scope = new PointerScope()) {
            Device cpu = new Device("cpu");
            Mnist mnist = MnistFiles.read(Path.of(arguments[2]), /*verified*/ false)
                    .load(images, null, cpu, torch.ScalarType.Float);
            Supplier<Network> network = switch (name) {
                case "cnn" -> Cnn::new;
                case "ae" -> Autoencoder::new;
                case "cae" -> () -> new ConvAutoencoder(false);
                default -> () -> new ConvAutoencoder(true);
            };
            Examples train =
                    classifier ? mnist.train().classification() : mnist.train().reconstruction();
            Examples test =
                    classifier ? mnist.test().classification() : mnist.test().reconstruction();
            Examples few = Examples.random(1, test::batch); // what is measured after each epoch is not of interest here
            Task<Network> task = new Task<>(
                    name,
                    network,
                    parameters -> classifier ? sgd(parameters) : new Adam(parameters, new AdamOptions(1e-3)),
                    classifier ? (x, y) -> torch.nll_loss(x, y) : torch::mse_loss,
                    train,
                    few,
                    /*seed*/ 1,
                    Integer.parseInt(arguments[4]),
                    classifier ? 64 : 128,
                    new JsonObject());
            Trainer<Network> trainer = Trainer.of(task, cpu, torch.ScalarType.Float);
            long[] firstStep = {0};
            List<EpochMetrics> epochs = trainer.fit(new TrainingListener() {
                @Override
                public void batchDone(Tensor loss) {
                    if (firstStep[0] == 0) firstStep[0] = System.currentTimeMillis();
                }
            });

            List<Double> inference = new ArrayList<>();
            for (long begin = System.nanoTime(); inference.size() < 3 || System.nanoTime() - begin < 2e9; ) {
                long start = System.nanoTime();
                new Evaluation(trainer.network(), test, cpu).mean(batch -> {
                    trainer.network().forward(batch.inputs());
                    return 0;
                });
                inference.add((System.nanoTime() - start) / 1e9);
            }
            System.out.println(new Gson()
                    .toJson(Map.of(
                            "seconds",
                            epochs.stream().map(EpochMetrics::seconds).toList(),
                            "losses",
                            epochs.stream().map(EpochMetrics::trainLoss).toList(),
                            "inference",
                            inference,
                            "firstStep",
                            firstStep[0] / 1e3)));
        }
    }

    private static Optimizer sgd(TensorVector parameters) {
        SGDOptions options = new SGDOptions(0.01);
        options.momentum().put(0.5);
        return new SGD(parameters, options);
    }
}
