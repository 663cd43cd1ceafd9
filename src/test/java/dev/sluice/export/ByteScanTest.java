package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class ByteScanTest {
    @Test
    void finds_the_first_special_byte_wherever_it_stands() {
        Random random = new Random(3);
        for (int round = 0; round < 200_000; round++) {
            byte[] text = new byte[random.nextInt(40)];
            for (int i = 0; i < text.length; i++) {
                // Mostly harmless bytes, of both signs, so that runs of all lengths occur.
                text[i] = (byte) (random.nextInt(12) > 0 ? 'a' + random.nextInt(200) : random.nextInt(256));
            }
            int start = random.nextInt(text.length + 1);
            int end = start + random.nextInt(text.length - start + 1);
            assertThat(ByteScan.jsonSpecial(text, start, end))
                    .isEqualTo(first(text, start, end, b -> (b >= 0 && b < 32) || b == '"' || b == '\\'));
            assertThat(ByteScan.csvSpecial(text, start, end, (byte) ';'))
                    .isEqualTo(first(text, start, end, b -> b == ';' || b == '"' || b == '\n' || b == '\r'));
            assertThat(ByteScan.lineBreak(text, start, end))
                    .isEqualTo(first(text, start, end, b -> b == '\n' || b == '\r'));
        }
    }

    private static int first(byte[] text, int start, int end, IntPredicate special) {
        for (int i = start; i < end; i++) {
            if (special.test(text[i])) {
                return i;
            }
        }
        return end;
    }
}
