package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 20_000 : 1_000;

    private final AtomicLong millis = new AtomicLong();
    private final InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
    private final List<String> told = new ArrayList<>();

    @Test
    void so_many_run_at_once_and_the_others_wait_in_their_order() {
        Admission admission = new Admission(Fixture.limits(2, 10, 1), clock);
        Admission.Place a = enter(admission, "a");
        Admission.Place b = enter(admission, "b");
        Admission.Place c = enter(admission, "c");
        enter(admission, "d");

        assertThat(told).containsExactly("a", "b");
        assertThat(admission.running()).isEqualTo(2);
        assertThat(admission.waiting()).isEqualTo(2);
        b.close();
        assertThat(told).containsExactly("a", "b", "c");
        a.close();
        c.close();
        assertThat(told).containsExactly("a", "b", "c", "d");
        assertThat(admission.running()).isOne();
    }

    @Test
    void free_places_go_in_turns_to_who_waits_longest_and_to_who_came_last() {
        Admission admission = new Admission(Fixture.limits(1, 10, 1), clock);
        Admission.Place running = enter(admission, "a");
        Map<String, Admission.Place> places = new HashMap<>();
        for (String caller : List.of("b", "c", "d", "e", "f")) {
            places.put(caller, enter(admission, caller));
        }
        running.close();
        for (int i = 1; i < 5; i++) {
            Objects.requireNonNull(places.get(told.get(i))).close();
        }

        assertThat(told).containsExactly("a", "b", "f", "c", "e", "d");
    }

    /** Whoever comes and goes: with n ahead, a place after 2n + 1 others; behind everybody, the second free place. */
    @RepeatedTest(20)
    void nobody_starves_and_a_newcomer_has_the_second_free_place_at_the_latest(RepetitionInfo round) {
        Random random = new Random(round.getCurrentRepetition());
        int concurrency = 1 + random.nextInt(8);
        Admission admission = new Admission(Fixture.limits(concurrency, 1_000, 1), clock);
        Map<Integer, Admission.Place> running = new HashMap<>();
        Map<Integer, Admission.Place> entered = new HashMap<>();
        Map<Integer, Integer> placesUntil =
                new HashMap<>(); // of those who wait: how many they see go to others, at most
        List<Integer> begun = new ArrayList<>();
        int last = -1;
        int freeSinceLast = 0;
        for (int i = 0; i < ROUNDS; i++) {
            if (random.nextInt(100) < 55 && admission.waiting() < 1_000) {
                int id = i;
                placesUntil.put(id, 2 * admission.waiting() + 1);
                Admission.Place place = admission.enter("caller " + id);
                entered.put(id, place);
                place.await(() -> begun.add(id), refusal -> told.add("refused"));
                last = id;
                freeSinceLast = 0;
            } else if (!running.isEmpty()) {
                List<Integer> ids = List.copyOf(running.keySet());
                Integer leaves = ids.get(random.nextInt(ids.size()));
                Objects.requireNonNull(running.remove(leaves)).close();
                freeSinceLast++;
            }
            for (Integer id : begun) {
                running.put(id, entered.get(id));
                assertThat(placesUntil.remove(id)).as("%s in time", id).isNotNegative();
                placesUntil.replaceAll((waiting, left) -> left - 1);
            }
            begun.clear();
            assertThat(placesUntil.containsKey(last) && freeSinceLast >= 2)
                    .as("%s still waits", last)
                    .isFalse();
            assertThat(placesUntil.values()).allMatch(left -> left >= 0);
        }
        assertThat(told).isEmpty();
        assertThat(admission.running()).isEqualTo(running.size());
    }

    @Test
    void one_that_leaves_the_queue_frees_no_place_among_the_running() {
        Admission admission = new Admission(Fixture.limits(1, 10, 1), clock);
        Admission.Place a = enter(admission, "a");
        Admission.Place b = enter(admission, "b");
        enter(admission, "c");

        b.close();
        assertThat(told).containsExactly("a");
        assertThat(admission.waiting()).isOne();
        a.close();
        assertThat(told).containsExactly("a", "c");
    }

    @Test
    void once_closed_nobody_gets_in_and_those_who_are_in_stay() {
        Admission admission = new Admission(Fixture.limits(1, 10, 2), clock);
        enter(admission, "a");
        Admission.Place late = admission.enter("b");
        enter(admission, "c");

        admission.close();

        assertThat(told).containsExactly("a", "c refused: draining");
        assertThat(admission.running()).isOne();
        assertThat(admission.waiting()).isZero();
        assertRefused(() -> admission.enter("d"), ErrorCode.DRAINING);
        late.await(
                () -> told.add("b"),
                refusal -> told.add("b refused: " + refusal.code().code()));
        assertThat(told).containsExactly("a", "c refused: draining", "b refused: draining");
    }

    @Test
    void a_place_is_given_back_once() {
        Admission admission = new Admission(Fixture.limits(1, 10, 2), clock);
        Admission.Place a = enter(admission, "a");
        a.close();
        a.close();
        enter(admission, "a");
        assertThat(admission.running()).isOne();
        enter(admission, "a");
        assertRefused(() -> admission.enter("a"), ErrorCode.TOO_MANY_EXPORTS);
    }

    @Test
    void a_caller_has_so_many_running_and_waiting() {
        Admission admission = new Admission(Fixture.limits(1, 10, 2), clock);
        Admission.Place first = enter(admission, "a");
        Admission.Place second = enter(admission, "a");
        assertRefused(() -> admission.enter("a"), ErrorCode.TOO_MANY_EXPORTS);
        enter(admission, "b");

        second.close();
        admission.enter("a").close();
        first.close();
        assertThat(told).containsExactly("a", "b");
    }

    @Test
    void a_place_counts_for_its_caller_before_it_waits() {
        Admission admission = new Admission(Fixture.limits(1, 10, 1), clock);
        Admission.Place entered = admission.enter("a");
        assertRefused(() -> admission.enter("a"), ErrorCode.TOO_MANY_EXPORTS);
        entered.close();
        enter(admission, "a");
        assertThat(told).containsExactly("a");
    }

    @Test
    void a_caller_may_come_again_before_his_connection_is_free() {
        Admission admission = new Admission(Fixture.limits(1, 10, 1), clock);
        Admission.Place first = enter(admission, "a");

        first.forget();
        Admission.Place second = enter(admission, "a");

        assertThat(told).containsExactly("a");
        assertThat(admission.running()).isOne();
        first.leave();
        assertThat(told).containsExactly("a", "a");
        second.close();
        assertThat(admission.running()).isZero();
    }

    @Test
    void so_many_wait() {
        Admission admission = new Admission(Fixture.limits(1, 1, 1), clock);
        enter(admission, "a");
        enter(admission, "b");
        assertRefused(() -> admission.enter("c"), ErrorCode.BUSY);
    }

    @Test
    void who_waits_for_too_long_is_refused_once() {
        Admission admission = new Admission(Fixture.limits(1, 10, 1), clock);
        Admission.Place a = enter(admission, "a");
        enter(admission, "b");
        millis.addAndGet(29_999);
        admission.sweep();
        assertThat(told).containsExactly("a");
        enter(admission, "c");
        millis.addAndGet(1);
        admission.sweep();
        admission.sweep();
        assertThat(told).containsExactly("a", "b refused: busy");
        a.close();
        assertThat(told).containsExactly("a", "b refused: busy", "c");
        enter(admission, "b");
        assertThat(admission.waiting()).isOne();
    }

    @Test
    void who_runs_is_never_too_late() {
        Admission admission = new Admission(Fixture.limits(1, 10, 1), clock);
        enter(admission, "a");
        millis.addAndGet(Duration.ofDays(1).toMillis());
        admission.sweep();
        assertThat(told).containsExactly("a");
        assertThat(admission.running()).isOne();
    }

    @Test
    void a_start_that_fails_does_not_keep_others_waiting() {
        Admission admission = new Admission(Fixture.limits(1, 10, 1), clock);
        Admission.Place a = enter(admission, "a");
        Admission.Place broken = admission.enter("b");
        broken.await(
                () -> {
                    broken.close();
                    throw new IllegalStateException("no worker");
                },
                refusal -> told.add("b refused"));
        enter(admission, "c");

        a.close();
        assertThat(told).containsExactly("a", "c");
        assertThat(admission.running()).isOne();
    }

    /** Many threads come, wait, run, leave early and are swept: never more than so many run, and nothing is lost. */
    @RepeatedTest(5)
    void in_any_order_of_threads_every_place_is_given_back() throws Exception {
        int threads = 8;
        int concurrency = 3;
        Admission admission = new Admission(Fixture.limits(concurrency, 4, 2), clock);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger ends = new AtomicInteger();
        AtomicInteger refusedAtOnce = new AtomicInteger();
        ExecutorService workers = Executors.newFixedThreadPool(4);
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        CountDownLatch open = new CountDownLatch(threads * ROUNDS);
        List<Future<?>> futures = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Random random = new Random(t);
            futures.add(callers.submit(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    Admission.Place place;
                    try {
                        place = admission.enter("caller " + random.nextInt(5));
                    } catch (ProblemException e) {
                        refusedAtOnce.incrementAndGet();
                        open.countDown();
                        continue;
                    }
                    boolean holds = random.nextBoolean();
                    place.await(
                            () -> workers.execute(() -> {
                                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                                if (holds) {
                                    Thread.onSpinWait();
                                }
                                running.decrementAndGet();
                                place.close();
                                place.close();
                                ends.incrementAndGet();
                                open.countDown();
                            }),
                            refusal -> {
                                ends.incrementAndGet();
                                open.countDown();
                            });
                    if (random.nextInt(10) == 0) {
                        millis.addAndGet(20_000);
                        admission.sweep();
                    }
                }
            }));
        }
        for (Future<?> future : futures) {
            future.get(1, TimeUnit.MINUTES);
        }
        assertThat(open.await(1, TimeUnit.MINUTES)).isTrue();
        workers.shutdown();
        callers.shutdown();
        assertThat(workers.awaitTermination(1, TimeUnit.MINUTES)).isTrue();

        assertThat(ends.get() + refusedAtOnce.get()).isEqualTo(threads * ROUNDS);
        assertThat(most).hasValueBetween(1, concurrency);
        assertThat(admission.running()).isZero();
        assertThat(admission.waiting()).isZero();
        for (int caller = 0; caller < 5; caller++) {
            String name = "caller " + caller;
            admission.enter(name);
            admission.enter(name);
            assertRefused(() -> admission.enter(name), ErrorCode.TOO_MANY_EXPORTS);
        }
    }

    private Admission.Place enter(Admission admission, String caller) {
        Admission.Place place = admission.enter(caller);
        place.await(
                () -> told.add(caller),
                refusal -> told.add(caller + " refused: " + refusal.code().code()));
        return place;
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
