package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrowingDrainsTest {
    /** So many threads cannot be made. */
    private final AtomicInteger missing = new AtomicInteger();

    private final ExecutorService threads =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>()) {
                @Override
                public void execute(Runnable task) {
                    if (missing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        throw new OutOfMemoryError("in a test");
                    }
                    super.execute(task);
                }
            };

    private final GrowingDrains drains = new GrowingDrains(GrowingDrains.MOST, threads);
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

    @Test
    void ofWhatManyGiveItNothingIsLeft() throws Exception {
        int each = 20_000;
        CountDownLatch done = new CountDownLatch(4 * each);
        List<Thread> givers = Stream.generate(() -> new Thread(() -> give(each, done)))
                .limit(4)
                .toList();
        givers.forEach(Thread::start);

        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        await().until(() -> drains.size() == 0);
    }

    @Test
    void whereThreadsAreMissingForAWhileNothingIsLeftAfterIt() throws Exception {
        missing.set(20);
        CountDownLatch done = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            drains.execute(done::countDown);
        }

        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        await().until(() -> drains.size() == 0);
    }

    /** In spurts, so that lanes end and begin all the time. */
    private void give(int many, CountDownLatch done) {
        Random random = new Random(many);
        for (int i = 0; i < many; i++) {
            drains.execute(done::countDown);
            if (random.nextInt(20) == 0) {
                LockSupport.parkNanos(random.nextInt(20_000));
            }
        }
    }

    @Test
    void aTaskThatBreaksHoldsUpNobody() throws Exception {
        CountDownLatch done = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            drains.execute(() -> {
                done.countDown();
                throw new IllegalStateException("in a test");
            });
        }

        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        await().until(() -> drains.size() == 0);
    }

    private void block(AtomicInteger blocked) {
        blocked.incrementAndGet();
        awaitClients();
    }

    private void awaitClients() {
        try {
            clients.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
