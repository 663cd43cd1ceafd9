package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {
    private final List<String> taken = new ArrayList<>();

    @Test
    void theyAreTakenOneByOneAndCounted() {
        Lines lines = lines("one\ntwo");
        assertThat(lines.isEmpty()).isFalse();
        lines.takeOne();
        assertThat(taken).containsExactly("1 one");
        assertThat(lines.isEmpty()).isFalse();
        lines.takeOne();
        assertThat(taken).containsExactly("1 one", "2 two");
        assertThat(lines.isEmpty()).isTrue();
    }

    @Test
    void blankOnesAreNone() {
        Lines lines = lines("\n  \none\n\ntwo\n \n");
        while (!lines.isEmpty()) {
            lines.takeOne();
        }
        assertThat(taken).containsExactly("1 one", "2 two");
        assertThat(lines("").isEmpty()).isTrue();
        assertThat(lines(" \n").isEmpty()).isTrue();
    }

    private Lines lines(String message) {
        return new Lines(message, (line, number) -> taken.add(number + " " + line));
    }
}
