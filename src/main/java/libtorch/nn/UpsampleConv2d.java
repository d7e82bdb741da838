package libtorch.nn;

import static org.bytedeco.pytorch.global.torch.pixel_shuffle;

import libtorch.Tensors;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Nearest upsampling by two and a 3×3 convolution, as one convolution of the small image, in half the time. The four
 * output pixels of a small pixel depend on the same 3×3 small pixels, each by its own kernel: the sums of the taps that
 * fall on the same small pixel. They are computed as four channels, which a pixel shuffle rearranges.
 */
public final class UpsampleConv2d {
    /**
     * The small pixel (rows: before, same, after) on which each tap (columns) falls, for even and then for odd pixels.
     */
    private static final float[] FOLD = {
        1, 0, 0,
        0, 1, 1,
        0, 0, 0,
        0, 0, 0,
        1, 1, 0,
        0, 0, 1
    };

    private final Conv2dImpl conv;
    private final Tensor fold;

    /** Takes the weights of a 3×3 convolution with padding 1 and a bias. */
    public UpsampleConv2d(Conv2dImpl conv) {
        this.conv = conv;
        fold = Tensors.of(FOLD, 6, 3);
        conv.register_buffer("_fold", fold); // moves to the weights' device
    }

    Conv2dImpl conv() {
        return conv;
    }

    Tensor forward(Tensor x) { // N×in×H×W
        long out = conv.weight().size(0);
        long in = conv.weight().size(1);
        Tensor kernels = fold.matmul(conv.weight()).matmul(fold.t()).view(out, in, 2, 3, 2, 3);
        kernels = kernels.permute(0, 2, 4, 1, 3, 5).reshape(4 * out, in, 3, 3).contiguous(MemoryFormat.ChannelsLast);
        TensorOptional bias = new TensorOptional(conv.bias().repeat_interleave(4));
        long[] one = {1, 1};
        Tensor h = torch.conv2d(x, kernels, bias, /*stride*/ one, /*padding*/ one, /*dilation*/ one, 1); // N×4·out×H×W
        return pixel_shuffle(h, 2); // N×out×2H×2W
    }
}
