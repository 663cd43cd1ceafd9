package dev.sluice.broker;

/**
 * What somebody wants to publish. Immutable.
 *
 * @param channel the whole name, {@code namespace:name}
 * @param event its name as a server-sent event; empty = {@code message}
 * @param data JSON
 * @param info who sent it, JSON; empty where a server did
 * @param idempotencyKey of two drafts of one channel with the same key, within five minutes, one is published; empty = none
 */
public record Draft(String channel, String event, String data, String info, String idempotencyKey) {
    public Draft(String channel, String data) {
        this(channel, "", data, "", "");
    }
}
