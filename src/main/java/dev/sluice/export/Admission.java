package dev.sluice.export;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.ExportSettings;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets exports in: so many at once, so many of one caller, the others in a queue, without a thread.
 *
 * <p>Free places go in turns to who has waited longest and to who came last. First come, first served, a newcomer would
 * have to wait until all of a hundred who came at once before him are served; this way he has the second free place at
 * the latest, unless others come after him. And nobody starves: with n ahead of him, anybody has the place after 2n + 1
 * others at the latest, whoever comes meanwhile.
 *
 * <p>Thread-safe; one for each node.
 */
final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    private final ExportSettings limits;
    private final InstantSource clock;
    private final Deque<Place> queue = new ArrayDeque<>();
    private final Map<String, Integer> ofCaller = new HashMap<>();
    private int running;
    private boolean lastComesNext;
    private boolean closed;

    Admission(ExportSettings limits, InstantSource clock) {
        this.limits = limits;
        this.clock = clock;
    }

    /** A place in the queue, and then among the running. Given back once, by {@link #close}; more often does nothing. */
    final class Place implements AutoCloseable {
        private final String caller;
        private final long deadline;
        private @Nullable Runnable start;
        private @Nullable Consumer<ProblemException> refuse;
        private boolean admitted;
        private boolean left;
        private boolean closed;

        private Place(String caller, long deadline) {
            this.caller = caller;
            this.deadline = deadline;
        }

        /**
         * Waits for its turn. Exactly one of the two is run, perhaps at once, by whoever makes room or finds it too late.
         */
        void await(Runnable whenAdmitted, Consumer<ProblemException> whenRefused) {
            boolean tooLate;
            boolean now;
            synchronized (Admission.this) {
                start = whenAdmitted;
                refuse = whenRefused;
                tooLate = Admission.this.closed;
                now = !tooLate && running < limits.concurrency() && queue.isEmpty();
                if (now) {
                    admit(this);
                } else if (!tooLate) {
                    queue.addLast(this);
                }
            }
            if (tooLate) {
                refuse(Problem.draining());
            } else if (now) {
                whenAdmitted.run();
            }
        }

        /** Makes room for another, as one that has given its connection back; its caller still has one export. */
        void leave() {
            for (Place next : vacate(this)) {
                next.begin();
            }
        }

        /** Its caller may have another export; the connection may be given back before or after that. */
        void forget() {
            Admission.this.forget(this);
        }

        @Override
        public void close() {
            leave();
            forget();
        }

        private void refuse(ProblemException refusal) {
            Consumer<ProblemException> told = refuse;
            close();
            if (told != null) {
                told.accept(refusal);
            }
        }

        /** One that cannot start makes room for those behind it. */
        private void begin() {
            try {
                if (start != null) {
                    start.run();
                }
            } catch (RuntimeException | Error e) {
                LOG.error("An export could not start", e);
                close();
            }
        }
    }

    /**
     * Takes a place for a caller.
     *
     * @throws ProblemException 429 when he has too many, 503 when too many wait
     */
    synchronized Place enter(String caller) {
        if (closed) {
            throw Problem.draining();
        }
        if (ofCaller.getOrDefault(caller, 0) >= limits.perCaller()) {
            throw new ProblemException(
                            ErrorCode.TOO_MANY_EXPORTS,
                            "You have " + limits.perCaller() + " exports running or waiting; wait for one to end.")
                    .retryAfter(5);
        }
        if (running >= limits.concurrency() && queue.size() >= limits.queue()) {
            throw busy();
        }
        ofCaller.merge(caller, 1, Integer::sum);
        return new Place(caller, clock.millis() + limits.queueTimeout().toMillis());
    }

    /** Refuses those that have waited for too long; to be called a few times in a second. */
    void sweep() {
        List<Place> late = new ArrayList<>();
        synchronized (this) {
            long now = clock.millis();
            queue.removeIf(place -> place.deadline <= now && late.add(place));
        }
        late.forEach(place -> place.refuse(busy()));
    }

    /** Lets nobody in any more, those who wait included; those who are in stay. */
    void close() {
        List<Place> waiting;
        synchronized (this) {
            closed = true;
            waiting = List.copyOf(queue);
            queue.clear();
        }
        waiting.forEach(place -> place.refuse(Problem.draining()));
    }

    synchronized int running() {
        return running;
    }

    synchronized int waiting() {
        return queue.size();
    }

    private ProblemException busy() {
        return new ProblemException(
                        ErrorCode.BUSY, limits.concurrency() + " exports are running and others wait; try again.")
                .retryAfter(Math.max(1, limits.queueTimeout().toSeconds() / 2));
    }

    private void admit(Place place) {
        place.admitted = true;
        running++;
    }

    private synchronized List<Place> vacate(Place place) {
        List<Place> next = new ArrayList<>();
        if (place.left) {
            return next;
        }
        place.left = true;
        queue.remove(place);
        running -= place.admitted ? 1 : 0;
        while (running < limits.concurrency() && !queue.isEmpty()) {
            Place admitted = lastComesNext ? queue.removeLast() : queue.removeFirst();
            lastComesNext = !lastComesNext;
            admit(admitted);
            next.add(admitted);
        }
        return next;
    }

    private synchronized void forget(Place place) {
        if (!place.closed) {
            place.closed = true;
            ofCaller.computeIfPresent(place.caller, (caller, count) -> count == 1 ? null : count - 1);
        }
    }
}
