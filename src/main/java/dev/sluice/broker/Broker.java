package dev.sluice.broker;

import java.util.concurrent.CompletionStage;

/**
 * Gives publications their order and keeps them. Every node has one; those of one kind on one database work as one.
 * Thread-safe. {@link #start Started} once, closed once; what waits then fails.
 */
public interface Broker extends AutoCloseable {
    /** Begins to hand in what is published from now on. */
    void start(Feed feed);

    /**
     * Publishes.
     *
     * @return completes when the publication has its place, and is kept as surely as this broker can: with that place,
     *     or, for a draft whose key has been seen, with the place of the first. Fails with {@link BrokerException}; then
     *     nothing was published, unless it says that this is unknown. It is handed to the feeds before or after this
     *     completes
     */
    CompletionStage<Position> publish(Draft draft);

    /**
     * Reads what is kept of a channel. A channel that nobody has published to has an epoch and no publications. Where
     * publications are large, fewer may come than were asked for: the first of them, without a gap, and one at least.
     *
     * @return completes with what is kept at one moment after this call; fails with {@link BrokerException}
     */
    CompletionStage<History> history(String channel, History.Query query);

    /** Forgets the publications of a channel; offsets go on. */
    CompletionStage<Void> forget(String channel);

    /**
     * Puts other data in the place of a publication's, which keeps its offset: what was deleted leaves no gap.
     *
     * @return completes with whether the publication is still kept
     */
    CompletionStage<Boolean> replace(String channel, long offset, String data);

    /** Tells all nodes, this one included, as well as it can: what cannot be told is lost, and counted. */
    void signal(Signal signal);

    @Override
    void close();
}
