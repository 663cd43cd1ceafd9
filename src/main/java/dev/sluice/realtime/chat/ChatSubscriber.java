package dev.sluice.realtime.chat;

import dev.sluice.auth.Caller;
import dev.sluice.channel.Event;
import dev.sluice.channel.Subscriber;
import dev.sluice.realtime.Connection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A connection as channels see it, and which of its channels it sees as rooms. Thread-safe. */
final class ChatSubscriber implements Subscriber {
    static final String ANONYMOUS = "Anonymous";

    private final Connection connection;
    private final Events events;
    private final Map<String, View> views = new ConcurrentHashMap<>(4);
    private volatile String chosenName = "";
    private volatile String lastRoom = "";

    /** As what a channel was asked for. */
    enum View {
        ROOM,
        CHANNEL
    }

    ChatSubscriber(Connection connection, Events events) {
        this.connection = connection;
        this.events = events;
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
        return caller.signedIn() ? caller.subject() : "guest-" + connection.id();
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
        return Texts.isLonger(name, Texts.NAME_MOST)
                ? name.substring(0, name.offsetByCodePoints(0, Texts.NAME_MOST))
                : name;
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
        View known = views.putIfAbsent(channel, view);
        if (view == View.ROOM && (known == null || known == view)) {
            lastRoom = channel;
        }
        return known == null || known == view;
    }

    boolean sees(String channel, View view) {
        return views.get(channel) == view;
    }

    void forget(String channel) {
        views.remove(channel);
    }

    /** The channel of the room that was joined last and not left, or of any other; empty without one. */
    Optional<String> room() {
        String last = lastRoom;
        if (sees(last, View.ROOM)) {
            return Optional.of(last);
        }
        return views.entrySet().stream()
                .filter(entry -> entry.getValue() == View.ROOM)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    @Override
    public void deliver(Event event) {
        View view = isEnd(event.kind()) ? views.remove(event.channel()) : views.get(event.channel());
        if (view != null && !isOwn(event.kind())) {
            events.encoded(event, view).ifPresent(connection::send);
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
