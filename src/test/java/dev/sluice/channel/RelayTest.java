package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Signal;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayTest {
    private final List<String> told = new ArrayList<>();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final BreakingBroker broker = new BreakingBroker(this::signal);
    private final Relay relay = new Relay(broker, "here", new ManualClock(), new ChannelMetrics(metrics));

    private void signal(Signal signal) {
        if (signal.kind().equals("breaks")) {
            throw new OutOfMemoryError("in a test");
        }
        told.add(signal.kind());
    }

    @Test
    void what_cannot_be_told_keeps_nothing_that_comes_after_it() {
        relay.heard("there");
        relay.tell("loose:a", "1", "{}");
        relay.tell("loose:a", "breaks", "{}");
        relay.tell("loose:a", "2", "{}");
        relay.flush();
        relay.call("3");

        assertThat(told).containsExactly("1", "2", "3");
        assertThat(lost()).isEqualTo(1);
    }

    @Test
    void what_finds_no_room_is_counted() {
        relay.heard("there");
        for (int i = 0; i < 10_100; i++) {
            relay.tell("loose:a", "typing", "{}");
        }
        relay.flush();

        assertThat(told).hasSize(10_000);
        assertThat(lost()).isEqualTo(100);
    }

    private double lost() {
        return metrics.counter("sluice.channel.signals.lost").count();
    }
}
