package dev.sluice.channel;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Where a subscription begins, and what it is given to begin with: what was read of the history, then what came live while
 * it was read and since. All or nothing: publications without a gap up to the position, or none. Immutable.
 *
 * @param position the newest of all that is known
 * @param recovered whether {@code publications} are exactly those since the position that was asked for
 * @param publications oldest first
 */
record Recovery(Position position, boolean recovered, List<Publication> publications) {
    /** Publications recovered at most. */
    static final int MOST = 300;
    /** Characters of their data at most: what is more would overflow the queue of the connection it is for. */
    static final int MOST_CHARACTERS = 512 * 1024;

    /** Begins here, with nothing. */
    static Recovery at(Position position) {
        return new Recovery(position, false, List.of());
    }

    /** Nothing was missed. */
    static Recovery nothingMissed(Position position) {
        return new Recovery(position, true, List.of());
    }

    /**
     * Merges.
     *
     * @param read the newest publications and the top, oldest first
     * @param buffered what the feed handed in while that was read and since, in its order
     * @param live where the feed stands, in the same epoch; null before its first publication
     * @param since recover from there; of whatever stream there is, where it names none
     * @param recent without {@code since}, so many of the newest are wanted
     */
    static Recovery merge(
            History read,
            Collection<Publication> buffered,
            @org.jspecify.annotations.Nullable Position live,
            Optional<Position> since,
            int recent) {
        Position top = live == null || read.top().offset() > live.offset() ? read.top() : live;
        List<Publication> all = new ArrayList<>(read.publications());
        buffered.stream()
                .filter(one -> one.position().offset() > read.top().offset())
                .forEach(all::add);
        if (since.isEmpty()) {
            return new Recovery(top, false, newest(all, top, recent));
        }
        long missed = top.offset() - since.get().offset();
        boolean recoverable = isOf(top.epoch(), since.get()) && missed >= 0 && missed <= MOST;
        List<Publication> recovered = recoverable ? newest(all, top, (int) missed) : List.of();
        return recoverable && recovered.size() == missed
                ? new Recovery(top, true, recovered)
                : new Recovery(top, false, List.of());
    }

    /** Who names no stream takes any, as with Centrifugo. */
    private static boolean isOf(String epoch, Position since) {
        return since.epoch().isEmpty() || since.epoch().equals(epoch);
    }

    /** The longest end of a list without a gap up to the top, of at most so many publications and bytes. */
    private static List<Publication> newest(List<Publication> all, Position top, int most) {
        int from = all.size();
        long characters = 0;
        while (from > 0 && all.size() - from < most) {
            Publication next = all.get(from - 1);
            characters += next.data().length();
            boolean fits = next.position().offset() == top.offset() - (all.size() - from)
                    && next.position().epoch().equals(top.epoch())
                    && characters <= MOST_CHARACTERS;
            if (!fits) {
                break;
            }
            from--;
        }
        return List.copyOf(all.subList(from, all.size()));
    }
}
