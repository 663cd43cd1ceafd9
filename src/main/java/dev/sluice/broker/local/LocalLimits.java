package dev.sluice.broker.local;

/**
 * What the broker in memory may keep at most; then publications that would be kept are refused as overload until
 * something has aged. Channels without history are not counted. Immutable.
 *
 * @param channels channels with publications
 * @param bytes text of all publications together, with what they take around it
 * @param keys idempotency keys of the last five minutes
 */
public record LocalLimits(int channels, long bytes, int keys) {
    public static final LocalLimits DEFAULT = new LocalLimits(100_000, 256L << 20, 100_000);
}
