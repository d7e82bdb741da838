import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.*;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.global.torch;

/**
 * Training as people write it who start from the binding's sample: libtorch's own data loader, which stacks each batch
 * image by image, no PointerScope, and threads as they come. NETWORK IMAGES_A_BATCH DATA IMAGES EPOCHS.
 */
public final class SampleStyle {
    private static Module net;
    private static final List<Conv2dImpl> convs = new ArrayList<>();
    private static final List<LinearImpl> linears = new ArrayList<>();

    private static void conv(long in, long out, long kernel, long padding) {
        Conv2dOptions options = new Conv2dOptions(in, out, new LongPointer(kernel, kernel));
        options.padding().put(new LongPointer(padding, padding));
        convs.add(net.register_module("conv" + (convs.size() + 1), new Conv2dImpl(options)));
    }

    private static void linear(long in, long out) {
        linears.add(net.register_module("linear" + (linears.size() + 1), new LinearImpl(in, out)));
    }

    private static Tensor lin(int i, Tensor x) {
        return linears.get(i - 1).forward(x);
    }

    private static Tensor conv(int i, Tensor x) {
        return convs.get(i - 1).forward(x);
    }

    private static Tensor cnn(Tensor x) {
        x = torch.max_pool2d(torch.relu(conv(1, x)), 2, 2);
        x = torch.max_pool2d(torch.relu(conv(2, x)), 2, 2);
        return torch.log_softmax(lin(2, torch.relu(lin(1, x.view(-1, 1280)))), 1);
    }

    private static Tensor ae(Tensor x) {
        x = x.view(-1, 784);
        for (int i = 1; i <= 8; i++) x = i == 4 || i == 8 ? lin(i, x) : torch.relu(lin(i, x));
        return torch.sigmoid(x).view(-1, 1, 28, 28);
    }

    private static Tensor cae(Tensor x, boolean skips) {
        Tensor pool1 = torch.max_pool2d(torch.relu(conv(1, x)), 2, 2);
        Tensor pool2 = torch.max_pool2d(torch.relu(conv(2, pool1)), 2, 2);
        Tensor z = lin(2, torch.relu(lin(1, pool2.view(-1, 392))));
        Tensor h = torch.relu(lin(4, torch.relu(lin(3, z)))).view(-1, 8, 7, 7);
        h = torch.relu(conv(3, torch.upsample_nearest2d(skips ? h.add(pool2) : h, 14, 14)));
        return torch.sigmoid(conv(4, torch.upsample_nearest2d(skips ? h.add(pool1) : h, 28, 28)));
    }

    private static Tensor forward(String name, Tensor x) {
        return switch (name) {
            case "cnn" -> cnn(x);
            case "ae" -> ae(x);
            default -> cae(x, name.equals("cae-skip"));
        };
    }

    public static void main(String[] arguments) throws Exception {
        // Not in the sample, but without it the first start of all dies beside a system-wide libtorch.
        Loader.cacheResources("/org/bytedeco/pytorch/" + Loader.getPlatform() + "/");
        String name = arguments[0];
        int batch = Integer.parseInt(arguments[1]);
        int images = Integer.parseInt(arguments[3]);
        boolean classifier = name.equals("cnn");
        torch.manual_seed(1);
        net = new Module("net");
        if (classifier) {
            conv(1, 40, 5, 0);
            conv(40, 80, 5, 0);
            linear(1280, 500);
            linear(500, 10);
        } else if (name.equals("ae")) {
            long[] sizes = {784, 256, 128, 32, 2, 32, 128, 256, 784};
            for (int i = 0; i < 8; i++) linear(sizes[i], sizes[i + 1]);
        } else {
            conv(1, 4, 3, 1);
            conv(4, 8, 3, 1);
            linear(392, 20);
            linear(20, 2);
            linear(2, 20);
            linear(20, 392);
            conv(8, 4, 3, 1);
            conv(4, 1, 3, 1);
        }
        Optimizer optimizer;
        if (classifier) {
            SGDOptions options = new SGDOptions(0.01);
            options.momentum().put(0.5);
            optimizer = new SGD(net.parameters(), options);
        } else {
            optimizer = new Adam(net.parameters(), new AdamOptions(1e-3));
        }
        MNISTMapDataset set = new MNIST(arguments[2], MNIST.Mode.kTrain.value).map(new ExampleStack());
        MNISTRandomDataLoader loader =
                new MNISTRandomDataLoader(set, new RandomSampler(set.size().get()), new DataLoaderOptions(batch));

        List<Double> seconds = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        double firstStep = 0;
        for (int epoch = 0; epoch < Integer.parseInt(arguments[4]); epoch++) {
            long start = System.nanoTime();
            double sum = 0;
            int seen = 0;
            for (ExampleIterator it = loader.begin(); seen < images; it = it.increment()) {
                Example example = it.access();
                optimizer.zero_grad();
                Tensor x = example.data();
                Tensor prediction = forward(name, x);
                Tensor loss = classifier ? torch.nll_loss(prediction, example.target()) : torch.mse_loss(prediction, x);
                loss.backward();
                optimizer.step();
                sum += loss.item_float() * batch;
                seen += batch;
                if (firstStep == 0) firstStep = System.currentTimeMillis() / 1e3;
            }
            losses.add(sum / seen);
            seconds.add((System.nanoTime() - start) / 1e9);
        }

        MNISTMapDataset test = new MNIST(arguments[2], MNIST.Mode.kTest.value).map(new ExampleStack());
        List<Double> inference = new ArrayList<>();
        for (long begin = System.nanoTime(); inference.size() < 3 || System.nanoTime() - begin < 2e9; ) {
            MNISTRandomDataLoader tests = new MNISTRandomDataLoader(
                    test, new RandomSampler(test.size().get()), new DataLoaderOptions(1000));
            long start = System.nanoTime();
            for (ExampleIterator it = tests.begin(); !it.equals(tests.end()); it = it.increment())
                forward(name, it.access().data());
            inference.add((System.nanoTime() - start) / 1e9);
        }
        System.out.println(new Gson()
                .toJson(Map.of("seconds", seconds, "losses", losses, "inference", inference, "firstStep", firstStep)));
        System.exit(0);
    }
}
