package dev.sluice.channel;

import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a {@link SubscribeRequest}. Events that come after it continue it without a gap. Immutable.
 *
 * @param channel the whole name
 * @param member who subscribed, as others see it
 * @param position where the stream stands: the next publication has the next offset; {@link Position#NONE} where
 *     nothing is kept
 * @param recoverable whether the namespace keeps publications, so that {@code since} makes sense
 * @param wasRecovering whether {@code since} was given
 * @param recovered whether {@code publications} are exactly those after {@code since}
 * @param publications oldest first; what was missed, or the newest where those were asked for
 * @param presence who is there, the subscriber included; nobody where the namespace has no presence
 * @param expiresIn when the subscription ends unless its token is refreshed before
 * @param again whether the subscription was there before
 */
public record Subscribed(
        String channel,
        Member member,
        Position position,
        boolean recoverable,
        boolean wasRecovering,
        boolean recovered,
        List<Publication> publications,
        Presence presence,
        Optional<Duration> expiresIn,
        boolean again) {
    public Subscribed {
        publications = List.copyOf(publications);
    }

    /** The same without what was missed, which is too much to tell. */
    public Subscribed unrecovered() {
        return new Subscribed(
                channel, member, position, recoverable, wasRecovering, false, List.of(), presence, expiresIn, again);
    }
}
