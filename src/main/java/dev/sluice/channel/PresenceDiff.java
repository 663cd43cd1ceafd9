package dev.sluice.channel;

import dev.sluice.channel.Event.Change;
import dev.sluice.channel.Event.PresenceChanged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What has changed in a large channel since its members were told last. Who came and went meanwhile is not mentioned,
 * unless somebody may have seen them; who finds no place any more is told the next time. Guarded by the lock of its topic.
 */
final class PresenceDiff {
    /** Members in each list at most. */
    static final int MOST = 200;

    static final Duration PAUSE = Duration.ofMillis(250);

    private final Map<String, Touched> connections = new LinkedHashMap<>();
    private final Map<String, Touched> users = new LinkedHashMap<>();
    private Instant last = Instant.MIN;

    /** How often somebody has looked who was in the channel meanwhile. */
    private int looks;

    /** @param looks how many there had been when it began */
    private record Touched(Member member, boolean wasThere, int looks) {}

    /** Somebody looks who is there now, and so knows what is yet to be told. */
    void looked() {
        looks++;
    }

    void joined(Members.Change change) {
        note(change, false);
    }

    void left(Members.Change change) {
        note(change, true);
    }

    private void note(Members.Change change, boolean wasThere) {
        connections.putIfAbsent(change.member().connection(), new Touched(change.member(), wasThere, looks));
        if (change.user()) {
            users.putIfAbsent(change.member().userKey(), new Touched(change.member(), wasThere, looks));
        }
    }

    boolean isBegun() {
        return !connections.isEmpty() || !users.isEmpty();
    }

    boolean isDue(Instant now) {
        return isBegun() && !last.isAfter(now.minus(PAUSE));
    }

    /** What changed, as much as is told at once. */
    PresenceChanged take(Members members, Instant now) {
        last = now;
        List<Member> joined = new ArrayList<>();
        List<Member> left = new ArrayList<>();
        move(connections, members::hasConnection, joined, left);
        List<Member> usersJoined = new ArrayList<>();
        List<Member> usersLeft = new ArrayList<>();
        move(users, members::hasUser, usersJoined, usersLeft);
        return new PresenceChanged(new Change(joined, left), new Change(usersJoined, usersLeft), members.count());
    }

    private void move(Map<String, Touched> touched, Predicate<String> isThere, List<Member> joined, List<Member> left) {
        Iterator<Map.Entry<String, Touched>> each = touched.entrySet().iterator();
        while (each.hasNext() && (joined.size() < MOST || left.size() < MOST)) {
            Map.Entry<String, Touched> one = each.next();
            boolean isHere = isThere.test(one.getKey());
            List<Member> list = isHere ? joined : left;
            if (!isNews(one.getValue(), isHere)) {
                each.remove();
            } else if (list.size() < MOST) {
                list.add(one.getValue().member());
                each.remove();
            }
        }
    }

    /** To those who were told last, or to somebody who has looked since it began. */
    private boolean isNews(Touched touched, boolean isHere) {
        return touched.wasThere() != isHere || touched.looks() != looks;
    }
}
