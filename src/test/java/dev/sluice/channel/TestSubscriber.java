package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.Caller;
import dev.sluice.broker.Publication;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A connection that remembers all it is told, in its order. Thread-safe. */
final class TestSubscriber implements Subscriber {
    private final String connection;
    private final List<Object> heard = new ArrayList<>();
    private volatile Caller caller;

    TestSubscriber(String connection, Caller caller) {
        this.connection = connection;
        this.caller = caller;
    }

    /** A connection of somebody who is signed in. */
    static TestSubscriber of(String connection, String user) {
        return new TestSubscriber(connection, caller(user));
    }

    static Caller caller(String user, String... roles) {
        return new Caller(user, "name of " + user, Set.of(roles), Map.of("sub", user));
    }

    static Caller callerWith(String user, Map<String, Object> claims) {
        Map<String, Object> all = new LinkedHashMap<>(claims);
        all.put("sub", user);
        return new Caller(user, "name of " + user, Set.of(), all);
    }

    void become(Caller other) {
        caller = other;
    }

    @Override
    public String connection() {
        return connection;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public synchronized void deliver(Event event) {
        heard.add(event);
        notifyAll();
    }

    /** What it was told, without the answers to its wishes. */
    synchronized List<Event.Kind> events() {
        return heard.stream()
                .filter(Event.class::isInstance)
                .map(event -> ((Event) event).kind())
                .toList();
    }

    <K extends Event.Kind> List<K> events(Class<K> kind) {
        return events().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Everything, answers included. */
    synchronized List<Object> heard() {
        return new ArrayList<>(heard);
    }

    synchronized void forgetAll() {
        heard.clear();
    }

    /** The data of the messages it heard live. */
    List<String> messages() {
        return events(Event.Message.class).stream()
                .map(message -> message.publication().data())
                .toList();
    }

    /** An answer that is put among the events, as a protocol would queue it. */
    Answer answer() {
        return new Answer();
    }

    /** Waits for an answer. */
    final class Answer implements Reply<Subscribed> {
        private final CompletableFuture<Subscribed> done = new CompletableFuture<>();

        @Override
        public void ok(Subscribed answer) {
            synchronized (TestSubscriber.this) {
                heard.add(answer);
            }
            assertThat(done.complete(answer)).as("one answer").isTrue();
        }

        @Override
        public void failed(ChannelException error) {
            assertThat(done.completeExceptionally(error)).as("one answer").isTrue();
        }

        boolean isDone() {
            return done.isDone();
        }

        boolean isRefused() {
            return done.isCompletedExceptionally();
        }

        Subscribed get() {
            return soon(done);
        }

        ChannelException.Reason refusal() {
            return refusalOf(done);
        }
    }

    static <T> T soon(CompletableFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("refused: " + e.getCause(), e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    static ChannelException.Reason refusalOf(CompletableFuture<?> future) {
        try {
            throw new AssertionError("not refused: " + future.get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ChannelException refusal) {
                return refusal.reason();
            }
            throw new AssertionError("failed otherwise", e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    static List<Long> offsets(List<Publication> publications) {
        return publications.stream().map(one -> one.position().offset()).toList();
    }
}
