package dev.sluice.broker;

/**
 * What was published. Immutable.
 *
 * @param channel the whole name, {@code namespace:name}
 * @param position where it stands in the channel's stream; {@link Position#NONE} where nothing is kept
 * @param event its name as a server-sent event; empty = {@code message}
 * @param data JSON
 * @param info who sent it, JSON; empty where a server did
 * @param time when it was published, in milliseconds since 1970
 */
public record Publication(String channel, Position position, String event, String data, String info, long time) {}
