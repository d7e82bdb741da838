package libtorch.zoo;

import java.util.List;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.jspecify.annotations.Nullable;

/** ResNet-18 as in torchvision, whose weights have the same names. */
final class ResNet18 extends Network {
    private final Conv2dImpl conv1 =
            conv2d("conv1", 3, 64, kernel(7).stride(2).padding(3).bias(false));
    private final BatchNorm2dImpl bn1 = batchNorm2d("bn1", 64);
    private final List<BasicBlock> layer1 = blocks("layer1", 2, i -> new BasicBlock(64, 64, 1));
    private final List<BasicBlock> layer2 = blocks("layer2", 2, i -> new BasicBlock(i == 0 ? 64 : 128, 128, 2 - i));
    private final List<BasicBlock> layer3 = blocks("layer3", 2, i -> new BasicBlock(i == 0 ? 128 : 256, 256, 2 - i));
    private final List<BasicBlock> layer4 = blocks("layer4", 2, i -> new BasicBlock(i == 0 ? 256 : 512, 512, 2 - i));
    private final LinearImpl fc;

    ResNet18(long classes) {
        super("ResNet18");
        fc = linear("fc", 512, classes);
    }

    @Override
    public Activation forward(Activation x) { // N×3×H×W
        Activation h = x.conv2d(conv1).batchNorm(bn1).relu().maxPool2d(3, 2, 1);
        for (List<BasicBlock> layer : List.of(layer1, layer2, layer3, layer4)) {
            for (BasicBlock block : layer) h = block.forward(h);
        }
        return h.adaptiveAvgPool2d(1, 1).flatten().linear(fc);
    }

    private static final class BasicBlock extends Network {
        private final Conv2dImpl conv1;
        private final BatchNorm2dImpl bn1;
        private final Conv2dImpl conv2;
        private final BatchNorm2dImpl bn2;
        private final @Nullable Downsample downsample;

        BasicBlock(long in, long out, long stride) {
            super("BasicBlock");
            conv1 = conv2d("conv1", in, out, kernel(3).stride(stride).padding(1).bias(false));
            bn1 = batchNorm2d("bn1", out);
            conv2 = conv2d("conv2", out, out, kernel(3).padding(1).bias(false));
            bn2 = batchNorm2d("bn2", out);
            downsample = stride == 1 ? null : block("downsample", new Downsample(in, out, stride));
        }

        @Override
        public Activation forward(Activation x) {
            Activation h = x.conv2d(conv1).batchNorm(bn1).relu().conv2d(conv2).batchNorm(bn2);
            return h.add(downsample == null ? x : downsample.forward(x)).relu();
        }
    }

    private static final class Downsample extends Network {
        private final Conv2dImpl conv;
        private final BatchNorm2dImpl norm;

        Downsample(long in, long out, long stride) {
            super("Downsample");
            conv = conv2d("0", in, out, kernel(1).stride(stride).bias(false));
            norm = batchNorm2d("1", out);
        }

        @Override
        public Activation forward(Activation x) {
            return x.conv2d(conv).batchNorm(norm);
        }
    }
}
