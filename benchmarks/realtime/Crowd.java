import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Connections that listen, and the one thread that reads them all. Its public calls come from one other thread, which
 * waits for what it asked for.
 */
final class Crowd implements AutoCloseable {
    private static final int SPACE = 1 << 18;
    private static final long PATIENCE_SECONDS = 120;

    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ByteBuffer space = ByteBuffer.wrap(new byte[SPACE]);
    private final List<Listener> all = new ArrayList<>();
    private volatile boolean closed;

    /** Of the joining at hand. */
    private int entering;

    private long now;
    private Run run;
    private String trouble = "";
    private boolean tolerant;

    /**
     * What a connection wants.
     *
     * @param channel whose messages it counts
     * @param since from where on, as JSON to be added; may be empty
     * @param other another channel, or empty
     * @param deaf whether it reads nothing once it is in
     */
    record Wish(String channel, String since, String other, boolean deaf) {
        static Wish of(String channel) {
            return new Wish(channel, "", "", false);
        }

        static Wish since(String channel, String since) {
            return new Wish(channel, since, "", false);
        }
    }

    /** Messages that are to reach listeners: the first's number, how many, and when each was sent. */
    static final class Run {
        private final int first;
        private final long[] sentAt;
        private final int[] micros;
        private final CountDownLatch over = new CountDownLatch(1);
        private long missing;
        private int recorded;
        private volatile long endedAt;

        Run(int first, int messages, int listeners) {
            this.first = first;
            this.sentAt = new long[messages];
            this.micros = new int[messages * listeners];
            this.missing = micros.length;
        }

        void sent(int number, long when) {
            sentAt[number - first] = when;
        }

        /** When the last message had come. */
        long endedAt() {
            return endedAt;
        }

        /** Microseconds that each delivery took. */
        int[] micros() {
            return micros;
        }
    }

    Crowd() {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = new Thread(this::loop, "crowd");
        thread.setDaemon(true);
        thread.start();
    }

    /** Connects, so many at a time; returns when all are subscribed. */
    List<Listener> join(Server server, List<Wish> wishes, int atATime) {
        List<Listener> joined = new ArrayList<>();
        CountDownLatch over = new CountDownLatch(1);
        joining = () -> {
            try {
                while (joined.size() < wishes.size() && entering < atATime) {
                    entering++;
                    Listener listener = new Listener(this, selector, server, wishes.get(joined.size()));
                    joined.add(listener);
                    all.add(listener);
                }
            } catch (IOException e) {
                trouble = server.name() + ": " + e;
            }
            if (!trouble.isEmpty() || (entering == 0 && joined.size() == wishes.size())) {
                over.countDown();
            }
        };
        tasks.add(joining);
        selector.wakeup();
        await(over, "connections of " + server.name());
        return joined;
    }

    private volatile Runnable joining = () -> {};

    /** Begins to count; what is sent from now on is waited for by {@link #await(Run)}. */
    Run begin(Collection<Listener> listeners, int first, int messages) {
        Run begun = new Run(first, messages, listeners.size());
        call(() -> {
            run = begun;
            listeners.forEach(listener -> listener.next = first);
        });
        return begun;
    }

    void await(Run begun) {
        await(begun.over, "deliveries");
    }

    /** From now on connections may be lost. */
    void tolerate() {
        call(() -> tolerant = true);
    }

    /** Closes all connections at once. */
    void leave() {
        call(() -> {
            all.forEach(Listener::close);
            all.clear();
        });
    }

    private void await(CountDownLatch latch, String what) {
        try {
            if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not all " + what + " came: " + call(this::missing));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        String found = call(() -> trouble);
        if (!found.isEmpty()) {
            throw new IllegalStateException(found);
        }
    }

    private String missing() {
        return (run == null ? entering + " are entering" : run.missing + " are missing") + " " + trouble;
    }

    private void call(Runnable task) {
        call(() -> {
            task.run();
            return true;
        });
    }

    private <T> T call(java.util.function.Supplier<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                done.complete(task.get());
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        selector.wakeup();
        return done.join();
    }

    @Override
    public void close() {
        call(() -> all.forEach(Listener::close));
        closed = true;
        selector.wakeup();
    }

    // -- For its listeners, by its own thread

    ByteBuffer space() {
        return space;
    }

    /** All that one reading brings came now. */
    void readsNow() {
        now = System.nanoTime();
    }

    void joined() {
        entering--;
        joining.run();
    }

    void lost(Listener listener, String why) {
        if (tolerant) {
            return;
        }
        trouble = why;
        joining.run();
        if (run != null) {
            run.over.countDown();
        }
    }

    void delivered(Listener listener, int number) {
        if (run == null || number < run.first) {
            return;
        }
        if (number != listener.next) {
            lost(listener, "message " + number + " came in place of " + listener.next);
            return;
        }
        listener.next++;
        run.micros[run.recorded++] = (int) ((now - run.sentAt[number - run.first]) / 1000);
        if (--run.missing == 0) {
            run.endedAt = now;
            run.over.countDown();
        }
    }

    private void loop() {
        try {
            while (!closed) {
                selector.select();
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                for (SelectionKey key : selector.selectedKeys()) {
                    if (key.isValid()) {
                        ((Listener) key.attachment()).ready();
                    }
                }
                selector.selectedKeys().clear();
            }
            selector.close();
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            System.exit(2);
        }
    }
}
