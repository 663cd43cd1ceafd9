package dev.sluice.channel;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who types in one channel, user by user; nobody for longer than the time to live. Guarded by the lock of its topic. */
final class Typers {
    private final Map<String, Typer> byUser = new LinkedHashMap<>();

    private record Typer(Member member, Instant told, Instant until) {}

    /** What others are to be told. */
    enum Change {
        /** All are. */
        BEGAN,
        /** Other nodes are, lest they forget. */
        GOES_ON,
        /** Nobody. */
        NOTHING
    }

    /** Somebody types, and will be thought to for so long. */
    Change type(Member member, Instant now, Duration ttl) {
        Typer known = byUser.get(member.userKey());
        boolean recent = known != null && now.isBefore(known.told().plus(ttl.dividedBy(2)));
        Instant told = known != null && recent ? known.told() : now;
        byUser.put(member.userKey(), new Typer(member, told, now.plus(ttl)));
        return known == null ? Change.BEGAN : recent ? Change.NOTHING : Change.GOES_ON;
    }

    /** The user does not type any more. Returns who did; null when nobody. */
    @Nullable
    Member stop(String userKey) {
        Typer typer = byUser.remove(userKey);
        return typer == null ? null : typer.member();
    }

    /** The same, if it was this connection that typed. */
    @Nullable
    Member stop(Member member) {
        Typer typer = byUser.get(member.userKey());
        return typer != null && typer.member().connection().equals(member.connection()) ? stop(member.userKey()) : null;
    }

    /** Those whose time is over. */
    List<Member> expire(Instant now) {
        List<Member> expired = new ArrayList<>();
        byUser.values().removeIf(typer -> {
            boolean over = !typer.until().isAfter(now);
            if (over) {
                expired.add(typer.member());
            }
            return over;
        });
        return expired;
    }

    boolean isEmpty() {
        return byUser.isEmpty();
    }
}
