package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InFlightTest {
    private static final int MOST = 2;

    private final InFlight inFlight = new InFlight(MOST, Runnable::run);
    private final List<CompletableFuture<Void>> begun = new ArrayList<>();

    @Test
    void onlySoManyAreUnderWayAtOnceAndTheOthersFollowInTheirOrder() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < MOST + 3; i++) {
            int number = i;
            assertThat(inFlight.take(() -> {
                        order.add(number);
                        return reading();
                    }))
                    .isTrue();
        }
        assertThat(begun).hasSize(MOST);

        begun.get(1).complete(null);
        assertThat(begun).hasSize(MOST + 1);
        begun.get(0).completeExceptionally(new IllegalStateException("away"));
        assertThat(begun).hasSize(MOST + 2);
        begun.get(2).complete(null);
        begun.get(3).complete(null);
        assertThat(order).isEqualTo(IntStream.range(0, MOST + 3).boxed().toList());
    }

    @Test
    void whatIsOneTooManyIsRefusedUntilThereIsRoomAgain() {
        for (int i = 0; i < MOST + InFlight.WAITING_MOST; i++) {
            assertThat(inFlight.take(this::reading)).isTrue();
        }
        assertThat(inFlight.take(this::reading)).isFalse();

        begun.get(0).complete(null);
        assertThat(inFlight.take(this::reading)).isTrue();
        assertThat(inFlight.take(this::reading)).isFalse();
        for (int i = 0; i < begun.size(); i++) {
            begun.get(i).complete(null);
        }
        assertThat(begun).hasSize(MOST + InFlight.WAITING_MOST + 1);
        for (int i = 0; i < MOST; i++) {
            assertThat(inFlight.take(this::reading)).isTrue();
        }
        assertThat(begun).hasSize(2 * MOST + InFlight.WAITING_MOST + 1);
    }

    @Test
    void whatIsOverAtOnceHoldsNothingUp() {
        for (int i = 0; i < MOST; i++) {
            inFlight.take(this::reading);
        }
        List<Integer> done = new ArrayList<>();
        for (int i = 0; i < InFlight.WAITING_MOST; i++) {
            int number = i;
            inFlight.take(() -> {
                done.add(number);
                return CompletableFuture.completedFuture(null);
            });
        }
        begun.get(0).complete(null);

        assertThat(done).hasSize(InFlight.WAITING_MOST);
        inFlight.take(this::reading);
        assertThat(begun).hasSize(MOST + 1);
    }

    private CompletableFuture<Void> reading() {
        CompletableFuture<Void> reading = new CompletableFuture<>();
        begun.add(reading);
        return reading;
    }
}
