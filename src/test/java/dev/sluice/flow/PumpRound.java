package dev.sluice.flow;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One life of a pump under random interleavings. Its target behaves as a container does: after a write it may take
 * nothing for a while, and says so again only to who has asked meanwhile. Collects what is wrong, in any thread.
 */
final class PumpRound {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Pump.Limits LIMITS =
            new Pump.Limits(Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofMinutes(10), 1 << 20);

    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> pending = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean owned = new AtomicBoolean();
    private final AtomicInteger closes = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ManualClock clock = new ManualClock();
    private final ChaosSource source;
    private final ChaosTarget target;
    private final Pump pump;
    private final boolean disturbed;
    private final long seed;
    private volatile @Nullable EndReason reason;

    PumpRound(Random random, ExecutorService workers, boolean disturbed) {
        this.disturbed = disturbed;
        this.seed = random.nextLong();
        boolean direct = random.nextInt(4) == 0;
        this.source = new ChaosSource(new Random(random.nextLong()), !direct);
        this.target = new ChaosTarget(new Random(random.nextLong()), disturbed);
        this.pump = new Pump(source, target, direct ? Runnable::run : workers, clock, LIMITS);
    }

    /** Plays the round; what comes back should be empty. */
    Collection<String> run(ExecutorService container) throws Exception {
        List<Future<?>> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Random random = new Random(seed + i);
            threads.add(container.submit(() -> fire(random)));
        }
        pump.writable();
        for (Future<?> thread : threads) {
            thread.get(2 * DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }
        afterTheEnd();
        judge();
        return wrong;
    }

    /** A thread of the container: runs what is due, and what disturbs, until the stream is over. */
    @SuppressWarnings("ThreadPriorityCheck") // gives way to the pump; nothing relies on it
    private void fire(Random random) {
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (ended.getCount() > 0) {
            Runnable due = random.nextInt(3) == 0 ? null : pending.poll();
            if (due != null) {
                due.run();
            } else if (disturbed && random.nextInt(8) == 0) {
                disturb(random);
            } else {
                Thread.yield();
            }
            if (System.nanoTime() > until) {
                wrong.add("hangs: " + source.position + " of " + source.script.size() + " steps");
                return;
            }
        }
    }

    private void disturb(Random random) {
        switch (random.nextInt(24)) {
            case 0 -> pump.end(EndReason.CLIENT_GONE, new IOException("gone"));
            case 1 -> pump.end(EndReason.CANCELLED, null);
            case 2 -> clock.advance(Duration.ofSeconds(31));
            case 3, 4, 5 -> pump.checkTimeouts();
            default -> pump.writable();
        }
    }

    private void afterTheEnd() {
        pump.writable();
        pump.end(EndReason.CANCELLED, null);
        clock.advance(Duration.ofHours(1));
        pump.checkTimeouts();
        pending.forEach(Runnable::run);
    }

    private void judge() {
        check(closes.get() == 1, "closed " + closes + " times");
        check(ends.get() == 1, "ended " + ends + " times");
        check(target.written <= source.filled, "wrote more than was filled");
        if (reason == EndReason.COMPLETE) {
            check(source.position == source.script.size(), "complete after " + source.position + " steps");
            check(target.written == source.filled, "wrote " + target.written + " of " + source.filled);
        }
        if (!disturbed) {
            EndReason expected = source.fails ? EndReason.SOURCE_FAILED : EndReason.COMPLETE;
            check(reason == expected, "ended as " + reason + " in place of " + expected);
        }
    }

    private void check(boolean right, String what) {
        if (!right) {
            wrong.add(what);
        }
    }

    private void enter(String what) {
        check(owned.compareAndSet(false, true), "two owners at " + what);
        check(ends.get() == 0, what + " after the end");
    }

    private void leave() {
        owned.set(false);
    }

