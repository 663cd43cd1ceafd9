package dev.sluice.channel;

import dev.sluice.broker.Publication;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a channel. Made once and delivered to all who are subscribed; it remembers what each
 * encoding made of it. Thread-safe.
 */
public final class Event {
    private final String channel;
    private final Kind kind;
    private volatile @Nullable Encoded encoded;

    private record Encoded(
            Encoding<?> encoding, Object form, @Nullable Encoded others) {}

    /** What happened. */
    public sealed interface Kind permits Message, Joined, Left, PresenceChanged, Typing, Unsubscribed, Lost {}

    /** Somebody published. */
    public record Message(Publication publication) implements Kind {}

    /**
     * A connection came; it hears so itself as well.
     *
     * @param first whether its user was not there before
     * @param count with it
     */
    public record Joined(Member member, boolean first, Count count) implements Kind {}

    /**
     * A connection went.
     *
     * @param last whether its user is not there any more
     * @param count without it
     */
    public record Left(Member member, boolean last, Count count) implements Kind {}

    /**
     * Who came and went since the last time, in a channel with so many members that single joins and leaves would be too
     * much.
     *
     * @param connections connections that came and went
     * @param users users that came and went, each by one of its connections
     * @param count of all, of those whose coming or going is told the next time as well
     */
    public record PresenceChanged(Change connections, Change users, Count count) implements Kind {}

    /** Who came and who went. */
    public record Change(List<Member> joined, List<Member> left) {
        public Change {
            joined = List.copyOf(joined);
            left = List.copyOf(left);
        }
    }

    /** How many are there. */
    public record Count(int users, int connections) {}

    /** Somebody began or ceased to type; who types hears so as well. */
    public record Typing(Member member, boolean typing) implements Kind {}

    /** The subscription has ended, not by the subscriber's wish. */
    public record Unsubscribed(Cause cause) implements Kind {}

    /** Why a subscription ended. */
    public enum Cause {
        /** The server's wish. */
        SERVER,
        /** The caller may not listen here any more. */
        PERMISSION,
        /** The subscription token expired and was not refreshed in time. */
        EXPIRED
    }

    /** Publications were missed, and the subscription has ended: subscribe again from the last known position. */
    public record Lost() implements Kind {}

    Event(String channel, Kind kind) {
        this.channel = channel;
        this.kind = kind;
    }

    public String channel() {
        return channel;
    }

    public Kind kind() {
        return kind;
    }

    /** What an encoding makes of it; made when first asked for. */
    public <F> F encoded(Encoding<F> encoding) {
        for (Encoded known = encoded; known != null; known = known.others()) {
            if (known.encoding() == encoding) {
                @SuppressWarnings("unchecked") // This very encoding made it.
                F form = (F) known.form();
                return form;
            }
        }
        F form = encoding.encode(this);
        encoded = new Encoded(encoding, form, encoded);
        return form;
    }

    @Override
    public String toString() {
        return channel + " " + kind;
    }
}
