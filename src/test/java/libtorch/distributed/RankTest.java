package libtorch.distributed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import libtorch.LibTorchException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankTest {
    private static final Map<String, String> USUAL =
            Map.of("RANK", "3", "WORLD_SIZE", "4", "MASTER_ADDR", "node1", "MASTER_PORT", "29500");

    private static Map<String, String> and(Map<String, String> environment, String... more) {
        Map<String, String> all = new HashMap<>(environment);
        for (int i = 0; i < more.length; i += 2) all.put(more[i], more[i + 1]);
        return all;
    }

    @Test
    void withoutALauncherThisIsTheFirstOfAsManyAsAreAskedFor() {
        assertTrue(Rank.of(Map.of(), null).alone());
        Rank rank = Rank.of(Map.of("WORLD_SIZE", "7"), 4);
        assertEquals(new Rank(0, 4, 0, 4, "127.0.0.1", 0, true, 0), rank);
        assertTrue(rank.leads());
    }

    @Test
    void theUsualVariablesAreRead() {
        assertEquals(new Rank(3, 4, 0, 1, "node1", 29500, false, 0), Rank.of(USUAL, null));
        assertEquals(new Rank(0, 4, 0, 1, "node1", 29500, true, 0), Rank.of(and(USUAL, "RANK", "0"), 4));
        assertFalse(Rank.of(USUAL, null).leads());
        assertTrue(Rank.of(and(USUAL, "RANK", "0", "WORLD_SIZE", "1"), null).alone());
    }

    @Test
    void torchrunNumbersTheProcessesOfAMachineAndKeepsTheStore() {
        Map<String, String> torchrun = and(
                USUAL,
                "LOCAL_RANK",
                "1",
                "LOCAL_WORLD_SIZE",
                "2",
                "TORCHELASTIC_USE_AGENT_STORE",
                "True",
                "TORCHELASTIC_RESTART_COUNT",
                "5");
        assertEquals(new Rank(3, 4, 1, 2, "node1", 29500, false, 5), Rank.of(torchrun, null));
        assertEquals(
                new Rank(0, 4, 0, 2, "node1", 29500, false, 5),
                Rank.of(and(torchrun, "RANK", "0", "LOCAL_RANK", "0"), null));
    }

    @Test
    void slurmNumbersTasksAndCountsOnlyWithAnAddress() {
        Map<String, String> slurm = Map.of(
                "SLURM_PROCID",
                "1",
                "SLURM_NTASKS",
                "2",
                "SLURM_LOCALID",
                "0",
                "MASTER_ADDR",
                "node1",
                "MASTER_PORT",
                "29500");
        assertEquals(new Rank(1, 2, 0, 1, "node1", 29500, false, 0), Rank.of(slurm, null));
        assertEquals("rank 1: ", Rank.prefix(slurm));
        assertEquals(
                4,
                Rank.of(and(slurm, "SLURM_STEP_TASKS_PER_NODE", "4(x2),3"), null)
                        .localCount());
        assertTrue(
                Rank.of(Map.of("SLURM_PROCID", "1", "SLURM_NTASKS", "2"), null).alone());
    }

    @Test
    void errorsNameTheRankWhereThereIsOne() {
        assertEquals("", Rank.prefix(Map.of()));
        assertEquals("rank 3: ", Rank.prefix(USUAL));
        assertTrue(Rank.prints(Map.of()) && Rank.prints(and(USUAL, "RANK", "0")));
        assertFalse(Rank.prints(USUAL));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "WORLD_SIZE  |      | WORLD_SIZE is not set; set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, or none of them",
                "MASTER_ADDR |      | MASTER_ADDR is not set; set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, or none of them",
                "RANK        | 4    | RANK is 4; it must be from 0 to 3",
                "RANK        | -1   | RANK is -1; it must be from 0 to 3",
                "WORLD_SIZE  | many | WORLD_SIZE is many; it must be from 1 to 100000",
                "MASTER_PORT | 0    | MASTER_PORT is 0; it must be from 1 to 65535"
            })
    void variablesThatMakeNoSenseAreRefused(String name, String value, String message) {
        assertEquals(
                message,
                assertThrows(LibTorchException.class, () -> Rank.of(and(USUAL, name, value == null ? "" : value), null))
                        .getMessage());
    }

    @Test
    void anotherNumberOfRanksThanTheLaunchersIsRefused() {
        assertEquals(
                "the environment is of 4 ranks, but 2 are asked for; ask for 4",
                assertThrows(LibTorchException.class, () -> Rank.of(USUAL, 2)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"10, 1", "128, 4", "24, 5", "3, 4", "1, 7", "0, 2", "60000, 100"})
    void sharesAreConsecutiveNearlyEqualAndTogetherEverything(long examples, int count) {
        long next = 0;
        for (int i = 0; i < count; i++) {
            Rank rank = new Rank(i, count, 0, 1, "node1", 29500, i == 0, 0);
            assertEquals(next, rank.shareStart(examples));
            assertTrue(Math.abs(rank.shareSize(examples) - (double) examples / count) < 1);
            next += rank.shareSize(examples);
        }
        assertEquals(examples, next);
    }
}
