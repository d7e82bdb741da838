package mnist.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoresTest {
    @ParameterizedTest
    @CsvSource({
        // cores, networks, --jobs, --threads: jobs, threads
        "2, 4, , , 2, 1",
        "4, 4, , , 4, 1",
        "8, 4, , , 4, 2",
        "64, 4, , , 4, 4", // these networks gain nothing beyond four threads
        "3, 2, , , 2, 1",
        "2, 1, , , 1, 2",
        "1, 4, , , 1, 1",
        "2, 4, 1, , 1, 2",
        "2, 4, 4, , 4, 1",
        "2, 2, 8, , 2, 1",
        "8, 4, , 2, 4, 2",
        "4, 4, , 2, 2, 2",
        "2, 4, , 3, 1, 3",
        "2, 4, 2, 3, 2, 3"
    })
    void networksComeBeforeThreadsAndTogetherTheyNeedNoMoreThanTheCores(
            int cores, int networks, Integer jobs, Integer threads, int atOnce, int each) {
        assertEquals(new Cores(atOnce, each), Cores.share(cores, networks, jobs, threads));
    }

    @Test
    void theLineBeforeTrainingNamesThem() {
        assertEquals("2 threads", new Cores(1, 2).toString());
        assertEquals("4 networks at once, 1 thread each", new Cores(4, 1).toString());
    }
}
