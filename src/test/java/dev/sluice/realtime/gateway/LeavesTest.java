package dev.sluice.realtime.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How many are told of, when many go. */
class LeavesTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Queue<String> told = new ConcurrentLinkedQueue<>();

    @Test
    void whoeverGoesIsToldInOrder() {
        try (Leaves leaves = new Leaves(user -> told.add(user) ? 2 : 0, meters)) {
            leaves.gone("Ann");
            leaves.gone("Ben");

            await().untilAsserted(() -> assertThat(told).containsExactly("Ann", "Ben"));
            assertThat(untold()).isZero();
        }
    }

    @Test
    void inASmallPlaceEveryoneIsToldHoweverMany() {
        try (Leaves leaves = new Leaves(user -> told.add(user) ? 2 : 0, meters)) {
            for (int i = 1; i <= 1_000; i++) {
                leaves.gone("n" + i);
                int soFar = i;
                await().pollInterval(Duration.ofMillis(1)).until(() -> told.size() == soFar);
            }
            assertThat(untold()).isZero();
        }
    }

    @Test
    void ofVeryManyTheFirstAreToldAndNobodyElse() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        try (Leaves leaves = new Leaves(user -> tell(user, slow), meters)) {
            IntStream.range(0, 1_000).forEach(i -> leaves.gone("n" + i));
            assertThat(untold()).isEqualTo(900);
            slow.countDown();

            await().untilAsserted(() -> {
                leaves.gone("late");
                assertThat(told).contains("late");
            });
            List<String> first = told.stream().limit(100).toList();
            assertThat(first)
                    .containsExactlyElementsOf(
                            IntStream.range(0, 100).mapToObj(i -> "n" + i).toList());
            assertThat(told.stream().skip(100)).containsOnly("late");
        }
    }

    private int tell(String user, CountDownLatch slow) {
        try {
            slow.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        told.add(user);
        return 10_000;
    }

    private double untold() {
        return meters.get("sluice.gateway.leaves.untold").counter().count();
    }
}
