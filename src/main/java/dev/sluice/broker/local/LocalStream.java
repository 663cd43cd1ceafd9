package dev.sluice.broker.local;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Retention;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What is kept of one channel, oldest first. Guarded by the lock of its {@link Stripe}. */
final class LocalStream {
    private record Kept(Publication publication, Instant since) {}

    private final String epoch;
    private final Room room;
    private Deque<Kept> kept = new ArrayDeque<>();
    private long top;

    LocalStream(String epoch, Room room) {
        this.epoch = epoch;
        this.room = room;
    }

    String epoch() {
        return epoch;
    }

    Position top() {
        return new Position(epoch, top);
    }

    Position next() {
        return new Position(epoch, top + 1);
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }

    /** Keeps the publication that stands at {@link #next}, and drops what is too much or too old. */
    void append(Publication publication, Retention retention, Instant now) {
        top++;
        kept.add(new Kept(publication, now));
        room.take(Room.cost(publication));
        trim(retention, now);
    }

    void trim(Retention retention, Instant now) {
        Instant oldest = now.minus(retention.age());
        while (!kept.isEmpty()
                && (kept.size() > retention.size() || !kept.getFirst().since().isAfter(oldest))) {
            drop(kept.removeFirst());
        }
    }

    void clear() {
        kept.forEach(this::drop);
        kept.clear();
    }

    private void drop(Kept dropped) {
        room.free(Room.cost(dropped.publication()));
    }

    boolean replace(long offset, String data) {
        boolean isKept = offset <= top && offset > top - kept.size();
        if (isKept) {
            kept = kept.stream()
                    .map(one -> one.publication().position().offset() == offset ? replaced(one, data) : one)
                    .collect(Collectors.toCollection(ArrayDeque::new));
        }
        return isKept;
    }

    private Kept replaced(Kept one, String data) {
        Publication old = one.publication();
        Publication now = new Publication(old.channel(), old.position(), old.event(), data, old.info(), old.time());
        room.free(Room.cost(old));
        room.take(Room.cost(now));
        return new Kept(now, one.since());
    }

    History read(History.Query query) {
        return new History(top(), query.reverse() ? newestFirst(query) : oldestFirst(query));
    }

    private List<Publication> oldestFirst(History.Query query) {
        return publications(kept.iterator())
                .filter(one -> one.position().offset() > query.after())
                .limit(query.limit())
                .toList();
    }

    private List<Publication> newestFirst(History.Query query) {
        return publications(kept.descendingIterator())
                .filter(one -> query.after() < 0 || one.position().offset() < query.after())
                .limit(query.limit())
                .toList();
    }

    private static Stream<Publication> publications(Iterator<Kept> all) {
        Iterable<Kept> iterable = () -> all;
        return StreamSupport.stream(iterable.spliterator(), false).map(Kept::publication);
    }
}
