package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonTest {
    private static final String POOL = "a\"\\\n\u0000é€\ud834\udd1e\ud800\udc00";

    @Test
    void aCharacterOfFourBytesIsWrittenAsItIs() {
        assertThat(Json.text(Map.of("\ud834\udd1e", "a\ud834\udd1eb")))
                .isEqualTo("{\"\ud834\udd1e\":\"a\ud834\udd1eb\"}");
        assertThat(Json.bytes("\ud834\udd1e")).hasSize(6);
    }

    /** Half a character has no UTF-8: it is an escape, so that nothing around it is taken for its other half. */
    @Test
    void whateverIsWrittenIsReadAsTheSame() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            String text = text(random, i % 200 == 0 ? 9_000 : 12);
            byte[] bytes = Json.bytes(Map.of("text", text));
            String written = new String(bytes, StandardCharsets.UTF_8);
            assertThat(written.getBytes(StandardCharsets.UTF_8)).isEqualTo(bytes);
            assertThat(Json.parse(written).path("text").textValue()).isEqualTo(text);
        }
    }

    private static String text(Random random, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most); i > 0; i--) {
            text.append(POOL.charAt(random.nextInt(POOL.length())));
        }
        return text.toString();
    }
}
