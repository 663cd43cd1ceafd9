package dev.sluice.realtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Publishes one text after the other, each once the one before is acknowledged or its connection has ended, and remembers
 * which were acknowledged. Has a thread of its own.
 */
final class LoadTalker {
    private static final long PAUSE_MILLIS = 20;
    private static final long LONGER_PAUSE_MILLIS = 50;

    private final String name;
    private final Way way;
    private final Thread thread = new Thread(this::run, "load-talker");
    private final List<String> acknowledged = new CopyOnWriteArrayList<>();
    private int last;
    private volatile boolean stopped;

    /** How it publishes. */
    @FunctionalInterface
    interface Way {
        /** A connection, or what stands for one. */
        Session open() throws IOException;
    }

    /** A connection to publish on. */
    interface Session extends AutoCloseable {
        /** Whether it was acknowledged, rather than refused. */
        boolean publish(String text) throws IOException, InterruptedException;

        /** Whether the same text can be published again without coming twice. */
        default boolean mayRepeat() {
            return false;
        }

        @Override
        void close();
    }

    LoadTalker(String name, Way way) {
        this.name = name;
        this.way = way;
        thread.start();
    }

    /** In the order in which they were published. */
    List<String> acknowledged() {
        return acknowledged;
    }

    void stop() throws InterruptedException {
        stopped = true;
        thread.join();
    }

    private void run() {
        boolean isNew = true;
        while (!stopped) {
            try (Session session = way.open()) {
                while (!stopped) {
                    last += isNew || !session.mayRepeat() ? 1 : 0;
                    isNew = false;
                    String text = name + "-" + last;
                    if (session.publish(text)) {
                        acknowledged.add(text);
                        isNew = true;
                    }
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                }
            } catch (AssertionError | UncheckedIOException | IOException e) {
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(LONGER_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
