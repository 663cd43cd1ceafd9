package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrowingDrainsTest {
    private final GrowingDrains drains = new GrowingDrains();
    private final CountDownLatch clients = new CountDownLatch(1);

    @AfterEach
    void close() {
        clients.countDown();
        drains.close();
    }

    @Test
    void sixtyFourClientsThatTakeNothingHoldUpNobodyElse() throws Exception {
        AtomicInteger blocked = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1000);
        for (int i = 0; i < GrowingDrains.MOST - GrowingDrains.CORE; i++) {
            drains.execute(() -> block(blocked));
        }
        for (int i = 0; i < 1000; i++) {
            drains.execute(done::countDown);
        }

        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(blocked).hasValue(64);
        assertThat(drains.size()).isLessThanOrEqualTo(GrowingDrains.MOST);
    }

    @Test
    void itShrinksWhenNobodyBlocksAnyMore() throws Exception {
        AtomicInteger blocked = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            drains.execute(() -> block(blocked));
        }
        await().until(() -> blocked.get() == 20);
        clients.countDown();

        await().atMost(Duration.ofSeconds(60)).until(() -> drains.size() <= GrowingDrains.CORE);
    }

    @Test
    void itGrowsAgainAfterTheWatchdogHasRested() throws Exception {
        TimeUnit.MILLISECONDS.sleep(1200);

        sixtyFourClientsThatTakeNothingHoldUpNobodyElse();
    }

    private void block(AtomicInteger blocked) {
        try {
            drains.block(() -> {
                blocked.incrementAndGet();
                awaitClients();
            });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitClients() {
        try {
            clients.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
