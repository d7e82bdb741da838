package mnist.prob6;

import java.util.List;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.nn.NetworkMethod;
import libtorch.nn.UpsampleConv2d;
import mnist.evaluation.Encoder;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LinearImpl;

/**
 * The convolutional autoencoder of problem 6, with a code of two numbers. Skip connections add the output of each
 * pooling to the input of the upsampling layer of the same size, so that the decoder does not depend on the code alone.
 * ReLU follows pooling: it commutes with the maximum, and has a quarter of the elements to process there.
 */
public final class ConvAutoencoder extends Network implements Encoder {
    public final Conv2dImpl conv1 = conv2d("conv1", 1, 4, /*kernel*/ 3, /*padding*/ 1);
    public final Conv2dImpl conv2 = conv2d("conv2", 4, 8, 3, 1);
    public final LinearImpl linear1 = linear("linear1", 8 * 7 * 7, 20);
    public final LinearImpl linear2;
    public final LinearImpl linear3;
    public final LinearImpl linear4;
    public final UpsampleConv2d conv3;
    public final UpsampleConv2d conv4;
    private final boolean skip1;
    private final boolean skip2;

    public ConvAutoencoder(boolean skips) {
        this(2, skips, skips);
    }

    /**
     * Creates a variant of the exercise's network.
     *
     * @param codeWidth size of the code
     * @param skip1 whether the first pooling's output is added in the decoder
     * @param skip2 whether the second pooling's output is added in the decoder
     */
    public ConvAutoencoder(int codeWidth, boolean skip1, boolean skip2) {
        super(skip1 || skip2 ? "SkipAutoencoder" : "ConvAutoencoder");
        this.skip1 = skip1;
        this.skip2 = skip2;
        linear2 = linear("linear2", 20, codeWidth);
        linear3 = linear("linear3", codeWidth, 20);
        linear4 = linear("linear4", 20, 8 * 7 * 7);
        conv3 = upsampleConv2d("conv3", 8, 4);
        conv4 = upsampleConv2d("conv4", 4, 1);
    }

    /** The encoder's outputs: the embedding and the features that skip connections pass on. */
    public record Features(Activation z, Activation pool1, Activation pool2) {
        static Features of(List<Activation> values) {
            return new Features(values.get(0), values.get(1), values.get(2));
        }

        List<Activation> values() {
            return List.of(z, pool1, pool2);
        }
    }

    public Features features(Activation x) { // N×1×28×28
        Activation pool1 = x.conv2d(conv1).maxPool2d(2).relu(); // N×4×14×14
        Activation pool2 = pool1.conv2d(conv2).maxPool2d(2).relu(); // N×8×7×7
        Activation z = pool2.flatten().linear(linear1).relu().linear(linear2); // N×codeWidth
        return new Features(z, pool1, pool2);
    }

    public Activation decode(Features f) {
        Activation h = f.z.linear(linear3).relu().linear(linear4).relu().view(-1, 8, 7, 7);
        if (skip2) h = h.add(f.pool2);
        h = h.upsampleConv2d(conv3).relu(); // N×4×14×14
        if (skip1) h = h.add(f.pool1);
        return h.upsampleConv2d(conv4).sigmoid(); // N×1×28×28
    }

    @Override
    public Activation forward(Activation x) {
        return decode(features(x));
    }

    @Override
    public Activation encode(Activation x) {
        return features(x).z;
    }

    @Override
    public List<NetworkMethod> methods(Activation x) {
        Features f = features(x);
        NetworkMethod forward = NetworkMethod.of("forward", "x", x, this::forward);
        NetworkMethod encode = NetworkMethod.of("encode", "x", x, this::encode);
        NetworkMethod features = new NetworkMethod(
                "features", List.of("x"), List.of(x), v -> features(v.get(0)).values());
        NetworkMethod decode = NetworkMethod.of("decode", "z", f.z, z -> decode(new Features(z, null, null)));
        NetworkMethod decodeSkips = new NetworkMethod(
                "decode", List.of("z", "pool1", "pool2"), f.values(), v -> List.of(decode(Features.of(v))));
        return skip1 || skip2 ? List.of(forward, encode, features, decodeSkips) : List.of(forward, encode, decode);
    }
}
