package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LookupsTest {
    private static final Executor OWN_THREAD = task -> new Thread(task, "asks").start();

    private final List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch gate = new CountDownLatch(1);
    private volatile boolean hangs = true;
    private final AtomicInteger reading = new AtomicInteger();
    private final Lookups<Integer, String> lookups = new Lookups<>(this::read);

    /** Waits at the gate; of even numbers there is nothing, of negative ones an error. */
    private Map<Integer, String> read(Collection<Integer> keys) throws SQLException {
        reading.incrementAndGet();
        if (hangs) {
            join();
        }
        sizes.add(keys.size());
        Map<Integer, String> found = new HashMap<>();
        for (int key : keys) {
            if (key < 0) {
                throw new SQLException("of " + key);
            } else if (key % 2 == 1) {
                found.put(key, "found " + key);
            }
        }
        return found;
    }

    private void join() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void those_who_ask_at_the_same_time_share_a_statement() throws Exception {
        List<CompletableFuture<Optional<String>>> first = occupyAll(1);
        List<CompletableFuture<Optional<String>>> herd = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            herd.add(ask(i));
        }
        await().until(() -> lookups.waiting() == 200);
        gate.countDown();

        for (int i = 0; i < 200; i++) {
            assertThat(herd.get(i).join()).isEqualTo(i % 2 == 1 ? Optional.of("found " + i) : Optional.empty());
        }
        assertThat(first).allSatisfy(one -> assertThat(one.join()).contains("found 1"));
        assertThat(sizes).containsExactlyInAnyOrder(1, 1, 1, 1, 200);
    }

    @Test
    void a_failure_is_told_to_those_who_shared_it_and_to_nobody_else() throws Exception {
        List<CompletableFuture<Optional<String>>> first = occupyAll(-1);
        List<CompletableFuture<Optional<String>>> herd = List.of(ask(-2), ask(3));
        await().until(() -> lookups.waiting() == 2);
        gate.countDown();

        assertThat(first).allSatisfy(one -> assertThatThrownBy(one::join).hasRootCauseMessage("of -1"));
        assertThat(herd).allSatisfy(one -> assertThatThrownBy(one::join).hasRootCauseMessage("of -2"));
        assertThat(lookups.find(3)).contains("found 3");
    }

    @Test
    void everybody_gets_their_own_answer_by_statements_that_keep_the_pace() {
        gate.countDown();
        long began = System.nanoTime();
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            threads.add(CompletableFuture.runAsync(this::askOften, OWN_THREAD));
        }
        threads.forEach(CompletableFuture::join);
        assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1600);
        long paces = (System.nanoTime() - began) / Lookups.PACE.toNanos();
        assertThat(sizes.size()).isLessThanOrEqualTo(Lookups.AT_ONCE + (int) paces + 1);
    }

    private void askOften() {
        for (int i = 0; i < 100; i++) {
            int key = ThreadLocalRandom.current().nextInt(1000);
            assertThat(found(key)).isEqualTo(key % 2 == 1 ? Optional.of("found " + key) : Optional.empty());
        }
    }

    @Test
    void one_that_hangs_holds_up_nobody_else() throws Exception {
        CompletableFuture<Optional<String>> hanging = ask(1);
        await().until(() -> reading.get() == 1);
        hangs = false;
        assertThat(lookups.find(3)).contains("found 3");
        assertThat(hanging).isNotDone();
        gate.countDown();
        assertThat(hanging.join()).contains("found 1");
    }

    @Test
    void who_is_interrupted_waits_no_longer_and_is_in_nobodys_way() throws Exception {
        List<CompletableFuture<Optional<String>>> first = occupyAll(1);
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        Thread thread = new Thread(() -> told.complete(catchThrowable(() -> lookups.find(3))));
        thread.start();
        await().until(() -> lookups.waiting() == 1);
        CompletableFuture<Optional<String>> behind = ask(5);
        await().until(() -> lookups.waiting() == 2);
        thread.interrupt();

        assertThat(told.get(1, TimeUnit.MINUTES)).isInstanceOf(SQLException.class);
        assertThat(lookups.waiting()).isEqualTo(1);
        gate.countDown();
        assertThat(behind.join()).contains("found 5");
        assertThat(first).allSatisfy(one -> assertThat(one.join()).contains("found 1"));
    }

    /** All statements that may be under way at the same time are. */
    private List<CompletableFuture<Optional<String>>> occupyAll(int key) {
        List<CompletableFuture<Optional<String>>> asked = new ArrayList<>();
        for (int i = 1; i <= Lookups.READERS; i++) {
            int readings = i;
            asked.add(ask(key));
            await().until(() -> reading.get() == readings);
        }
        return asked;
    }

    private CompletableFuture<Optional<String>> ask(int key) {
        return CompletableFuture.supplyAsync(() -> found(key), OWN_THREAD);
    }

    private Optional<String> found(int key) {
        try {
            return lookups.find(key);
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }
}
