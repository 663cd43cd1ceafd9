package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class TurnsTest {
    /** What workers were given and have not done yet. */
    private final Queue<Runnable> work = new ArrayDeque<>();

    private final List<String> taken = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final Turns turns = new Turns(work::add, failures::add);

    @Test
    void whatNeedNotWaitIsTakenUpAtOnce() {
        assertThat(turns.take(done("a"))).isTrue();
        assertThat(turns.take(done("b"))).isTrue();
        assertThat(taken).containsExactly("a", "b");
        assertThat(work).isEmpty();
    }

    @Test
    void whatComesLaterWaitsAndKeepsItsOrder() {
        CompletableFuture<?> join = new CompletableFuture<>();
        turns.take(until("join", join));
        turns.take(done("a"));
        CompletableFuture<?> second = new CompletableFuture<>();
        turns.take(until("second", second));
        turns.take(done("b"));
        assertThat(taken).containsExactly("join");
        join.complete(null);
        // Not by who ends the waiting: that may hold a lock.
        assertThat(taken).containsExactly("join");
        doWork();
        assertThat(taken).containsExactly("join", "a", "second");
        second.complete(null);
        doWork();
        assertThat(taken).containsExactly("join", "a", "second", "b");
        turns.take(done("c"));
        assertThat(taken).endsWith("c");
    }

    @Test
    void onlySoManyWait() {
        CompletableFuture<?> join = new CompletableFuture<>();
        turns.take(until("join", join));
        for (int i = 0; i < 100; i++) {
            assertThat(turns.take(done("x"))).isTrue();
        }
        assertThat(turns.take(done("one too many"))).isFalse();
        turns.later(done("the server's own"));
        join.complete(null);
        doWork();
        assertThat(taken).hasSize(102).endsWith("the server's own").doesNotContain("one too many");
        assertThat(turns.take(done("again"))).isTrue();
        assertThat(taken).endsWith("again");
    }

    @Test
    void whatFailsHoldsNothingUp() {
        assertThatThrownBy(() -> turns.take(() -> {
                    throw new IllegalStateException("broken");
                }))
                .hasMessage("broken");
        CompletableFuture<?> join = new CompletableFuture<>();
        turns.take(until("join", join));
        turns.take(() -> {
            throw new IllegalStateException("broken later");
        });
        turns.take(done("a"));
        join.completeExceptionally(new IllegalStateException("broken"));
        doWork();
        assertThat(taken).containsExactly("join", "a");
        assertThat(failures).singleElement().asString().contains("broken later");
    }

    private Supplier<CompletionStage<?>> done(String name) {
        return until(name, CompletableFuture.completedFuture(null));
    }

    private Supplier<CompletionStage<?>> until(String name, CompletableFuture<?> over) {
        return () -> {
            taken.add(name);
            return over;
        };
    }

    private void doWork() {
        for (Runnable next = work.poll(); next != null; next = work.poll()) {
            next.run();
        }
    }
}
