package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
    @Test
    void anAnswerCarriesTheIdOfItsQuestion() {
        Envelope read = Envelope.read("{\"type\":\"echo\",\"payload\":{\"n\":1.1},\"id\":7}");

        assertThat(read.reply("echo", read.payload(), 5).text())
                .isEqualTo("{\"type\":\"echo\",\"payload\":{\"n\":1.1},\"ts\":5,\"ref\":7}");
        assertThat(Envelope.frame("pong", Map.of(), 6).text()).isEqualTo("{\"type\":\"pong\",\"payload\":{},\"ts\":6}");
    }

    @Test
    void aMissingPayloadHasNoTexts() {
        Envelope read = Envelope.read("{\"type\":\"ping\"}");
        assertThat(read.text("text")).isEmpty();
        assertThat(read.reply("echo", read.payload(), 5).text()).contains("\"payload\":null");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[]",
                "1",
                "null",
                "{}",
                "{\"type\":1}",
                "{\"type\":\"a\",\"id\":{}}",
                "{\"type\":\"a\",\"type\":\"b\"}",
                "{\"type\":\"a\"} {}",
                "{\"type\":\"a\",\"payload\":NaN}"
            })
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> Envelope.read(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void depthIsLimited() {
        assertThatThrownBy(() -> Envelope.read("{\"type\":\"a\",\"payload\":" + "[".repeat(10_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
