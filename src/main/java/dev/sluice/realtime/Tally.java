package dev.sluice.realtime;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How many there are of each key, up to a limit. Keys that nobody has are not kept. Thread-safe. */
final class Tally {
    private final int most;
    private final ConcurrentMap<String, Integer> counts = new ConcurrentHashMap<>();

    /** @param most of one key; 0 = no limit */
    Tally(int most) {
        this.most = most;
    }

    /** Answers whether there was room for one more. */
    boolean take(String key) {
        boolean[] taken = new boolean[1];
        counts.compute(key, (k, before) -> {
            int count = before == null ? 0 : before;
            taken[0] = most == 0 || count < most;
            return taken[0] ? Integer.valueOf(count + 1) : before;
        });
        return taken[0];
    }

    void give(String key) {
        counts.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
    }

    int keys() {
        return counts.size();
    }
}
