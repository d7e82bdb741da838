package mnist.run;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class TrainingQueueTest {
    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(1, TimeUnit.MINUTES));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anErrorIsThrownWhenNoNetworkIsTrainedAnyMore() {
        TrainingQueue queue = new TrainingQueue(new StopSignal(), /*names*/ true);
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Optional<String>> failed = new CompletableFuture<>();
        AtomicBoolean done = new AtomicBoolean();
        queue.add("first", failed, () -> {
            await(begun);
            throw new OutOfMemoryError("of a test");
        });
        queue.add("second", new CompletableFuture<Optional<String>>(), () -> {
            begun.countDown();
            assertThrows(RuntimeException.class, failed::join);
            LockSupport.parkNanos(100_000_000); // for as long the other thread could throw
            done.set(true);
            return Optional.empty();
        });
        assertThrows(OutOfMemoryError.class, () -> queue.run(2));
        assertTrue(done.get());
    }
}
