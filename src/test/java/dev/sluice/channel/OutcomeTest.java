package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.BrokerException;
import dev.sluice.channel.ChannelException.Reason;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What becomes of the errors of brokers. */
class OutcomeTest {
    @Test
    void aFullDatabaseIsTooManyChannelsAndNobodysOffence() {
        ChannelException outcome = Outcome.of(
                new CompletionException(new BrokerException(BrokerException.Reason.FULL, "3 channels are stored")));

        assertThat(outcome.reason()).isEqualTo(Reason.TOO_MANY_CHANNELS);
        assertThat(outcome.reason().isOffence()).isFalse();
        assertThat(outcome).hasMessage("There are as many channels with history as there may be.");
    }

    @Test
    void thatTooMuchWaitsForTheDatabaseIsNobodysOffence() {
        ChannelException outcome =
                Outcome.of(new BrokerException(BrokerException.Reason.OVERLOADED, "10000 publications wait"));

        assertThat(outcome.reason()).isEqualTo(Reason.TOO_MANY_REQUESTS);
        assertThat(outcome.reason().isOffence()).isFalse();
    }
}
