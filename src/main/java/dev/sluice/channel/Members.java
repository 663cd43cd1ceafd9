package dev.sluice.channel;

import dev.sluice.channel.Event.Count;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is in one channel, on all nodes, in the order in which they came. Every change takes the same time however many are
 * there. Guarded by the lock of its topic.
 */
final class Members {
    private final Map<String, Entry> connections = new LinkedHashMap<>();
    private final Map<String, User> users = new LinkedHashMap<>();
    private int elsewhere;

    /** A connection; {@code node} is empty for this one. */
    private static final class Entry {
        final Member member;
        final String node;
        Instant heard;

        Entry(Member member, String node, Instant heard) {
            this.member = member;
            this.node = node;
            this.heard = heard;
        }
    }

    private static final class User {
        final Member member;
        int connections;

        User(Member member) {
            this.member = member;
        }
    }

    /**
     * A change of who is there.
     *
     * @param user whether it changed which users are there
     */
    record Change(Member member, boolean user) {}

    /**
     * Adds a connection.
     *
     * @param node where it is; empty for this node
     * @param now when that was heard
     * @return the change; null when it was there already
     */
    @Nullable
    Change join(Member member, String node, Instant now) {
        Entry known = connections.get(member.connection());
        if (known != null) {
            known.heard = now;
            return null;
        }
        connections.put(member.connection(), new Entry(member, node, now));
        elsewhere += node.isEmpty() ? 0 : 1;
        User user = users.computeIfAbsent(member.userKey(), key -> new User(member));
        return new Change(member, ++user.connections == 1);
    }

    /**
     * Removes a connection.
     *
     * @param node who says so; nobody but its own node may
     * @return the change; null when it was not there
     */
    @Nullable
    Change leave(String connection, String node) {
        Entry entry = connections.get(connection);
        if (entry == null || !entry.node.equals(node)) {
            return null;
        }
        connections.remove(connection);
        elsewhere -= node.isEmpty() ? 0 : 1;
        String key = entry.member.userKey();
        User user = users.get(key);
        boolean last = user != null && --user.connections == 0;
        if (last) {
            users.remove(key);
        }
        return new Change(entry.member, last);
    }

    /** Connections of other nodes that have not been heard of since then; of this node whatever was heard. */
    List<Member> silentSince(Instant then) {
        return elsewhere(entry -> !entry.heard.isAfter(then));
    }

    List<Member> of(String node) {
        return elsewhere(entry -> entry.node.equals(node));
    }

    String node(String connection) {
        Entry entry = connections.get(connection);
        return entry == null ? "" : entry.node;
    }

    private List<Member> elsewhere(java.util.function.Predicate<Entry> which) {
        if (elsewhere == 0) {
            return List.of();
        }
        return connections.values().stream()
                .filter(entry -> !entry.node.isEmpty() && which.test(entry))
                .map(entry -> entry.member)
                .toList();
    }

    /** The connections of this node. */
    List<Member> here() {
        return connections.values().stream()
                .filter(entry -> entry.node.isEmpty())
                .map(entry -> entry.member)
                .toList();
    }

    boolean hasUser(String key) {
        return users.containsKey(key);
    }

    boolean hasConnection(String connection) {
        return connections.containsKey(connection);
    }

    boolean isEmpty() {
        return connections.isEmpty();
    }

    Count count() {
        return new Count(users.size(), connections.size());
    }

    /** The first so many of them, in the order in which they came. */
    Presence presence(int limit) {
        List<Member> first = new ArrayList<>(Math.min(limit, connections.size()));
        for (Entry entry : connections.values()) {
            if (first.size() >= limit) {
                break;
            }
            first.add(entry.member);
        }
        return new Presence(
                first,
                users.values().stream().limit(limit).map(user -> user.member).toList(),
                count());
    }
}
