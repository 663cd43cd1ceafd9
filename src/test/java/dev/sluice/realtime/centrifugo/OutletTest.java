package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.flow.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutletTest {
    private final List<String> sent = new ArrayList<>();
    private final AtomicInteger overflows = new AtomicInteger();
    private final Outlet outlet = new Outlet(frame -> sent.add(frame.text()), overflows::incrementAndGet);

    @Test
    void nothingComesBeforeTheFirst() {
        outlet.send(Frame.of("b"));
        outlet.send(Frame.of("c"));
        assertThat(sent).isEmpty();
        outlet.open(Frame.of("a"));
        outlet.send(Frame.of("d"));
        assertThat(sent).containsExactly("a", "b", "c", "d");
    }

    @Test
    void whatIsHeldBackIsBounded() {
        for (int i = 0; i < Outlet.HELD_MOST; i++) {
            outlet.send(Frame.of("b"));
        }
        assertThat(overflows).hasValue(0);
        outlet.send(Frame.of("b"));
        assertThat(overflows).hasValue(1);
        outlet.open(Frame.of("a"));
        assertThat(sent).hasSize(Outlet.HELD_MOST + 1);
    }

    @Test
    void whatHasNoFormIsNotSent() {
        outlet.open(Frame.of("a"));
        outlet.send(Frame.of(""));
        assertThat(sent).containsExactly("a");
    }
}
