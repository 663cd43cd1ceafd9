package dev.sluice.channel;

import dev.sluice.broker.Position;
import java.util.Optional;

/**
 * A wish to listen. Immutable; the {@code with…} methods make others of it.
 *
 * @param channel the whole name
 * @param since recover what was published after this position; an empty epoch stands for any
 * @param token a subscription token; empty without any
 * @param recent newest publications wanted with the answer, where there is no {@code since}; at most 300
 * @param members members wanted with the answer; 0 = none, only the count
 * @param again whether an existing subscription is answered as if it were new, rather than an error
 * @param byServer whether the server itself wants it, so that nobody asks whether the caller may
 * @param info JSON for others to see, where the server wants it; empty without any
 */
public record SubscribeRequest(
        String channel,
        Optional<Position> since,
        String token,
        int recent,
        int members,
        boolean again,
        boolean byServer,
        String info) {
    public SubscribeRequest {
        recent = Math.max(0, recent);
        members = Math.max(0, members);
    }

    public static SubscribeRequest to(String channel) {
        return new SubscribeRequest(channel, Optional.empty(), "", 0, 0, false, false, "");
    }

    /** Whether publications are wanted, so that knowing where the stream stands does not do. */
    boolean wantsPublications() {
        return since.isPresent() || recent > 0;
    }

    public SubscribeRequest withSince(Position position) {
        return new SubscribeRequest(channel, Optional.of(position), token, recent, members, again, byServer, info);
    }

    public SubscribeRequest withToken(String text) {
        return new SubscribeRequest(channel, since, text, recent, members, again, byServer, info);
    }

    public SubscribeRequest withRecent(int count) {
        return new SubscribeRequest(channel, since, token, count, members, again, byServer, info);
    }

    public SubscribeRequest withMembers(int count) {
        return new SubscribeRequest(channel, since, token, recent, count, again, byServer, info);
    }

    public SubscribeRequest allowingAgain() {
        return new SubscribeRequest(channel, since, token, recent, members, true, byServer, info);
    }

    /**
     * What the server wants for the caller, whatever the permissions of the namespace are.
     *
     * @param json for others to see; empty without any
     */
    public SubscribeRequest byTheServer(String json) {
        return new SubscribeRequest(channel, since, token, recent, members, again, true, json);
    }
}
