package houses;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import libtorch.LibTorch;
import libtorch.export.Networks;
import libtorch.training.Checkpoint;
import libtorch.training.EpochMetrics;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Trains the network on a CSV file and saves it: {@code Train houses.csv FOLDER [EPOCHS]}. */
final class Train {
    public static void main(String[] arguments) throws IOException {
        int epochs = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 60;
        double error = train(Path.of(arguments[0]), Path.of(arguments[1]), epochs);
        System.out.printf("root mean squared test error: %.3f kW%n", error);
    }

    /** Trains, from the last checkpoint in the folder if there is one, and returns the test error in kW. */
    static double train(Path csv, Path folder, int epochs) throws IOException {
        LibTorch.load(/*threads*/ 1); // fastest for such a small network
        Files.createDirectories(folder);
        try (PointerScope scope = new PointerScope()) { // of data, network and optimizer
            Houses houses = Houses.load(csv);
            System.out.println(houses.summary());
            Task<HeatingLoad> task = Task.of(
                            "heating_load",
                            () -> new HeatingLoad(houses.mean(), houses.std()),
                            Optimizers.adam(5e-3),
                            torch::mse_loss,
                            houses.train(),
                            houses.test())
                    .withEpochs(epochs)
                    .withBatchSize(32);
            Trainer<HeatingLoad> trainer = Trainer.of(task);
            Checkpoint checkpoint = new Checkpoint(folder.resolve("checkpoint"), trainer, houses.identity());
            List<EpochMetrics> metrics = trainer.fit(checkpoint.resume(), List.of(checkpoint, new Printer()));

            Tensor examples = trainer.evaluation().firstBatch(10).inputs();
            for (String format : List.of("pt2", "pt", "safetensors", "onnx"))
                Networks.save(trainer.network(), examples, folder.resolve("heating_load." + format));
            return Math.sqrt(metrics.get(metrics.size() - 1).testLoss());
        }
    }

    /** Prints every tenth epoch. */
    private static final class Printer implements TrainingListener {
        @Override
        public void epochDone(EpochMetrics m, double[] stepLosses) {
            if (m.epoch() % 10 == 0)
                System.out.printf(
                        "epoch %d: train loss %.4f kW², test loss %.4f kW²%n", m.epoch(), m.trainLoss(), m.testLoss());
        }
    }
}
