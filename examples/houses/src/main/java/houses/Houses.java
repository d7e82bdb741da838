package houses;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import libtorch.Tensors;
import libtorch.data.Dataset;
import libtorch.data.Examples;
import org.bytedeco.pytorch.Tensor;

/**
 * Houses from a CSV file: per line eight features, then the heating load in kW. Every fifth house is for testing.
 *
 * @param mean of each feature of the training houses: 8 numbers, as std
 */
record Houses(Examples train, Examples test, Tensor mean, Tensor std, Dataset identity) {
    static final int FEATURES = 8;

    /** Returns name and sizes in one line. */
    public String summary() {
        return String.format("%s: %,d training and %,d test houses", identity.name(), train.size(), test.size());
    }

    /** Reads a file; the tensors belong to the open scope. */
    static Houses load(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        List<float[]> train = new ArrayList<>();
        List<float[]> test = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) { // the first line has the names
            if (lines.get(i).isBlank()) continue;
            (i % 5 == 0 ? test : train).add(row(lines.get(i), file + ", line " + (i + 1)));
        }
        if (test.size() < 2) throw new IllegalArgumentException(file + " has fewer than ten houses");
        Tensor rows = tensor(train);
        Tensor features = rows.narrow(1, 0, FEATURES);
        return new Houses(
                examples(rows),
                examples(tensor(test)),
                features.mean(0),
                features.std(new long[] {0}, /*unbiased*/ true, /*keepdim*/ false),
                Dataset.of(file.getFileName().toString(), Files.readAllBytes(file)));
    }

    private static float[] row(String line, String where) {
        String[] cells = line.split(",");
        float[] row = new float[FEATURES + 1];
        if (cells.length != row.length)
            throw new IllegalArgumentException(where + " has " + cells.length + " numbers, not " + row.length);
        try {
            for (int i = 0; i < row.length; i++) row[i] = Float.parseFloat(cells[i]);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
        return row;
    }

    /** Returns N×9. */
    private static Tensor tensor(List<float[]> rows) {
        FloatBuffer values = FloatBuffer.allocate(rows.size() * (FEATURES + 1));
        rows.forEach(values::put);
        return Tensors.of(values.array(), rows.size(), FEATURES + 1);
    }

    /** Returns the examples in rows, N×9. The targets have the shape of the network's outputs, N×1, not N. */
    private static Examples examples(Tensor rows) {
        Tensor inputs = rows.narrow(1, 0, FEATURES);
        Tensor targets = rows.narrow(1, FEATURES, 1);
        return Examples.of(inputs, targets);
    }
}
