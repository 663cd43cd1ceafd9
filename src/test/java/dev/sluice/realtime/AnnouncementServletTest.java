package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.channel.ChannelException;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RequestBodies;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AnnouncementServletTest {
    private static final RequestBodies BODIES = new RequestBodies(1000, Duration.ofSeconds(1), InstantSource.system());

    private final CompletableFuture<Void> others = new CompletableFuture<>();
    private final AtomicInteger announced = new AtomicInteger();
    private final CompletableFuture<Integer> told = others.thenApply(nothing -> announced.addAndGet(3));

    @Test
    void tellsHowManyAreToldOnceTheOthersAreSureToHear() {
        others.complete(null);

        assertThat(within(Duration.ofMinutes(1)).announce("{}")).isEqualTo(3);
    }

    @Test
    void whoTakesTooLongIsNotWaitedForAndNobodyHereIsToldAfterwards() {
        assertBusy(within(Duration.ofMillis(20)), "take too long");

        others.complete(null);
        assertThat(announced).hasValue(0);
    }

    @Test
    void whenOthersCannotBeToldNobodyIs() {
        others.completeExceptionally(new ChannelException(ChannelException.Reason.UNAVAILABLE, "no database"));

        assertBusy(within(Duration.ofMinutes(1)), "nobody was");
    }

    private AnnouncementServlet within(Duration patience) {
        return new AnnouncementServlet(json -> told, BODIES, patience);
    }

    private static void assertBusy(AnnouncementServlet servlet, String detail) {
        assertThatThrownBy(() -> servlet.announce("{}"))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY))
                .hasMessageContaining(detail);
    }
}
