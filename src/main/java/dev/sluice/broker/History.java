package dev.sluice.broker;

import java.util.List;

/**
 * A piece of a channel's stream, as it was at one moment. Immutable.
 *
 * @param top the place of the newest publication there has been
 * @param publications in the order that was asked for
 */
public record History(Position top, List<Publication> publications) {
    public History {
        publications = List.copyOf(publications);
    }

    /**
     * Which piece.
     *
     * @param after publications that come after this offset (before it, when reversed); negative = from the end where
     *     one begins
     * @param limit publications at most; 0 = the top alone
     * @param reverse newest first
     */
    public record Query(long after, int limit, boolean reverse) {
        /** The newest publications, newest first. */
        public static Query newest(int limit) {
            return new Query(-1, limit, true);
        }

        /** What came after an offset, oldest first. */
        public static Query after(long offset, int limit) {
            return new Query(offset, limit, false);
        }

        /** Where the stream stands. */
        public static Query top() {
            return new Query(-1, 0, false);
        }
    }
}
