package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class IncomingTest {
    private final AtomicLong total = new AtomicLong();
    private final Incoming incoming = new Incoming(total, 10, 15);

    @Test
    void partsBecomeAMessageAndLeaveNothingBehind() {
        assertThat(incoming.add("abc", false, 7)).isEqualTo(Incoming.Part.KEPT);
        assertThat(total).hasValue(3);
        assertThat(incoming.since()).isEqualTo(7);
        assertThat(incoming.add("def", true, 8)).isEqualTo(Incoming.Part.WHOLE);

        assertThat(incoming.take()).isEqualTo("abcdef");
        assertThat(total).hasValue(0);
        assertThat(incoming.since()).isZero();
    }

    @Test
    void theLimitIsInBytesAlsoOfAPairThatComesInTwoParts() {
        assertThat(incoming.add("123456\ud834", false, 1)).isEqualTo(Incoming.Part.KEPT);
        assertThat(incoming.add("\udd1e", true, 1)).isEqualTo(Incoming.Part.WHOLE);
        assertThat(incoming.take()).isEqualTo("123456\ud834\udd1e");

        assertThat(incoming.add("1234567\ud834", false, 1)).isEqualTo(Incoming.Part.KEPT);
        assertThat(incoming.add("\udd1e", true, 1)).isEqualTo(Incoming.Part.TOO_LARGE);
        assertThat(total).hasValue(0);
    }

    @Test
    void allTogetherHaveALimitToo() {
        Incoming other = new Incoming(total, 10, 15);
        assertThat(other.add("1234567890", false, 1)).isEqualTo(Incoming.Part.KEPT);
        assertThat(incoming.add("123456", false, 1)).isEqualTo(Incoming.Part.OVERLOADED);
        assertThat(total).hasValue(10);

        other.close();
        assertThat(total).hasValue(0);
        assertThat(incoming.add("123456", false, 1)).isEqualTo(Incoming.Part.KEPT);
    }

    @Test
    void whatComesWholeDoesNotCount() {
        Incoming other = new Incoming(total, 10, 15);
        assertThat(other.add("1234567890", false, 1)).isEqualTo(Incoming.Part.KEPT);
        assertThat(incoming.add("abcdefghij", true, 1)).isEqualTo(Incoming.Part.WHOLE);

        assertThat(total).hasValue(10);
        assertThat(incoming.take()).isEqualTo("abcdefghij");
        assertThat(total).hasValue(10);
        assertThat(incoming.add("abcdefghijk", true, 1)).isEqualTo(Incoming.Part.TOO_LARGE);
    }

    @Test
    void untilItIsKnownFromWhomTheyComeMessagesAreSmall() {
        String most = "x".repeat(Incoming.MOST_AT_FIRST);
        Incoming stranger = new Incoming(total, 100_000, 1_000_000);
        assertThat(stranger.add(most, false, 1)).isEqualTo(Incoming.Part.KEPT);
        assertThat(stranger.add("x", true, 1)).isEqualTo(Incoming.Part.TOO_LARGE);
        assertThat(stranger.add(most + "x", true, 1)).isEqualTo(Incoming.Part.TOO_LARGE);
        assertThat(total).hasValue(0);

        stranger.grow();
        assertThat(stranger.add(most, false, 1)).isEqualTo(Incoming.Part.KEPT);
        assertThat(stranger.add("x", true, 1)).isEqualTo(Incoming.Part.WHOLE);
    }

    @Test
    void whatIsHeldForLaterCounts() {
        Incoming other = new Incoming(total, 10, 25);
        assertThat(other.hold("1234567890")).isTrue();
        assertThat(other.hold("12345")).isTrue();
        assertThat(other.hold("123456")).isFalse();
        assertThat(incoming.hold("1")).isFalse();
        assertThat(total).hasValue(15);

        other.release("12345");
        assertThat(total).hasValue(10);
        assertThat(other.hold("123456")).isTrue();
        other.close();
        other.release("1234567890");
        assertThat(total).hasValue(0);
        assertThat(incoming.hold("1")).isTrue();
        incoming.close();
        assertThat(incoming.hold("1")).isFalse();
        assertThat(total).hasValue(0);
    }

    @Test
    void nothingIsCountedAfterTheEnd() {
        incoming.close();
        assertThat(incoming.add("abc", false, 1)).isEqualTo(Incoming.Part.KEPT);
        assertThat(total).hasValue(0);
    }
}
