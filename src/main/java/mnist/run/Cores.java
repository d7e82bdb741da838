package mnist.run;

import libtorch.LibTorch;
import org.jspecify.annotations.Nullable;

/**
 * The use of the machine's cores by a session. Small networks train fastest on one thread each: threads of one network
 * wait for each other in every operation.
 *
 * @param jobs how many networks train at the same time
 * @param threads number of threads of each network's operations
 */
record Cores(int jobs, int threads) {
    /**
     * Divides the cores among the networks first, and the rest among the threads of each.
     *
     * @param networks number of networks to train
     * @param jobs number of networks to train at the same time; null to choose it here
     * @param threads threads of one operation; null to choose it here
     */
    static Cores share(int cores, int networks, @Nullable Integer jobs, @Nullable Integer threads) {
        int most = threads == null ? cores : Math.max(1, cores / threads);
        int atOnce = Math.min(networks, jobs == null ? most : jobs);
        return new Cores(atOnce, threads == null ? LibTorch.defaultThreads(cores, atOnce) : threads);
    }

    @Override
    public String toString() {
        String each = threads + (threads == 1 ? " thread" : " threads");
        return jobs == 1 ? each : jobs + " networks at once, " + each + " each";
    }
}
