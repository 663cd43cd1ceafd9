package dev.sluice.realtime;

import dev.sluice.broker.Position;
import dev.sluice.realtime.LoadClient.Begun;
import dev.sluice.realtime.LoadClient.Form;
import dev.sluice.realtime.LoadClient.Heard;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a channel, comes back whenever the connection ends, and recovers. Holds the server to its word: offsets come
 * one by one, the epoch stays, and recovery is refused for no other reason than that too much was missed. Has a thread of
 * its own.
 */
final class LoadListener {
    private static final long PAUSE_MILLIS = 20;
    /** So long it waits for something to miss. */
    private static final long LONGEST_MILLIS = 10_000;
    /** It does not come back before so many have been published without it. */
    private static final int MISSED_LEAST = 20;
    /** Publications that a server recovers at most. */
    private static final long RECOVERED_MOST = 300;

    private final Form form;
    private final String url;
    private final String channel;
    private final LongSupplier published;
    private final Thread thread = new Thread(this::run, "load-listener");
    private final List<Heard> heard = new ArrayList<>();

    private volatile Optional<Position> position = Optional.empty();
    private volatile boolean stopped;
    private final AtomicInteger recovered = new AtomicInteger();
    private volatile @Nullable LoadClient client;
    private volatile @Nullable Throwable failure;

    /** @param published how many have been published, as far as is known */
    LoadListener(Form form, String url, String channel, LongSupplier published) {
        this.form = form;
        this.url = url;
        this.channel = channel;
        this.published = published;
        thread.start();
    }

    /** The place of what it heard last; empty before it has subscribed. */
    Optional<Position> position() {
        return position;
    }

    /** How many publications it has missed at first and been given when it came back. */
    int recovered() {
        return recovered.get();
    }

    /** What it has heard; to be asked for when it has stopped. */
    List<Heard> heard() {
        return heard;
    }

    /** What the server did wrong, if anything. */
    Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    void stop() throws InterruptedException {
        stopped = true;
        LoadClient last = client;
        if (last != null) {
            last.close();
        }
        thread.join();
    }

    private void run() {
        while (!stopped && failure == null) {
            try (LoadClient opened = form.open(url)) {
                client = opened;
                listen(opened);
            } catch (WrongException e) {
                failure = e;
            } catch (AssertionError | UncheckedIOException e) {
                stayAway();
            }
        }
    }

    private void listen(LoadClient opened) {
        begin(opened.subscribe(channel, position));
        while (!stopped) {
            accept(opened.next());
        }
    }

    private void begin(Begun begun) {
        Position before = position.orElse(null);
        if (before == null) {
            position = Optional.of(begun.position());
            return;
        }
        require(before.epoch().equals(begun.position().epoch()), "another epoch", begun.position());
        if (begun.recovered()) {
            begun.missed().forEach(this::accept);
            recovered.addAndGet(begun.missed().size());
            require(position.filter(begun.position()::equals).isPresent(), "recovered in part", begun.position());
        } else {
            long missed = begun.position().offset() - before.offset();
            require(missed > RECOVERED_MOST, "not recovered, though not much was missed", missed);
        }
        position = Optional.of(begun.position());
    }

    private void accept(Heard one) {
        Position before = position.orElseThrow();
        require(one.offset() == before.offset() + 1, "heard after " + before.offset(), one);
        heard.add(one);
        position = Optional.of(new Position(before.epoch(), one.offset()));
    }

    private static void require(boolean isRight, String what, Object found) {
        if (!isRight) {
            throw new WrongException(what + ": " + found);
        }
    }

    private static final class WrongException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongException(String message) {
            super(message);
        }
    }

    /** Until there is something to recover, if there will be. */
    private void stayAway() {
        long enough = published.getAsLong() + MISSED_LEAST;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);
        try {
            while (!stopped && published.getAsLong() < enough && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
