package dev.sluice.realtime.centrifugo;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.channel.Event;
import dev.sluice.channel.Member;
import dev.sluice.channel.Presence;
import dev.sluice.channel.Subscribed;
import dev.sluice.http.Json;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * How results are written; data, which were checked when they were published, are put in as they are. Stateless.
 */
final class Replies {
    /** Clients ask for the new token exactly when they were told the old one ends: they are told a little less. */
    private static final long MARGIN_MOST_SECONDS = 25;

    private static final int MARGIN_PART = 10;

    private Replies() {}

    /** An answer. */
    static String reply(long id, Command.Method method, String result) {
        return "{\"id\":" + id + ",\"" + method.field() + "\":" + result + "}";
    }

    static String error(long id, FaultException error) {
        return "{\"id\":" + id + ",\"error\":" + error(error) + "}";
    }

    static String error(FaultException error) {
        return "{\"code\":" + error.code() + ",\"message\":" + Json.text(error.text())
                + (error.detail().isEmpty() ? "" : ",\"detail\":" + Json.text(error.detail()))
                + (error.temporary() ? ",\"temporary\":true}" : "}");
    }

    /**
     * How a connection begins.
     *
     * @param expiresIn empty when it does not end by itself
     * @param begun what it is subscribed to already
     */
    static String connected(
            String client, Optional<Duration> expiresIn, Collection<Subscribed> begun, long pingSeconds, String node) {
        StringBuilder out = new StringBuilder(256);
        out.append(identity(client, expiresIn)).append(",\"ping\":").append(pingSeconds);
        out.append(",\"pong\":true,\"session\":")
                .append(Json.text(UUID.randomUUID().toString()));
        out.append(",\"node\":").append(Json.text(node));
        if (!begun.isEmpty()) {
            out.append(begun.stream()
                    .map(one -> Json.text(one.channel()) + ":" + subscribed(one))
                    .collect(Collectors.joining(",", ",\"subs\":{", "}")));
        }
        return out.append('}').toString();
    }

    static String refreshed(String client, Optional<Duration> expiresIn) {
        return identity(client, expiresIn) + "}";
    }

    private static String identity(String client, Optional<Duration> expiresIn) {
        return "{\"client\":" + Json.text(client) + ",\"version\":\"Sluice\""
                + expiresIn.map(left -> "," + expiry(left)).orElse("");
    }

    /** How a subscription begins. */
    static String subscribed(Subscribed subscribed) {
        StringBuilder out = new StringBuilder(128).append('{');
        if (subscribed.recoverable()) {
            out.append("\"recoverable\":true,\"positioned\":true,");
            position(out, subscribed.position()).append(',');
        }
        if (subscribed.wasRecovering()) {
            out.append("\"was_recovering\":true,");
        }
        if (subscribed.recovered()) {
            out.append("\"recovered\":true,");
        }
        if (subscribed.wasRecovering() && !subscribed.publications().isEmpty()) {
            publications(out, subscribed.publications()).append(',');
        }
        subscribed.expiresIn().ifPresent(left -> out.append(expiry(left)).append(','));
        return close(out);
    }

    static String history(History history) {
        StringBuilder out = new StringBuilder(128).append('{');
        publications(out, history.publications()).append(',');
        return position(out, history.top()).append('}').toString();
    }

    /** Where nothing is kept there is no position to tell. */
    static String published(Position position) {
        return position.epoch().isEmpty() ? "{}" : position(position);
    }

    private static String position(Position position) {
        return position(new StringBuilder("{"), position).append('}').toString();
    }

    static String presence(Presence presence) {
        return presence.connections().stream()
                .map(member -> Json.text(member.connection()) + ":" + member.json())
                .collect(Collectors.joining(",", "{\"presence\":{", "}}"));
    }

    static String presenceStats(Event.Count count) {
        return "{\"num_clients\":" + count.connections() + ",\"num_users\":" + count.users() + "}";
    }

    static String subRefreshed(Optional<Duration> left) {
        return left.map(time -> "{" + expiry(time) + "}").orElse("{}");
    }

    /** That something ends, and when the client shall come with a newer token. */
    static String expiry(Duration left) {
        return "\"expires\":true,\"ttl\":" + ttl(left);
    }

    /** In seconds; never nothing, because that would be for ever. */
    static long ttl(Duration left) {
        long seconds = left.toSeconds();
        long margin = Math.min(MARGIN_MOST_SECONDS, Math.max(1, seconds / MARGIN_PART));
        return Math.max(1, seconds - margin);
    }

    static String publication(Publication publication) {
        StringBuilder out = new StringBuilder(publication.data().length() + 128);
        out.append("{\"data\":").append(publication.data());
        if (publication.position().offset() > 0) {
            out.append(",\"offset\":").append(publication.position().offset());
        }
        if (!publication.info().isEmpty()) {
            out.append(",\"info\":").append(publication.info());
        }
        if (!publication.event().isEmpty()) {
            out.append(",\"tags\":{\"event\":")
                    .append(Json.text(publication.event()))
                    .append('}');
        }
        return out.append('}').toString();
    }

    private static StringBuilder publications(StringBuilder out, List<Publication> publications) {
        out.append("\"publications\":[");
        for (int i = 0; i < publications.size(); i++) {
            out.append(i == 0 ? "" : ",").append(publication(publications.get(i)));
        }
        return out.append(']');
    }

    private static StringBuilder position(StringBuilder out, Position position) {
        return out.append("\"epoch\":")
                .append(Json.text(position.epoch()))
                .append(",\"offset\":")
                .append(position.offset());
    }

    private static String close(StringBuilder out) {
        if (out.charAt(out.length() - 1) == ',') {
            out.setLength(out.length() - 1);
        }
        return out.append('}').toString();
    }

    /** Who somebody is, as pushes tell it. */
    static String info(Member member) {
        return "{\"info\":" + member.json() + "}";
    }
}
