package dev.sluice.channel;

import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.http.Json;
import org.jspecify.annotations.Nullable;

/**
 * A connection in a channel, as others see it. Immutable.
 *
 * @param connection its name
 * @param user its user; empty for nobody in particular
 * @param name what people call the user
 * @param connectionInfo JSON that tells of the connection; empty = its name does
 * @param info JSON of the subscription token; empty without any
 */
public record Member(String connection, String user, String name, String connectionInfo, String info) {
    /** Characters of what tokens say of somebody, at most: it stands in presence and in each publication. */
    public static final int INFO_MOST = 1024;

    /** Of whom only the name is known. */
    public Member(String connection, String user, String name, String info) {
        this(connection, user, name, "", info);
    }

    /**
     * What a token says of somebody, as JSON; empty without it.
     *
     * @param claim a JSON value
     * @throws ChannelException when it is longer than {@link #INFO_MOST}
     */
    public static String info(@Nullable Object claim) {
        String json = claim == null ? "" : Json.text(claim);
        if (json.length() > INFO_MOST) {
            throw new ChannelException(
                    Reason.BAD_REQUEST, "The info of the token is longer than " + INFO_MOST + " characters.");
        }
        return json;
    }

    /** The same without what tells of the connection. */
    Member withoutConnectionInfo() {
        return new Member(connection, user, name, info);
    }

    /** Whom presence counts: nobody in particular is a user of its own. */
    String userKey() {
        return user.isEmpty() ? "\0" + connection : user;
    }

    /**
     * As JSON, in the form of Centrifugo's client info: {@code user}, {@code client}, {@code conn_info} of the connection
     * token or with the name, {@code chan_info} of the subscription token. It stands with everything that a connection
     * publishes.
     */
    public String json() {
        StringBuilder out = new StringBuilder(128);
        out.append("{\"user\":").append(Json.text(user));
        out.append(",\"client\":").append(Json.text(connection));
        if (!connectionInfo.isEmpty()) {
            out.append(",\"conn_info\":").append(connectionInfo);
        } else if (!name.isEmpty()) {
            out.append(",\"conn_info\":{\"name\":").append(Json.text(name)).append('}');
        }
        if (!info.isEmpty()) {
            out.append(",\"chan_info\":").append(info);
        }
        return out.append('}').toString();
    }
}
