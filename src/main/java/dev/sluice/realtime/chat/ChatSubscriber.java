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
import org.jspecify.annotations.Nullable;

/** A connection as channels see it, and as what it listens to each of its channels: as a room, a channel or both. Thread-safe. */
final class ChatSubscriber implements Subscriber {
    static final String ANONYMOUS = "Anonymous";

    private final Connection connection;
    private final Chat chat;
    private final Consumer<String> lost;
    private final Map<String, Views> seen = new ConcurrentHashMap<>(4);
    private final AtomicInteger joined = new AtomicInteger();
    private volatile String chosenName = "";

    /** As what a channel is listened to. */
    enum View {
        ROOM,
        CHANNEL
    }

    /**
     * As what one channel is listened to: as either, or as both.
     *
     * @param room when it was joined as a room, by a number that grows; 0 where it was not
     */
    private record Views(int room, boolean channel) {
        private static final Views NONE = new Views(0, false);

        boolean has(View view) {
            return view == View.ROOM ? room > 0 : channel;
        }

        Views with(View view, int number) {
            return view == View.ROOM ? new Views(number, channel) : new Views(room, true);
        }

        Views without(View view) {
            return view == View.ROOM ? new Views(0, channel) : new Views(room, false);
        }
    }

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

    /** From now on what happens in the channel is told in this form, too. */
    void see(String channel, View view) {
        int number = joined.incrementAndGet();
        seen.merge(channel, Views.NONE.with(view, number), (known, first) -> known.with(view, number));
    }

    boolean sees(String channel, View view) {
        Views known = seen.get(channel);
        return known != null && known.has(view);
    }

    /** Answers whether the channel is listened to in no form any more. */
    boolean forget(String channel, View view) {
        return seen.computeIfPresent(channel, (name, known) -> left(known.without(view))) == null;
    }

    private static @Nullable Views left(Views views) {
        return views.equals(Views.NONE) ? null : views;
    }

    /** The channel of the room that was joined last, of those that were not left; empty without one. */
    Optional<String> room() {
        return seen.entrySet().stream()
                .filter(entry -> entry.getValue().has(View.ROOM))
                .max(Comparator.comparingInt(entry -> entry.getValue().room()))
                .map(Map.Entry::getKey);
    }

    @Override
    public void deliver(Event event) {
        Views known = seen.get(event.channel());
        if (known == null) {
            return;
        } else if (isEnd(event.kind())) {
            end(event, known);
        } else if (!isOwn(event.kind())) {
            tell(event, known);
        }
    }

    /** What has one form for both is told once. */
    private void tell(Event event, Views known) {
        boolean isOnce = known.has(View.ROOM) && Events.isAlike(event.kind());
        if (known.has(View.CHANNEL) && !isOnce) {
            tell(event, View.CHANNEL);
        }
        if (known.has(View.ROOM)) {
            tell(event, View.ROOM);
        }
    }

    /** A room of which something was missed stays the client's wish, until it says something else. */
    private void end(Event event, Views known) {
        boolean isLostRoom = known.has(View.ROOM) && event.kind() instanceof Event.Lost;
        forget(event.channel(), View.CHANNEL);
        if (known.has(View.CHANNEL)) {
            tell(event, View.CHANNEL);
        }
        if (isLostRoom) {
            lost.accept(event.channel());
        } else if (known.has(View.ROOM)) {
            forget(event.channel(), View.ROOM);
            tell(event, View.ROOM);
        }
    }

    private void tell(Event event, View view) {
        chat.events().encoded(event, view).ifPresent(connection::send);
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
