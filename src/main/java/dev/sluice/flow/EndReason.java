package dev.sluice.flow;

/** Why a stream ended; exactly one for each stream. */
public enum EndReason {
    /** Everything was handed to the container, the end of the body included. */
    COMPLETE,
    /** The request could not be served; nothing was streamed. */
    REFUSED,
    /** The client went away. */
    CLIENT_GONE,
    /** The client took nothing for too long. */
    STALLED,
    /** The source took too long to its first byte. */
    FIRST_BYTE_TIMEOUT,
    /** The client was too slow, and there was no room on disk to let the source go. */
    SPOOL_FULL,
    /** The source failed. */
    SOURCE_FAILED,
    /** The server ended it: an administrator, or a shutdown whose time was over. */
    CANCELLED;

    /** As a label of metrics: {@code client-gone}. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
