package libtorch.distributed;

import java.util.function.ToDoubleFunction;
import libtorch.LibTorchException;
import libtorch.data.Batch;
import libtorch.data.Examples;
import libtorch.nn.AtenOperator;
import libtorch.nn.Network;
import org.bytedeco.pytorch.BoolVector;
import org.bytedeco.pytorch.LoggerOptional;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Reducer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.SharedModuleVector;
import org.bytedeco.pytorch.SizeTStringMap;
import org.bytedeco.pytorch.SizeTVector;
import org.bytedeco.pytorch.SizeTVectorVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;

/**
 * A replica of a network in a group of processes, each of which computes its share of every batch. The gradients are
 * averaged by the reducer of Python's DistributedDataParallel, called as there, so that a Python process can join.
 */
public final class DataParallel implements Replica {
    private static final long FIRST_BUCKET = torch.kDefaultFirstBucketBytes();
    private static final long BUCKET = torch.kDefaultBucketBytesCap();
    private static final long BROADCAST = 250 << 20; // bytes

    private final RankGroup group;
    private final Rank rank;
    private final Reducer reducer;

    // Of the current batch, in its scope; scale sets them before batchLoss reads them
    private double weight; // this rank's share, as a fraction

    @SuppressWarnings("NullAway.Init")
    private Tensor batchLoss;

    @SuppressWarnings("NullAway.Init")
    private Work batchLossSum;

    /**
     * Broadcasts the weights of rank 0, and averages the gradients of every backward pass from now on.
     *
     * @throws LibTorchException if the network has a layer for which averaged gradients are not enough
     */
    public DataParallel(Module network, RankGroup group) {
        requireGradientsOnly(network);
        this.group = group;
        rank = group.rank();
        TensorVector parameters = new TensorVector(); // those that are trained
        TensorVector values = new TensorVector();
        for (Tensor parameter : network.parameters().get()) {
            values.push_back(parameter.detach());
            if (parameter.requires_grad()) parameters.push_back(parameter);
        }
        BoolVector sparse = new BoolVector(parameters.size());
        for (long i = 0; i < parameters.size(); i++) sparse.put(i, false);
        group.exchange(() -> {
            torch.verify_params_across_processes(group.processes(), parameters, new LoggerOptional());
            torch.broadcast_coalesced(group.processes(), values, BROADCAST, 0);
        });
        reducer = new Reducer(
                parameters,
                buckets(parameters, sparse),
                group.processes(),
                sparse,
                BUCKET,
                /*find_unused_parameters*/ false,
                /*gradient_as_bucket_view*/ false,
                new SizeTStringMap(),
                FIRST_BUCKET,
                false,
                false);
    }

    /**
     * Rejects BatchNorm, whose running statistics would be those of each process's share; and Dropout and RReLU, which
     * would draw other random numbers in each process, so that later batches would differ. Operators that are called by
     * name, or by a program, are rejected by {@link #forward}.
     */
    private static void requireGradientsOnly(Module network) {
        SharedModuleVector modules = network.modules();
        for (long i = 0; i < modules.size(); i++) {
            String name = modules.get(i).name().getString().replaceFirst("^.*torch::nn::(\\w+)Impl$", "$1");
            if (!name.matches("BatchNorm\\dd|(\\w*)Dropout(\\dd)?|RReLU")) continue;
            throw new LibTorchException(
                    network.name().getString() + " has a layer " + name + ", which cannot be trained by several ranks",
                    "train it in one process");
        }
    }

    /**
     * Assigns the parameters to buckets, which are reduced as a whole; the last parameters' gradients are ready first.
     */
    private static SizeTVectorVector buckets(TensorVector parameters, BoolVector sparse) {
        SizeTVectorVector forwards = torch.compute_bucket_assignment_by_size(
                        parameters,
                        new SizeTVector(FIRST_BUCKET, BUCKET),
                        sparse,
                        new LongVector(),
                        new LoggerOptional())
                .get0();
        SizeTVectorVector backwards = new SizeTVectorVector();
        for (long i = forwards.size() - 1; i >= 0; i--) backwards.push_back(forwards.get(i));
        return backwards;
    }

    @Override
    public Batch share(Batch batch) {
        reducer.prepare_for_forward();
        group.exchange(reducer::rebuild_buckets); // once, in the order of the first pass's gradients
        long size = batch.inputs().size(0);
        long share = rank.shareSize(size);
        weight = (double) share / size;
        // An empty share computes one example, with weight 0: the others wait for these gradients too.
        return batch.narrow(rank.shareStart(size), Math.max(1, share));
    }

    @Override
    public Tensor forward(Network network, Tensor inputs) {
        return AtenOperator.onShare(() -> network.forward(inputs));
    }

    @Override
    public Tensor scale(Tensor loss) {
        batchLoss = loss.detach().mul(new Scalar(weight));
        batchLossSum = group.allReduceSumAsync(batchLoss); // overlaps with the backward pass
        reducer.prepare_for_backward(new TensorVector());
        return loss.mul(new Scalar(weight * rank.count())); // the reducer divides the sum by the number of processes
    }

    @Override
    public Tensor batchLoss(Tensor loss) {
        group.exchange(batchLossSum::_wait);
        return batchLoss;
    }

    @Override
    public double mean(Examples examples, ToDoubleFunction<Examples> mean) {
        long size = examples.size();
        long share = rank.shareSize(size);
        double sum = share == 0 ? 0 : share * mean.applyAsDouble(examples.narrow(rank.shareStart(size), share));
        return group.allReduceSum(sum) / size;
    }

    @Override
    public int max(int number) {
        return group.allReduceMax(number);
    }

    @Override
    public boolean isLost(RuntimeException e) {
        return e instanceof LostRankException || LostRankException.isFailedExchange(e);
    }
}
