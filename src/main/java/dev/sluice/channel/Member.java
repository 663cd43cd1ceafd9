package dev.sluice.channel;

import dev.sluice.http.Json;

/**
 * A connection in a channel, as others see it. Immutable.
 *
 * @param connection its name
 * @param user its user; empty for nobody in particular
 * @param name what people call the user
 * @param info JSON of the subscription token; empty without any
 */
public record Member(String connection, String user, String name, String info) {
    /** Whom presence counts: nobody in particular is a user of its own. */
    String userKey() {
        return user.isEmpty() ? "\0" + connection : user;
    }

    /**
     * As JSON, in the form of Centrifugo's client info: {@code user}, {@code client}, {@code conn_info} with the name,
     * {@code chan_info} of the subscription token. It stands with everything that a connection publishes.
     */
    public String json() {
        StringBuilder out = new StringBuilder(128);
        out.append("{\"user\":").append(Json.text(user));
        out.append(",\"client\":").append(Json.text(connection));
        if (!name.isEmpty()) {
            out.append(",\"conn_info\":{\"name\":").append(Json.text(name)).append('}');
        }
        if (!info.isEmpty()) {
            out.append(",\"chan_info\":").append(info);
        }
        return out.append('}').toString();
    }
}
