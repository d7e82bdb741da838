package mnist.run;

import libtorch.LibTorch;
import org.jspecify.annotations.Nullable;

/**
 * How a session uses the machine's cores. A small network trains fastest on one thread: two threads wait for each other
 * in every operation, two networks never.
 *
 * @param jobs how many networks train at the same time
 * @param threads of one operation of each
 */
record Cores(int jobs, int threads) {
    /**
     * Shares out cores: to as many networks as there are, and what is left to the threads of each.
     *
     * @param networks how many there are to train
     * @param jobs how many are to train at the same time; null to decide it here
     * @param threads of one operation; null to decide it here
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
