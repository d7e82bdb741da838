package mnist.example;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import libtorch.AtomicFile;
import libtorch.Tensors;
import libtorch.data.Dataset;
import libtorch.data.Examples;
import mnist.system.UserError;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Houses from a CSV file: eight features a line, then the heating load in kW. Every fifth house is for testing.
 *
 * @param mean of each feature of the training houses: 8 numbers, as std
 */
record Houses(Examples train, Examples test, Tensor mean, Tensor std, Identity identity) implements Dataset {
    static final int FEATURES = 8;

    @Override
    public String summary() {
        return String.format("%s: %,d training and %,d test houses", identity.name(), train.size(), test.size());
    }

    static Houses load(Path file, Device device, ScalarType type) {
        byte[] bytes = read(file);
        List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        if (lines.size() < 11) throw new UserError(file + " holds no ten houses", "name a file with more");
        List<float[]> train = new ArrayList<>();
        List<float[]> test = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            (i % 5 == 0 ? test : train).add(row(lines.get(i), file + ", line " + (i + 1)));
        }
        Tensor rows = tensor(train).to(device, type);
        Tensor features = rows.narrow(1, 0, FEATURES);
        return new Houses(
                examples(rows),
                examples(tensor(test).to(device, type)),
                features.mean(0),
                features.std(new long[] {0}, /*unbiased*/ true, /*keepdim*/ false),
                Identity.of(file.getFileName().toString(), bytes));
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file, "name a CSV file with --data; the command generate writes one", e);
        }
    }

    private static float[] row(String line, String where) {
        try {
            String[] cells = line.split(",");
            float[] row = new float[FEATURES + 1];
            if (cells.length != row.length) throw new NumberFormatException();
            for (int i = 0; i < row.length; i++) row[i] = Float.parseFloat(cells[i]);
            return row;
        } catch (NumberFormatException e) {
            throw new UserError(
                    where + " is not " + (FEATURES + 1) + " numbers, with commas between", "correct the line", e);
        }
    }

    /** Returns N×9. */
    private static Tensor tensor(List<float[]> rows) {
        FloatBuffer values = FloatBuffer.allocate(rows.size() * (FEATURES + 1));
        rows.forEach(values::put);
        return Tensors.of(values.array(), rows.size(), FEATURES + 1);
    }

    /** Makes examples of N×9. The targets are N×1, as the network's outputs, and not N. */
    private static Examples examples(Tensor rows) {
        Tensor inputs = rows.narrow(1, 0, FEATURES);
        Tensor targets = rows.narrow(1, FEATURES, 1);
        return Examples.of(inputs, targets);
    }
}
