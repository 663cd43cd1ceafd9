package dev.sluice.channel;

import dev.sluice.channel.Event.Count;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a topic, and who types: keeps it, and tells those who listen here and the other nodes. A namespace without
 * presence has nobody in it. Guarded by the lock of its topic.
 */
final class Attendance {
    /** Beyond so many users who comes and goes is told by the lot. */
    static final int LARGE = 100;
    /** So many of the same user's are as bad. */
    private static final int LARGE_CONNECTIONS = 2 * LARGE;

    private final Topic topic;
    private final Hub hub;
    private final Namespace namespace;
    private final @Nullable Members members;
    private final @Nullable PresenceDiff diff;
    private final Typers typers = new Typers();

    Attendance(Topic topic, Hub hub) {
        this.topic = topic;
        this.hub = hub;
        this.namespace = topic.namespace();
        boolean hasPresence = namespace.settings().presence();
        this.members = hasPresence ? new Members() : null;
        this.diff = hasPresence && namespace.settings().joinLeave() ? new PresenceDiff() : null;
    }

    boolean isKnown() {
        return members != null;
    }

    boolean isEmpty() {
        return members == null || members.isEmpty();
    }

    Presence presence(int limit) {
        if (diff != null && limit > 0) {
            diff.looked();
        }
        return members == null ? Presence.NOBODY : members.presence(limit);
    }

    /** Whether there is no room for one more user. */
    boolean isFullFor(Member member) {
        return members != null
                && members.count().users() >= namespace.settings().members()
                && !members.hasUser(member.userKey());
    }

    /**
     * Somebody of this node comes. Other nodes are told; those who listen here when the newcomer has been answered.
     *
     * @return what to tell them
     */
    Members.@Nullable Change join(Member self) {
        Members.Change change = members == null ? null : members.join(self, "", hub.now());
        if (change != null) {
            tellNodes(Signals.JOIN, Signals.members(List.of(self)).get(0));
        }
        return change;
    }

    /** Somebody of this node goes; the same. */
    Members.@Nullable Change leave(Member self) {
        stoppedTyping(typers.stop(self), true);
        Members.Change change = members == null ? null : members.leave(self.connection(), "");
        if (change != null) {
            tellNodes(Signals.LEAVE, Signals.members(List.of(self)).get(0));
        }
        return change;
    }

    /** What another node says of one of its own. */
    void joinElsewhere(Member member, String node) {
        if (members != null) {
            tellJoined(members.join(member, node, hub.now()));
        }
    }

    void leaveElsewhere(Member member, String node) {
        Members.Change change = members == null ? null : members.leave(member.connection(), node);
        if (change != null) {
            stoppedTyping(typers.stop(member), false);
        }
        tellLeft(change);
    }

    void forgetNode(String node) {
        if (members != null) {
            members.of(node).forEach(member -> leaveElsewhere(member, node));
        }
    }

    void forgetSilent(Instant since) {
        if (members != null) {
            members.silentSince(since).forEach(member -> leaveElsewhere(member, members.node(member.connection())));
        }
    }

    /**
     * Tells the other nodes who is here.
     *
     * @return how many signals that takes
     */
    int announce() {
        List<Member> here = members == null ? List.of() : members.here();
        if (here.isEmpty()) {
            return 0;
        }
        List<String> texts = Signals.members(here);
        texts.forEach(text -> tellNodes(Signals.HERE, text));
        return texts.size();
    }

    void tellJoined(Members.@Nullable Change change) {
        if (change == null || diff == null || members == null) {
            return;
        }
        Count count = members.count();
        if (isLarge(count)) {
            diff.joined(change);
            hub.hasDiff(topic);
        } else {
            topic.tell(new Event.Joined(change.member(), change.user(), count));
        }
    }

    void tellLeft(Members.@Nullable Change change) {
        if (change == null || diff == null || members == null) {
            return;
        }
        Count count = members.count();
        if (isLarge(count)) {
            diff.left(change);
            hub.hasDiff(topic);
        } else {
            topic.tell(new Event.Left(change.member(), change.user(), count));
        }
    }

    /** A diff that has begun is told before single changes go on. */
    private boolean isLarge(Count count) {
        return count.users() > LARGE || count.connections() > LARGE_CONNECTIONS || (diff != null && diff.isBegun());
    }

    /**
     * Tells what has changed, if it is time.
     *
     * @return whether nothing is left to be told
     */
    boolean tellDiff(Instant now) {
        if (diff != null && members != null && diff.isDue(now)) {
            topic.tell(diff.take(members, now));
        }
        return diff == null || !diff.isBegun();
    }

    /** A member of this node types, or does so no more. */
    void type(Member member, boolean typing) {
        if (!typing) {
            stoppedTyping(typers.stop(member.userKey()), true);
            return;
        }
        if (typed(member) != Typers.Change.NOTHING) {
            tellNodes(Signals.TYPING, Signals.typing(member, true));
        }
    }

    /** What another node says. */
    void typesElsewhere(Event.Typing typing) {
        Member member = typing.member();
        if (!typing.typing()) {
            stoppedTyping(typers.stop(member.userKey()), false);
        } else if (members == null || members.hasConnection(member.connection())) {
            typed(member);
        }
    }

    private Typers.Change typed(Member member) {
        Typers.Change change =
                typers.type(member, hub.now(), namespace.settings().typingTtl());
        hub.hasTypers(topic);
        if (change == Typers.Change.BEGAN) {
            topic.tell(new Event.Typing(member, true));
        }
        return change;
    }

    private void stoppedTyping(@Nullable Member member, boolean tellNodes) {
        if (member == null) {
            return;
        }
        topic.tell(new Event.Typing(member, false));
        if (tellNodes) {
            tellNodes(Signals.TYPING, Signals.typing(member, false));
        }
    }

    /**
     * Forgets those whose time is over.
     *
     * @return whether nobody types
     */
    boolean expireTypers(Instant now) {
        typers.expire(now).forEach(member -> topic.tell(new Event.Typing(member, false)));
        return typers.isEmpty();
    }

    private void tellNodes(String kind, String text) {
        namespace.relay().tell(topic.channel(), kind, text);
    }
}
