package mnist.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopSignalTest {
    @Test
    void theFirstSignalStopsTrainingAndTheSecondEndsTheProcess() {
        List<Integer> halts = new ArrayList<>();
        StopSignal signal = new StopSignal(halts::add);
        assertEquals(0, signal.stop());
        signal.received(2);
        assertEquals(130, signal.stop());
        assertEquals(List.of(), halts);
        signal.received(2);
        assertEquals(List.of(130), halts);
    }

    @Test
    void sigtermAsksForStatus143() {
        StopSignal signal = new StopSignal(status -> {});
        signal.received(15);
        assertEquals(143, signal.stop());
    }
}
