package dev.sluice.realtime.centrifugo;

import dev.sluice.broker.Publication;
import dev.sluice.channel.Channels;
import dev.sluice.channel.Subscribed;

/**
 * How much of what was missed one answer may hold, however many channels it is about: no more than that to a single
 * subscription. Thread-safe; one for each answer.
 */
final class Allowance {
    private long left = Channels.CHARACTERS_MOST;

    /** The same, or if too little is left for what it missed, not recovered. */
    synchronized Subscribed grant(Subscribed subscribed) {
        long wanted = subscribed.publications().stream()
                .map(Publication::data)
                .mapToLong(String::length)
                .sum();
        if (wanted > left) {
            return subscribed.unrecovered();
        }
        left -= wanted;
        return subscribed;
    }
}
