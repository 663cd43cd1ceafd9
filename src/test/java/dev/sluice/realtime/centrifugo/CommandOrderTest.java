package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CommandOrderTest {
    private final Queue<Runnable> workers = new ArrayDeque<>();
    private final CommandOrder order = new CommandOrder(workers::add);
    private final List<String> begun = new ArrayList<>();
    private final Map<String, CompletableFuture<String>> answers = new HashMap<>();

    @Test
    void whatWaitsForNothingBeginsAtOnce() {
        publish("a", "publish");
        order.subscribe("a", CompletableFuture.completedFuture(null));
        order.read("b", () -> begun.add("read"));

        assertThat(begun).containsExactly("publish", "read");
        assertThat(workers).isEmpty();
    }

    @Test
    void aSubscriptionIsWaitedForByWhatComesBehindItInItsChannel() {
        CompletableFuture<Object> subscribed = new CompletableFuture<>();
        order.subscribe("a", subscribed);
        publish("a", "first");
        publish("a", "second");
        order.read("a", () -> begun.add("read"));
        order.read("b", () -> begun.add("elsewhere"));
        publish("b", "also elsewhere");
        work();
        assertThat(begun).containsExactly("elsewhere", "also elsewhere");

        subscribed.completeExceptionally(new IllegalStateException("refused"));
        assertThat(begun).as("who ends the waiting does not begin what waited").hasSize(2);
        work();
        assertThat(begun).endsWith("first", "second").doesNotContain("read");
    }

    @Test
    void aReadingWaitsForThePublicationsBeforeItAndForNoLaterOnes() {
        publish("a", "one");
        publish("a", "two");
        order.read("a", () -> begun.add("read"));
        publish("a", "three");
        assertThat(begun).containsExactly("one", "two", "three");

        answer("two").complete("");
        work();
        assertThat(begun).hasSize(3);
        answer("one").completeExceptionally(new IllegalStateException("away"));
        work();
        assertThat(begun).endsWith("read");
        answer("three").complete("");
        assertThat(order.channels()).isZero();
    }

    @Test
    void twoSubscriptionsToOneChannelAreBothWaitedFor() {
        CompletableFuture<Object> first = new CompletableFuture<>();
        CompletableFuture<Object> second = new CompletableFuture<>();
        order.subscribe("a", first);
        order.subscribe("a", second);
        order.read("a", () -> begun.add("read"));

        second.complete("");
        work();
        assertThat(begun).isEmpty();
        first.complete("");
        work();
        assertThat(begun).containsExactly("read");
        assertThat(order.channels()).isZero();
    }

    @Test
    void whatIsOneTooManyIsRefusedUntilThereIsRoomAgain() {
        CompletableFuture<Object> subscribed = new CompletableFuture<>();
        order.subscribe("a", subscribed);
        int large = CommandOrder.DATA_MOST / 2 - CommandOrder.LEAST;
        assertThat(order.publish("a", large, () -> CompletableFuture.completedFuture("")))
                .isTrue();
        for (int i = 0; i < CommandOrder.DATA_MOST / 2 / CommandOrder.LEAST; i++) {
            assertThat(order.publish("a", 0, () -> CompletableFuture.completedFuture("")))
                    .isTrue();
        }
        for (int i = 0; i < CommandOrder.READINGS_MOST; i++) {
            assertThat(order.read("a", () -> begun.add("read"))).isTrue();
        }
        assertThat(order.publish("a", 0, () -> CompletableFuture.completedFuture("")))
                .isFalse();
        assertThat(order.read("a", () -> begun.add("read"))).isFalse();
        assertThat(order.read("b", () -> begun.add("elsewhere"))).isTrue();

        subscribed.complete("");
        work();
        assertThat(begun).hasSize(1 + CommandOrder.READINGS_MOST);
        assertThat(order.channels()).isZero();
        publish("a", "again");
        assertThat(begun).endsWith("again");
    }

    private void publish(String channel, String name) {
        boolean isTaken = order.publish(channel, name.length(), () -> {
            begun.add(name);
            return answer(name);
        });
        assertThat(isTaken).isTrue();
    }

    private CompletableFuture<String> answer(String name) {
        return answers.computeIfAbsent(name, key -> new CompletableFuture<>());
    }

    private void work() {
        for (Runnable next = workers.poll(); next != null; next = workers.poll()) {
            next.run();
        }
    }
}
