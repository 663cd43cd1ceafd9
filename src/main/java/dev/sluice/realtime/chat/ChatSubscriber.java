package dev.sluice.realtime.chat;

import dev.sluice.auth.Caller;
import dev.sluice.channel.Event;
import dev.sluice.channel.Subscriber;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Texts;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A connection as channels see it, and which of its channels it sees as rooms. Thread-safe. */
final class ChatSubscriber implements Subscriber {
    static final String ANONYMOUS = "Anonymous";

    private final Connection connection;
    private final Chat chat;
    private final Consumer<String> lost;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>(4);
    private final AtomicInteger asked = new AtomicInteger();
    private volatile String chosenName = "";

    /** As what a channel was asked for. */
    enum View {
        ROOM,
        CHANNEL
    }

    /** How a channel is seen, and when it was asked for, by a number that grows. */
    private record Seen(View view, int asked) {}

    /** @param lost is told the channel of a room of which something was missed; must not block */
    ChatSubscriber(Connection connection, Chat chat, Consumer<String> lost) {
        this.connection = connection;
        this.chat = chat;
        this.lost = lost;
    }

    @Override
    public String connection() {
        return connection.id();
    }

    @Override
    public Caller caller() {
        return connection.caller();
    }

    /** A guest has a name of its own, too: others tell guests apart by it. */
    @Override
    public String user() {
        Caller caller = caller();
        return caller.signedIn() ? caller.subject() : guest(connection.id());
    }

    static String guest(String connection) {
        return "guest-" + connection;
    }

    @Override
    public String name() {
        return chosenName.isEmpty() ? defaultName() : chosenName;
    }

    private String defaultName() {
        String name = caller().name();
        if (name.isBlank()) {
            return ANONYMOUS;
        }
        int most = chat.limits().nameLength();
        return Texts.isLonger(name, most) ? name.substring(0, name.offsetByCodePoints(0, most)) : name;
    }

    /** Takes the name that the client gives; the account's where it gives none. */
    void choose(String name) {
        chosenName = name;
    }

    /**
     * Notes as what a channel is asked for.
     *
     * @return whether it is not known as something else
     */
    boolean see(String channel, View view) {
        Seen wanted = new Seen(view, asked.incrementAndGet());
        return seen.merge(channel, wanted, (known, again) -> known.view() == view ? again : known)
                        .view()
                == view;
    }

    /** Notes it where an end that came meanwhile has forgotten it. */
    void stillSees(String channel, View view) {
        seen.computeIfAbsent(channel, forgotten -> new Seen(view, asked.incrementAndGet()));
    }

    boolean sees(String channel, View view) {
        Seen known = seen.get(channel);
        return known != null && known.view() == view;
    }

    void forget(String channel) {
        seen.remove(channel);
    }

    /** The channel of the room that was joined last, of those that were not left; empty without one. */
    Optional<String> room() {
        return seen.entrySet().stream()
                .filter(entry -> entry.getValue().view() == View.ROOM)
                .max(Comparator.comparingInt(entry -> entry.getValue().asked()))
                .map(Map.Entry::getKey);
    }

    @Override
    public void deliver(Event event) {
        Seen known = seen.get(event.channel());
        if (known == null) {
            return;
        } else if (known.view() == View.ROOM && event.kind() instanceof Event.Lost) {
            // It stays the client's wish to be there, until it says something else.
            lost.accept(event.channel());
            return;
        }
        if (isEnd(event.kind())) {
            forget(event.channel());
        }
        if (!isOwn(event.kind())) {
            chat.events().encoded(event, known.view()).ifPresent(connection::send);
        }
    }

    private static boolean isEnd(Event.Kind kind) {
        return kind instanceof Event.Unsubscribed || kind instanceof Event.Lost;
    }

    private boolean isOwn(Event.Kind kind) {
        return (kind instanceof Event.Joined joined && isOwn(joined.member().connection()))
                || (kind instanceof Event.Typing typing && isOwn(typing.member().connection()));
    }

    private boolean isOwn(String id) {
        return id.equals(connection.id());
    }
}
