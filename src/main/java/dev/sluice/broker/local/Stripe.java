package dev.sluice.broker.local;

import dev.sluice.broker.Draft;
import dev.sluice.broker.Position;
import dev.sluice.broker.Retention;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/** Some of the channels, under one lock: all of its state is used within {@link #locked}. */
final class Stripe {
    private static final Duration KEY_LIFE = Duration.ofMinutes(5);

    private record Key(String channel, String text) {}

    private record Seen(Position position, Instant since) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, LocalStream> streams = new HashMap<>();
    /** Oldest first. */
    private final Map<Key, Seen> keys = new LinkedHashMap<>();

    private final Room room;

    Stripe(Room room) {
        this.room = room;
    }

    <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    Optional<LocalStream> find(String channel) {
        return Optional.ofNullable(streams.get(channel));
    }

    LocalStream make(String channel, String epoch) {
        return streams.computeIfAbsent(channel, name -> {
            room.channels(1);
            return new LocalStream(epoch, room);
        });
    }

    /** Where the first draft with the key of this one stands, if there was one of late. */
    Optional<Position> first(Draft draft, Instant now) {
        if (draft.idempotencyKey().isEmpty()) {
            return Optional.empty();
        }
        dropOldKeys(now);
        return Optional.ofNullable(keys.get(key(draft))).map(Seen::position);
    }

    void remember(Draft draft, Position position, Instant now) {
        if (!draft.idempotencyKey().isEmpty()) {
            keys.put(key(draft), new Seen(position, now));
            room.keys(1);
        }
    }

    private static Key key(Draft draft) {
        return new Key(draft.channel(), draft.idempotencyKey());
    }

    /** Frees what has aged; a stream that is left with nothing goes, unless it is of this epoch. */
    void sweep(Function<String, Retention> retention, String epoch, Instant now) {
        dropOldKeys(now);
        streams.forEach((channel, stream) -> stream.trim(retention.apply(channel), now));
        int before = streams.size();
        streams.values().removeIf(stream -> stream.isEmpty() && !stream.epoch().equals(epoch));
        room.channels(streams.size() - before);
    }

    private void dropOldKeys(Instant now) {
        Iterator<Seen> oldest = keys.values().iterator();
        while (oldest.hasNext() && !oldest.next().since().plus(KEY_LIFE).isAfter(now)) {
            oldest.remove();
            room.keys(-1);
        }
    }
}
