package dev.sluice.flow;

import java.io.IOException;
import java.io.InterruptedIOException;
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
 * One life of an outbox under random interleavings: two producers, drains on several threads, a wire whose writes
 * complete at once, later, never or badly. Collects what is wrong, in any thread.
 */
final class OutboxRound {
    private static final int PRODUCERS = 2;
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Outboxes.Limits LIMITS = new Outboxes.Limits(1000, 1 << 20, Duration.ofSeconds(10));

    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> pending = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean owned = new AtomicBoolean();
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicInteger closes = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch produced = new CountDownLatch(PRODUCERS);
    private final List<List<String>> accepted = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private final ManualClock clock = new ManualClock();
    private final boolean disturbed;
    private final long seed;
    private final Outboxes outboxes;
    private final Outbox outbox;
    private volatile @Nullable OutboxEnd end;

    OutboxRound(Random random, ExecutorService workers, boolean disturbed) {
        this.disturbed = disturbed;
        this.seed = random.nextLong();
        this.outboxes = new Outboxes(LIMITS, clock, new Pool(workers, pending));
        this.outbox = outboxes.open(new ChaosWire(new Random(random.nextLong())), this::end);
        for (int i = 0; i < PRODUCERS; i++) {
            accepted.add(new ArrayList<>());
        }
    }

    /** Plays the round; what comes back should be empty. */
    Collection<String> run(ExecutorService threads) throws Exception {
        List<Future<?>> playing = new ArrayList<>();
        for (int i = 0; i < PRODUCERS; i++) {
            int producer = i;
            playing.add(threads.submit(() -> produce(producer, new Random(seed + producer))));
        }
        playing.add(threads.submit(() -> complete(new Random(seed - 1))));
        for (Future<?> thread : playing) {
            thread.get(2 * DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }
        outbox.remove(OutboxEnd.GONE);
        pending.forEach(Runnable::run);
        judge();
        outboxes.close();
        return wrong;
    }

    private void produce(int producer, Random random) {
        for (int i = random.nextInt(30); i > 0; i--) {
            String text = producer + ":" + i;
            boolean isPing = random.nextInt(10) == 0;
            if (outbox.offer(isPing ? Frame.PING : Frame.of(text)) && !isPing) {
                accepted.get(producer).add(text);
            }
            dawdle(random);
        }
        produced.countDown();
    }

    /** A thread of the container: completes what is due and disturbs, until the outbox is closed. */
    @SuppressWarnings("ThreadPriorityCheck") // gives way to the others; nothing relies on it
    private void complete(Random random) {
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (closed.getCount() > 0) {
            Runnable due = random.nextInt(3) == 0 ? null : pending.poll();
            if (due != null) {
                due.run();
            } else if (disturbed && random.nextInt(20) == 0) {
                disturb(random);
            } else if (produced.getCount() == 0) {
                outbox.finish();
            }
            Thread.yield();
            if (System.nanoTime() > until) {
                wrong.add("hangs after " + sent.size() + " messages");
                return;
            }
        }
    }

    private void disturb(Random random) {
        switch (random.nextInt(12)) {
            case 0 -> outbox.remove(OutboxEnd.GONE);
            case 1 -> outbox.finish();
            case 2, 3 -> clock.advance(Duration.ofSeconds(4));
            default -> outboxes.sweep();
        }
    }

    private void judge() {
        check(told.get() == 1, "told " + told + " times");
        check(closes.get() == 1, "closed " + closes + " times");
        check(outboxes.count() == 0, "still counted as open");
        check(outbox.queuedBytes() == 0, "still holds messages");
        check(!outbox.offer(Frame.of("late")), "takes something after its end");
        long counted = 0;
        for (OutboxEnd reason : OutboxEnd.values()) {
            counted += outboxes.ended(reason);
        }
        check(counted == 1, "counted " + counted + " times");
        for (int i = 0; i < PRODUCERS; i++) {
            judge(i);
        }
    }

    private void judge(int producer) {
        List<String> written =
                sent.stream().filter(text -> text.startsWith(producer + ":")).toList();
        List<String> expected = accepted.get(producer);
        boolean isWhole = written.equals(expected);
        boolean isBeginning = written.size() <= expected.size()
                && expected.subList(0, written.size()).equals(written);
        check(disturbed ? isBeginning : isWhole, "wrote " + written + " of " + expected);
        check(disturbed || end == OutboxEnd.CLOSED, "ended as " + end);
    }

    private void check(boolean right, String what) {
        if (!right) {
            wrong.add(what);
        }
    }

    private void end(OutboxEnd why) {
        check(told.incrementAndGet() == 1, "told again");
        end = why;
    }

    private void enter(String what) {
        check(owned.compareAndSet(false, true), "two at a time at " + what);
    }

    private void leave() {
        owned.set(false);
    }

    private static void dawdle(Random random) {
        for (int i = random.nextInt(50); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    private record Pool(ExecutorService workers, Queue<Runnable> pending) implements Drains {
        @Override
        public void execute(Runnable task) {
            workers.execute(task);
        }

        @Override
        public void executeSoon(Runnable task) {
            pending.add(() -> workers.execute(task));
        }

        @Override
        public void close() {}
    }

    private final class ChaosWire implements Wire {
        private final Random random;
        private final boolean mayBreak;

        ChaosWire(Random random) {
            this.random = random;
            this.mayBreak = disturbed && random.nextInt(3) == 0;
        }

        @Override
        public void send(List<Frame> frames, Sent done) throws IOException {
            enter("send");
            check(!frames.isEmpty(), "writes nothing");
            frames.stream().filter(frame -> frame != Frame.PING).forEach(frame -> sent.add(frame.text()));
            int fate = random.nextInt(mayBreak ? 25 : 20);
            dawdle(random);
            // From when it is told on, the next call may come.
            leave();
            switch (fate) {
                case 20 -> done.sent(new IOException("broken pipe"));
                case 21 -> pending.add(() -> done.sent(new IOException("reset")));
                case 22 -> throw new IllegalStateException("closed");
                case 23 -> dawdle(random); // never told
                case 24 -> throw new InterruptedIOException("slow");
                case 0, 1, 2, 3, 4, 5, 6, 7 -> pending.add(() -> done.sent(null));
                default -> done.sent(null);
            }
        }

        @Override
        public void close(OutboxEnd why) {
            check(told.get() == 1, "closed before the owner knew");
            check(why == end, "closed as " + why + ", told " + end);
            check(closes.incrementAndGet() == 1, "closed again");
            closed.countDown();
        }
    }
}
