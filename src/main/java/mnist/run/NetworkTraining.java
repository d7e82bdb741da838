package mnist.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import libtorch.data.Dataset;
import libtorch.distributed.DataParallel;
import libtorch.export.Format;
import libtorch.nn.MethodGraph;
import libtorch.nn.Network;
import libtorch.nn.Tracer;
import libtorch.training.Checkpoint;
import libtorch.training.EpochMetrics;
import libtorch.training.Evaluation;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import libtorch.training.TrainingState;
import mnist.figures.Figure;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Trains one network with one seed: with progress on the terminal, a checkpoint after each epoch and, where asked for,
 * a window and a trace of losses.
 *
 * @param name what progress calls it, padded to the width of the others' names
 * @param pictures draws, for the window, what the network computes of some examples; or null
 */
record NetworkTraining<N extends Network>(
        RunContext<? extends Dataset> context,
        String name,
        StopSignal signal,
        @Nullable Function<Run<N>, Figure> pictures) {
    /**
     * Trains the network and returns what a function makes of it; null in other ranks than 0. Everything native that
     * training makes is freed at its end.
     *
     * @param run makes a run of a trainer and the epochs so far
     */
    <R> @Nullable R train(Task<N> task, RunMaker<N> run, Function<Run<N>, R> results) {
        Trainer<N> trainer = Trainer.of(task, context.device, context.type());
        long[] inputs = new Evaluation(null, task.test(), context.device)
                .firstBatch(1)
                .inputs()
                .shape();
        List<MethodGraph> methods = Tracer.trace(trainer.network(), Arrays.copyOfRange(inputs, 1, inputs.length));
        try (PointerScope scope = new PointerScope()) {
            Format.check(trainer.network().snapshot(methods)); // before hours of training end in a network that cannot
        }
        Run<N> begun = run.of(trainer, List.of());
        List<EpochMetrics> epochs = fit(trainer, pictures == null ? null : () -> pictures.apply(begun));
        return context.rank.leads() ? results.apply(run.of(trainer, epochs)) : null;
    }

    /** Makes a run. */
    interface RunMaker<N extends Network> {
        Run<N> of(Trainer<N> trainer, List<EpochMetrics> epochs);
    }

    private List<EpochMetrics> fit(Trainer<N> trainer, @Nullable Supplier<Figure> pictures) {
        Task<N> task = trainer.task();
        boolean leads = context.rank.leads();
        Checkpoint checkpoint = new Checkpoint(
                context.checkpointFile(task), trainer, context.data.identity(), leads, context::mayReplaceLeader);
        try (StopSignal.Watch watch = signal.watch();
                Progress progress = new Progress(name, task.epochs());
                PointerScope scope = new PointerScope()) {
            boolean resume = context.options.resume;
            byte[] saved = resume && leads ? checkpoint.read() : new byte[0];
            if (resume && saved.length == 0) progress.say("nothing to resume: starting at the beginning");
            if (context.group != null) saved = context.broadcast(context.group, task, saved);
            TrainingState from = saved.length > 0 ? checkpoint.restore(saved) : TrainingState.START;
            if (saved.length > 0) progress.say("resuming after " + from);
            List<TrainingListener> listeners = new ArrayList<>(List.of(checkpoint, signal));
            if (leads) {
                listeners.add(0, progress);
                if (context.options.traceDir != null) listeners.add(new StepLosses(context.options.traceDir, trainer));
                if (context.window != null && pictures != null)
                    listeners.add(new LiveView(context.window, task, pictures));
            }
            if (context.group == null) return trainer.fit(from, listeners);
            return trainer.as(new DataParallel(trainer.network(), context.group))
                    .fit(from, listeners);
        }
    }
}
