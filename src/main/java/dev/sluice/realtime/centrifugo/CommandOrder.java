package dev.sluice.realtime.centrifugo;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What one connection's commands for a channel wait for, so that none overtakes those it builds on: who publishes or reads
 * is subscribed by then, and who reads finds what was published before. Channels do not wait for each other, and no thread
 * waits at all. Commands come one after the other; what they wait for ends in any thread.
 */
final class CommandOrder {
    /** Characters of the data of publications that wait, at most. */
    static final int DATA_MOST = 256 * 1024;
    /** As many are counted for each of them at least. */
    static final int LEAST = 1024;
    /** Readings that wait, at most, as with those that wait for their turn: of all channels of a connection, and more. */
    static final int READINGS_MOST = InFlight.WAITING_MOST;

    private final Executor workers;
    private final ConcurrentMap<String, Course> courses = new ConcurrentHashMap<>(1);
    private final AtomicInteger publications = new AtomicInteger();
    private final AtomicInteger readings = new AtomicInteger();

    /** @param workers begin what had to wait: who ends the waiting may hold the lock of the channel */
    CommandOrder(Executor workers) {
        this.workers = workers;
    }

    /**
     * How far the commands for one channel have come. Immutable, but for what it waits for.
     *
     * @param subscribed when all subscriptions so far are answered
     * @param begun when the last publication so far has begun
     * @param published when all publications so far are answered
     */
    private record Course(CompletableFuture<?> subscribed, CompletableFuture<?> begun, CompletableFuture<?> published) {
        static Course idle() {
            CompletableFuture<?> over = CompletableFuture.completedFuture(null);
            return new Course(over, over, over);
        }

        boolean isIdle() {
            return subscribed.isDone() && begun.isDone() && published.isDone();
        }
    }

    /** A subscription begins. */
    void subscribe(String channel, CompletableFuture<?> over) {
        Course course = course(channel);
        CompletableFuture<?> subscribed = both(course.subscribed, over);
        keep(channel, new Course(subscribed, course.begun, course.published), subscribed);
    }

    /**
     * Publishes, now or when the subscriptions so far are answered; in the order of these calls.
     *
     * @param characters of its data
     * @param publishing gives what completes when it is answered; does not block
     * @return whether it is not one too many
     */
    <T> boolean publish(String channel, int characters, Supplier<CompletionStage<T>> publishing) {
        Course course = course(channel);
        CompletableFuture<?> ready = both(course.subscribed, course.begun);
        Optional<CompletableFuture<CompletionStage<T>>> begun =
                begin(ready, publications, LEAST + characters, DATA_MOST, publishing);
        begun.ifPresent(one -> {
            CompletableFuture<?> published = both(course.published, one.thenCompose(over -> over));
            keep(channel, new Course(course.subscribed, one, published), published);
        });
        return begun.isPresent();
    }

    /**
     * Reads, now or when the subscriptions and publications so far are answered.
     *
     * @param reading begins it; does not block
     * @return whether it is not one too many
     */
    boolean read(String channel, Runnable reading) {
        Course course = course(channel);
        CompletableFuture<?> ready = both(course.subscribed, course.published);
        return begin(ready, readings, 1, READINGS_MOST, () -> {
                    reading.run();
                    return channel;
                })
                .isPresent();
    }

    /** How many channels there are about which something is under way. */
    int channels() {
        return courses.size();
    }

    private Course course(String channel) {
        Course known = courses.get(channel);
        return known == null ? Course.idle() : known;
    }

    /** Until nothing of it is under way any more. */
    private void keep(String channel, Course course, CompletionStage<?> last) {
        courses.put(channel, course);
        last.whenComplete((done, error) -> courses.computeIfPresent(channel, (name, now) -> now.isIdle() ? null : now));
    }

    /** Empty when it is one too many; what need not wait is not counted. How what it waited for ended is no matter. */
    private <T> Optional<CompletableFuture<T>> begin(
            CompletableFuture<?> ready, AtomicInteger waiting, int weight, int most, Supplier<T> work) {
        if (ready.isDone()) {
            return Optional.of(CompletableFuture.completedFuture(work.get()));
        }
        if (waiting.addAndGet(weight) > most) {
            waiting.addAndGet(-weight);
            return Optional.empty();
        }
        return Optional.of(ready.handleAsync(
                (done, error) -> {
                    waiting.addAndGet(-weight);
                    return work.get();
                },
                workers));
    }

    /** When both are over, however they end. */
    private static CompletableFuture<?> both(CompletableFuture<?> one, CompletableFuture<?> other) {
        return one.isDone() ? other : CompletableFuture.allOf(one, other);
    }
}
