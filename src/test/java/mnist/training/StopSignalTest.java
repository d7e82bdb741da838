package mnist.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopSignalTest {
    @Test
    void theFirstSignalIsAWishAndTheSecondEndsTheProcess() {
        List<Integer> halts = new ArrayList<>();
        StopSignal signal = new StopSignal(halts::add);
        assertEquals(0, signal.exitWanted());
        signal.heard(2);
        assertEquals(130, signal.exitWanted());
        assertEquals(List.of(), halts);
        signal.heard(2);
        assertEquals(List.of(130), halts);
    }

    @Test
    void sigtermAsksForStatus143() {
        StopSignal signal = new StopSignal(status -> {});
        signal.heard(15);
        assertEquals(143, signal.exitWanted());
    }
}
