package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.channel.Channels;
import dev.sluice.channel.Event;
import dev.sluice.channel.Member;
import dev.sluice.channel.Presence;
import dev.sluice.channel.Subscribed;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AllowanceTest {
    private static final Position TOP = new Position("e", 7);

    private final Allowance allowance = new Allowance();

    @Test
    void whatIsTooMuchIsNotRecoveredAndWhatFitsAfterItIs() {
        Subscribed half = missed(Channels.CHARACTERS_MOST / 2);
        Subscribed more = missed(Channels.CHARACTERS_MOST / 2 + 1);
        Subscribed nothing = missed(0);

        assertThat(allowance.grant(half)).isSameAs(half);
        Subscribed refused = allowance.grant(more);
        assertThat(refused.recovered()).isFalse();
        assertThat(refused.wasRecovering()).isTrue();
        assertThat(refused.publications()).isEmpty();
        assertThat(refused.position()).isEqualTo(TOP);
        assertThat(allowance.grant(half)).isSameAs(half);
        assertThat(allowance.grant(nothing)).isSameAs(nothing);
        assertThat(allowance.grant(missed(1)).recovered()).isFalse();
    }

    private static Subscribed missed(int characters) {
        Publication publication = new Publication("demo:a", TOP, "", "x".repeat(characters), "", 0);
        return new Subscribed(
                "demo:a",
                new Member("c", "u", "n", ""),
                TOP,
                true,
                true,
                true,
                List.of(publication),
                new Presence(List.of(), List.of(), new Event.Count(0, 0)),
                Optional.empty(),
                false);
    }
}
