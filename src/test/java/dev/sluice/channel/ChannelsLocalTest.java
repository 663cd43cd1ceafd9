package dev.sluice.channel;

import dev.sluice.broker.Broker;
import dev.sluice.broker.Retention;
import dev.sluice.broker.local.LocalBroker;
import dev.sluice.broker.local.LocalLimits;
import dev.sluice.broker.local.LocalStreams;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Two nodes on the broker in memory. */
class ChannelsLocalTest extends ChannelsContract {
    private final ManualClock clock = new ManualClock();
    private @Nullable LocalStreams streams;

    @Override
    Broker broker(Function<String, Retention> retention) {
        LocalStreams shared = streams == null
                ? new LocalStreams(retention, LocalLimits.DEFAULT, clock, clock, new SimpleMeterRegistry())
                : streams;
        streams = shared;
        return new LocalBroker(shared);
    }
}
