package dev.sluice.flow;

import jakarta.servlet.AsyncContext;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The pumps that run on this node: starts them, watches their time-outs, ends them at shutdown. Thread-safe; one for
 * each node.
 */
public final class Streams {
    private static final Duration TO_CLOSE = Duration.ofSeconds(2);

    private final InstantSource clock;
    private final Budget budget;
    private final Set<Pump> running = ConcurrentHashMap.newKeySet();
    /** Those that have given back what they held, and may still have to end their response. */
    private final Set<Source> ending = ConcurrentHashMap.newKeySet();

    public Streams(InstantSource clock, Budget budget) {
        this.clock = clock;
        this.budget = budget;
    }

    /**
     * Streams a source into an asynchronous response. From here on the pump owns both, and its time-outs take the place of
     * the container's.
     *
     * @param what for operators: kind and description
     * @param executor where the source may block
     * @throws IOException when the response cannot be written to; the source is then still the caller's
     */
    public Pump start(
            AsyncContext async,
            Source source,
            Executor executor,
            Pump.Limits limits,
            Reply reply,
            String kind,
            String what)
            throws IOException {
        ServletTarget target = new ServletTarget(async, reply);
        Pump pump = tracked(source, target, executor, limits, kind, what);
        target.drive(pump);
        return pump;
    }

    /** Streams a source into something that is no response; {@link Pump#writable} makes it begin. */
    Pump tracked(Source source, Target target, Executor executor, Pump.Limits limits, String kind, String what) {
        Tracked tracked = new Tracked(source);
        Pump pump = new Pump(tracked, new Ended(target, tracked), executor, clock, limits);
        tracked.track(pump, budget.began(kind, what, () -> pump.end(EndReason.CANCELLED, null)));
        return pump;
    }

    /** Ends the pumps that have waited for too long; to be called a few times in a second. */
    public void sweep() {
        running.forEach(Pump::checkTimeouts);
    }

    /** How many pumps run. */
    public int count() {
        return running.size();
    }

    /**
     * Waits until all pumps have ended by themselves, then cuts those that have not, and lets them give back what they
     * hold and end their responses.
     *
     * @return whether all ended by themselves
     */
    public boolean drain(Duration atMost) throws InterruptedException {
        boolean drained = await(atMost);
        running.forEach(pump -> pump.end(EndReason.CANCELLED, null));
        await(TO_CLOSE);
        return drained;
    }

    private boolean await(Duration atMost) throws InterruptedException {
        long until = clock.millis() + atMost.toMillis();
        while (!isQuiet() && clock.millis() < until) {
            Thread.sleep(20);
        }
        return isQuiet();
    }

    private boolean isQuiet() {
        return running.isEmpty() && ending.isEmpty();
    }

    /** Notes when there is nothing left to be done. */
    private final class Ended implements Target {
        private final Target target;
        private final Source source;

        Ended(Target target, Source source) {
            this.target = target;
            this.source = source;
        }

        @Override
        public boolean isReady() {
            return target.isReady();
        }

        @Override
        public void write(Buffer buffer) throws IOException {
            target.write(buffer);
        }

        @Override
        public void flush() throws IOException {
            target.flush();
        }

        @Override
        public void complete() {
            try {
                target.complete();
            } finally {
                ending.remove(source);
            }
        }

        @Override
        public void fail(EndReason reason, @Nullable Throwable error) {
            try {
                target.fail(reason, error);
            } finally {
                ending.remove(source);
            }
        }
    }

    /** Takes the pump off the books when its source closes. */
    private final class Tracked implements Source {
        private final Source source;
        private @Nullable Pump pump;
        private Budget.@Nullable Live live;

        Tracked(Source source) {
            this.source = source;
        }

        void track(Pump started, Budget.Live began) {
            pump = started;
            live = began;
            running.add(started);
        }

        @Override
        public Step fill(Buffer buffer, Runnable wakeUp) throws Exception {
            return source.fill(buffer, wakeUp);
        }

        @Override
        public void cancel() {
            source.cancel();
        }

        @Override
        public void close(EndReason reason, @Nullable Throwable error) {
            try {
                source.close(reason, error);
            } finally {
                untrack();
            }
        }

        private void untrack() {
            ending.add(this);
            if (pump != null) {
                running.remove(pump);
            }
            if (live != null) {
                budget.ended(live);
            }
        }
    }
}
