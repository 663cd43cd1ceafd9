package dev.sluice.broker;

/**
 * A place in the stream of a channel. Immutable.
 *
 * @param epoch names the stream; another one stands for another stream, whose offsets mean nothing to this one. Empty
 *     where nothing is kept
 * @param offset of a publication: 1, 2, 3 … without a gap; 0 is the place before the first
 */
public record Position(String epoch, long offset) {
    /** Of a channel whose publications are not kept. */
    public static final Position NONE = new Position("", 0);
}
