package dev.sluice.channel;

import java.util.List;

/**
 * Who is in a channel at one moment. Immutable.
 *
 * @param connections in the order in which they came; as many as were asked for
 * @param users the same by user: the first connection of each
 * @param count of all
 */
public record Presence(List<Member> connections, List<Member> users, Event.Count count) {
    static final Presence NOBODY = new Presence(List.of(), List.of(), new Event.Count(0, 0));

    public Presence {
        connections = List.copyOf(connections);
        users = List.copyOf(users);
    }
}
