package dev.sluice.channel;

import dev.sluice.broker.Position;
import java.util.concurrent.CompletionStage;

/** Publishes in the name of the server: what other features know of channels. Thread-safe. */
@FunctionalInterface
public interface Publisher {
    /**
     * Publishes, whoever may publish in that namespace.
     *
     * @return completes with the place of the publication; fails with {@link ChannelException}
     */
    CompletionStage<Position> publish(PublishRequest request);

    /** Publishes JSON as an event of this name; empty = {@code message}. */
    default CompletionStage<Position> publish(String channel, String event, String json) {
        return publish(new PublishRequest(channel, event, json, ""));
    }
}