    private static void dawdle(Random random) {
        for (int i = random.nextInt(50); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    /** What one fill does: so many bytes, then the step; a wait's wake-up comes at once, during the fill or later. */
    private record Line(int bytes, Source.Step step, boolean wakesAtOnce, boolean blocks) {}

    /** Gives the bytes 0, 1, 2, ... in its script's portions; in every tenth round it fails in the end. */
    private final class ChaosSource implements Source {
        private final List<Line> script = new ArrayList<>();
        private final Random random;
        private final boolean fails;
        private final CountDownLatch cancelled = new CountDownLatch(1);
        private volatile int position;
        private volatile long filled;

        ChaosSource(Random random, boolean mayBlock) {
            this.random = random;
            this.fails = random.nextInt(10) == 0;
            int lines = random.nextInt(20);
            for (int i = 0; i < lines; i++) {
                Step step = random.nextInt(3) == 0 ? Step.WAIT : Step.MORE;
                boolean blocks = mayBlock && random.nextInt(6) == 0;
                script.add(new Line(bytes(), step, random.nextBoolean(), blocks));
            }
            script.add(new Line(bytes(), Step.END, false, false));
        }

        private int bytes() {
            return random.nextInt(3) == 0 ? 0 : random.nextInt(300);
        }

        @Override
        public Step fill(Buffer buffer, Runnable wakeUp) throws Exception {
            enter("fill");
            try {
                check(closes.get() == 0, "fill after the close");
                check(target.drained, "filled ahead of the client");
                check(buffer.length() == 0, "filled before the last was written");
                check(position < script.size(), "filled after the end");
                return play(script.get(Math.min(position, script.size() - 1)), buffer, wakeUp);
            } finally {
                leave();
            }
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one owner, or the test fails
        private Step play(Line line, Buffer buffer, Runnable wakeUp) throws Exception {
            if (line.blocks()) {
                block();
            }
            for (int i = 0; i < line.bytes(); i++) {
                buffer.put((byte) (filled + i));
            }
            dawdle(random);
            if (fails && line.step() == Step.END) {
                throw new IOException("failed");
            }
            position++;
            filled += line.bytes();
            if (line.step() == Step.WAIT) {
                wake(line, wakeUp);
            }
            return line.step();
        }

        private void wake(Line line, Runnable wakeUp) {
            if (line.wakesAtOnce()) {
                wakeUp.run();
            } else {
                pending.add(wakeUp);
            }
        }

        /** As a read of a database: until it is there, or cancelled. */
        private void block() throws Exception {
            CountDownLatch there = new CountDownLatch(1);
            pending.add(there::countDown);
            while (!there.await(100, TimeUnit.MICROSECONDS)) {
                if (cancelled.getCount() == 0) {
                    throw new IOException("cancelled");
                }
            }
        }

        @Override
        public void cancel() {
            check(closes.get() == 0, "cancelled after the close");
            cancelled.countDown();
        }

        @Override
        public void close(EndReason why, @Nullable Throwable error) {
            enter("close");
            check(closes.incrementAndGet() == 1, "closed again");
            reason = why;
            leave();
        }
    }

    /** Takes the bytes 0, 1, 2, ... and complains about any other. */
    private final class ChaosTarget implements Target {
        private final Random random;
        private final boolean mayBreak;
        private boolean asked;
        private volatile boolean drained = true;
        private volatile long written;

        ChaosTarget(Random random, boolean mayBreak) {
            this.random = random;
            this.mayBreak = mayBreak && random.nextInt(5) == 0;
        }

        @Override
        public synchronized boolean isReady() {
            asked |= !drained;
            return drained;
        }

        private void drain() {
            boolean tell;
            synchronized (this) {
                drained = true;
                tell = asked;
                asked = false;
            }
            if (tell) {
                pump.writable();
            }
        }

        private void mayFill() {
            if (random.nextInt(2) == 0) {
                drained = false;
                pending.add(this::drain);
            }
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one owner, or the test fails
        public void write(Buffer buffer) throws IOException {
            enter("write");
            try {
                check(drained, "written while not ready");
                if (mayBreak && random.nextInt(10) == 0) {
                    throw new IOException("broken pipe");
                }
                for (int i = 0; i < buffer.length(); i++) {
                    check(buffer.array()[i] == (byte) (written + i), "wrong byte");
                }
                written += buffer.length();
                mayFill();
            } finally {
                leave();
            }
        }

        @Override
        public void flush() {
            enter("flush");
            check(drained, "flushed while not ready");
            mayFill();
            leave();
        }

        @Override
        public void complete() {
            end(reason == EndReason.COMPLETE);
        }

        @Override
        public void fail(EndReason why, @Nullable Throwable error) {
            end(reason != EndReason.COMPLETE && reason == why);
        }

        /** As a container does, it tells everybody that the response is over. */
        private void end(boolean right) {
            enter("end");
            check(right, "told another end than the source");
            check(closes.get() == 1, "the client knew before the source was closed");
            leave();
            ends.incrementAndGet();
            pump.end(EndReason.CLIENT_GONE, null);
            ended.countDown();
        }
    }
}
