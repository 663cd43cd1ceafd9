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
 * Lets several threads do everything that can happen to an outbox, in any order, and holds it to its promises: one write
 * at a time, in the order of the offers, nothing lost before the end, exactly one end, the owner told first.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutboxInterleavingTest {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 40_000 : 2_000;

    private ExecutorService workers;
    private ExecutorService threads;

    @BeforeAll
    void start() {
        workers = Executors.newFixedThreadPool(3);
        threads = Executors.newFixedThreadPool(3);
    }

    @AfterAll
    void stop() {
        workers.shutdownNow();
        threads.shutdownNow();
    }

    @Test
    void undisturbedItWritesEverythingAndEndsWhenToldTo() throws Exception {
        for (int seed = 0; seed < ROUNDS; seed++) {
            OutboxRound round = new OutboxRound(new Random(seed), workers, false);
            assertThat(round.run(threads)).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void howeverItIsDisturbedItEndsOnceAndHasWrittenABeginning() throws Exception {
        for (int seed = 0; seed < ROUNDS; seed++) {
            OutboxRound round = new OutboxRound(new Random(seed), workers, true);
            assertThat(round.run(threads)).as("seed %d", seed).isEmpty();
        }
    }
}
