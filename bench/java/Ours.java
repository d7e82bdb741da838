import com.google.gson.Gson;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mnist.data.Examples;
import mnist.data.Mnist;
import mnist.prob4.Cnn;
import mnist.prob5.Autoencoder;
import mnist.prob6.ConvAutoencoder;
import mnist.prob6.SkipAutoencoder;
import mnist.runtime.LibTorch;
import mnist.torchscript.Network;
import mnist.training.EpochMetrics;
import mnist.training.Evaluation;
import mnist.training.Trainer;
import mnist.training.TrainingListener;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
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
            Mnist mnist = Mnist.load(Path.of(arguments[2]), false, images, null, cpu, torch.ScalarType.Float);
            torch.manual_seed(1);
            Network network = switch (name) {
                case "cnn" -> new Cnn();
                case "ae" -> new Autoencoder();
                case "cae" -> new ConvAutoencoder();
                default -> new SkipAutoencoder();
            };
            Examples train =
                    classifier ? mnist.train().classification() : mnist.train().reconstruction();
            Examples test =
                    classifier ? mnist.test().classification() : mnist.test().reconstruction();
            Optimizer optimizer = classifier ? sgd(network) : new Adam(network.parameters(), new AdamOptions(1e-3));
            Examples few = new Examples() { // what is measured after each epoch is not of interest here
                        @Override
                        public long size() {
                            return 1;
                        }

                        @Override
                        public mnist.data.Batch batch(Tensor indices) {
                            return test.batch(indices);
                        }
                    };
            Trainer trainer = new Trainer(
                    network,
                    optimizer,
                    classifier ? (x, y) -> torch.nll_loss(x, y) : torch::mse_loss,
                    train,
                    few,
                    classifier ? 64 : 128,
                    cpu);
            long[] firstStep = {0};
            List<EpochMetrics> epochs = trainer.fit(Integer.parseInt(arguments[4]), new TrainingListener() {
                @Override
                public void batchDone(Tensor loss) {
                    if (firstStep[0] == 0) firstStep[0] = System.currentTimeMillis();
                }
            });

            List<Double> inference = new ArrayList<>();
            for (long begin = System.nanoTime(); inference.size() < 3 || System.nanoTime() - begin < 2e9; ) {
                long start = System.nanoTime();
                new Evaluation(network, test, cpu).mean(batch -> {
                    network.forward(batch.inputs());
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

    private static Optimizer sgd(Network network) {
        SGDOptions options = new SGDOptions(0.01);
        options.momentum().put(0.5);
        return new SGD(network.parameters(), options);
    }
}
