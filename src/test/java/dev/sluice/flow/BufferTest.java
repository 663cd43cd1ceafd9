package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BufferTest {
    private static final int LIMIT = 4 * 1024 * 1024;

    @Test
    void holdsWhatWasPutInWhateverThePortions() {
        Random random = new Random(7);
        Buffer buffer = new Buffer(LIMIT);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        while (expected.size() < 1_000_000) {
            byte[] portion = new byte[random.nextInt(50_000)];
            random.nextBytes(portion);
            int offset = random.nextInt(portion.length + 1);
            buffer.put(portion, offset, portion.length - offset);
            expected.write(portion, offset, portion.length - offset);
            buffer.put((byte) 7);
            expected.write(7);
        }

        assertThat(Arrays.copyOf(buffer.array(), buffer.length())).isEqualTo(expected.toByteArray());
    }

    @Test
    void roomThatWasReservedIsThereAndOldBytesStay() {
        Buffer buffer = new Buffer(LIMIT);
        buffer.put(new byte[] {1, 2, 3});

        int at = buffer.reserve(500_000);

        assertThat(at).isEqualTo(3);
        assertThat(buffer.array().length - at).isGreaterThanOrEqualTo(500_000);
        assertThat(buffer.length()).isEqualTo(3);
        assertThat(buffer.array()).startsWith(1, 2, 3);
    }

    @Test
    void isFullWithOneChunk() {
        Buffer buffer = new Buffer(LIMIT);
        buffer.setLength(Buffer.CHUNK - 1);
        assertThat(buffer.isFull()).isFalse();
        buffer.put((byte) 1);
        assertThat(buffer.isFull()).isTrue();
    }

    @Test
    void takesItsLimitToTheLastByteAndNotOneMore() {
        Buffer buffer = new Buffer(100_000);
        buffer.put(new byte[100_000]);

        assertThatThrownBy(() -> buffer.put((byte) 1)).isInstanceOf(BufferFullException.class);
        assertThatThrownBy(() -> buffer.reserve(Integer.MAX_VALUE)).isInstanceOf(BufferFullException.class);
        assertThat(buffer.length()).isEqualTo(100_000);
    }

    @Test
    void givesBackWhatOnlyOneLargeRowNeeded() {
        Buffer buffer = new Buffer(LIMIT);
        int usual = buffer.array().length;
        buffer.put(new byte[3_000_000]);

        buffer.clear();

        assertThat(buffer.length()).isZero();
        assertThat(buffer.array()).hasSize(usual);
    }
}
