package libtorch.distributed;

import java.util.Map;
import libtorch.LibTorchException;
import org.jspecify.annotations.Nullable;

/**
 * The rank of this process in a run, and the store through which the processes find each other.
 *
 * @param number the rank; 0 writes files, draws and prints
 * @param count number of processes, the world size
 * @param local rank among the processes on this machine
 * @param localCount number of processes on this machine
 * @param host of the store, which the first process or the launcher keeps
 * @param port of the store; 0 if this process starts the others
 * @param keepsStore whether the store is in this process
 * @param attempt how often the launcher has restarted all processes; its store still has the keys of earlier ones
 */
public record Rank(
        int number, int count, int local, int localCount, String host, int port, boolean keepsStore, int attempt) {
    /** Returns rank 0 of {@code count} processes on this machine, which starts the others. */
    public static Rank first(int count) {
        return new Rank(0, count, 0, count, "127.0.0.1", 0, true, 0);
    }

    /**
     * Reads a launcher's environment variables: RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, from torchrun also
     * LOCAL_RANK and LOCAL_WORLD_SIZE, from Slurm SLURM_PROCID, SLURM_NTASKS, SLURM_LOCALID and
     * SLURM_STEP_TASKS_PER_NODE beside MASTER_ADDR and MASTER_PORT.
     *
     * @param wanted how many processes the user asked for, or null
     * @throws LibTorchException if a variable is missing or contradicts another
     */
    public static Rank of(Map<String, String> environment, @Nullable Integer wanted) {
        String variable = variable(environment);
        if (variable == null) return first(wanted == null ? 1 : wanted);
        boolean slurm = !variable.equals("RANK");
        Variables variables = new Variables(environment);
        int count = variables.number(slurm ? "SLURM_NTASKS" : "WORLD_SIZE", 1, 100_000);
        int number = variables.number(variable, 0, count - 1);
        if (wanted != null && wanted != count)
            throw new LibTorchException(
                    "the environment is of " + count + " ranks, but " + wanted + " are asked for", "ask for " + count);
        if (count == 1) return first(1);
        String localName = slurm ? "SLURM_LOCALID" : "LOCAL_RANK";
        int localCount = slurm
                ? tasksPerNode(environment)
                : environment.containsKey("LOCAL_WORLD_SIZE") ? variables.number("LOCAL_WORLD_SIZE", 1, count) : 1;
        int local = environment.containsKey(localName) ? variables.number(localName, 0, count - 1) : 0;
        boolean agentKeepsStore = "True".equals(environment.get("TORCHELASTIC_USE_AGENT_STORE")); // torchrun's
        int attempt = agentKeepsStore ? variables.number("TORCHELASTIC_RESTART_COUNT", 0, Integer.MAX_VALUE) : 0;
        return new Rank(
                number,
                count,
                local,
                localCount,
                variables.text("MASTER_ADDR"),
                variables.number("MASTER_PORT", 1, 65535),
                number == 0 && !agentKeepsStore,
                attempt);
    }

    /** Reads the first node's number of tasks, from a list like "2(x3),1". */
    private static int tasksPerNode(Map<String, String> environment) {
        String name = "SLURM_STEP_TASKS_PER_NODE";
        String first = environment.getOrDefault(name, "1").replaceFirst("(?<=\\d)\\D.*", "");
        return new Variables(Map.of(name, first)).number(name, 1, 100_000);
    }

    /** Returns whether this process prints messages: rank 0 does. */
    public static boolean prints(Map<String, String> environment) {
        String variable = variable(environment);
        return variable == null || "0".equals(environment.get(variable));
    }

    /** Returns the prefix of this process's errors, as "rank 1: "; empty if no launcher started it. */
    public static String prefix(Map<String, String> environment) {
        String variable = variable(environment);
        return variable == null ? "" : "rank " + environment.get(variable) + ": ";
    }

    /** Returns the variable that holds this process's number, or null. */
    private static @Nullable String variable(Map<String, String> environment) {
        if (environment.containsKey("RANK")) return "RANK";
        return environment.containsKey("SLURM_PROCID") && environment.containsKey("MASTER_ADDR")
                ? "SLURM_PROCID"
                : null;
    }

    private record Variables(Map<String, String> environment) {
        String text(String name) {
            String value = environment.get(name);
            if (value == null || value.isBlank())
                throw new LibTorchException(
                        name + " is not set", "set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, or none of them");
            return value;
        }

        int number(String name, int least, int most) {
            String value = text(name);
            if (value.matches("[0-9]{1,9}") && Integer.parseInt(value) >= least && Integer.parseInt(value) <= most)
                return Integer.parseInt(value);
            throw new LibTorchException(name + " is " + value, "it must be from " + least + " to " + most);
        }
    }

    /** Returns whether this is rank 0, which writes files, draws and prints. */
    public boolean leads() {
        return number == 0;
    }

    /** Returns whether a launcher, or the first process, has started this one. */
    public boolean launched() {
        return port != 0;
    }

    public boolean alone() {
        return count == 1;
    }

    /** Returns the index of the first example of this process's share. */
    long shareStart(long examples) {
        return examples * number / count;
    }

    /** Returns the number of examples in this process's share; it may be 0 if there are fewer than processes. */
    long shareSize(long examples) {
        return examples * (number + 1) / count - shareStart(examples);
    }
}
