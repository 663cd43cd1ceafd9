package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Lets several threads fire everything that can happen to a pump, in any order, and holds it to its promises: one owner
 * at a time, exactly one close, nothing after it, nothing read ahead, nothing lost.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PumpInterleavingTest {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 60_000 : 3_000;

    private ExecutorService workers;
    private ExecutorService container;

    @BeforeAll
    void start() {
        workers = Executors.newFixedThreadPool(3);
        container = Executors.newFixedThreadPool(2);
    }

    @AfterAll
    void stop() {
        workers.shutdownNow();
        container.shutdownNow();
    }

    @Test
    void anUndisturbedStreamAlwaysEndsByItself() throws Exception {
        for (int seed = 0; seed < ROUNDS; seed++) {
            PumpRound round = new PumpRound(new Random(seed), workers, false);
            assertThat(round.run(container)).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void howeverItIsDisturbedItIsClosedOnceAndNothingHappensAfter() throws Exception {
        for (int seed = 0; seed < ROUNDS; seed++) {
            PumpRound round = new PumpRound(new Random(seed), workers, true);
            assertThat(round.run(container)).as("seed %d", seed).isEmpty();
        }
    }
}
