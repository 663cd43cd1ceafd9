package dev.sluice.channel;

/**
 * A wish to publish. Immutable.
 *
 * @param channel the whole name
 * @param event its name as a server-sent event; empty = {@code message}; at most 64 letters, digits and {@code -_.:}
 * @param data any JSON value, at most {@link Channels#DATA_MOST} bytes in UTF-8
 * @param idempotencyKey of two with the same key within five minutes one is published; empty = none; at most 128
 *     characters
 */
public record PublishRequest(String channel, String event, String data, String idempotencyKey) {
    public PublishRequest(String channel, String data) {
        this(channel, "", data, "");
    }
}
