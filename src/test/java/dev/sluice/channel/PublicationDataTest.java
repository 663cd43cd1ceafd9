package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.channel.ChannelException.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublicationDataTest {
    @Test
    void any_value_is_published_as_it_came() {
        List.of(
                        "null",
                        "true",
                        "0",
                        "-1.5e-300",
                        "\"\"",
                        "[]",
                        "{}",
                        " {\"a\": [1, {\"b\": null}]} ",
                        "\"ünï 😀\"",
                        "\"\\ud83d\\ude00\"",
                        "\"\\n\\t\\u0001\"",
                        "12345678901234567890.123456789",
                        "1e400",
                        "1e+0000001")
                .forEach(data -> assertThat(PublicationData.check(data)).isEqualTo(data));
    }

    @Test
    void what_stands_on_several_lines_comes_to_stand_on_one() {
        assertThat(PublicationData.check("{\n\"a\":\r\n1}\n")).isEqualTo("{ \"a\":  1} ");
    }

    @Test
    void what_no_broker_or_client_could_take_is_refused() {
        List.of(
                        "",
                        " ",
                        "{",
                        "{}{}",
                        "1 2",
                        "{\"a\":1,\"a\":2}",
                        "nul",
                        "'a'",
                        "{a:1}",
                        "[1,]",
                        "NaN",
                        "01",
                        "\"\n\"",
                        "\"\\u0000\"",
                        "{\"\\u0000\":1}",
                        "\"\\ud800\"",
                        "\"\\udc00\\ud800\"",
                        "1e401",
                        "-1E-999999999",
                        "// x\n1",
                        "1e99999999999999999999",
                        "]",
                        "\ud800")
                .forEach(PublicationDataTest::refused);
    }

    @Test
    void what_is_too_large_or_too_deep_is_refused() {
        String most = "\"" + "x".repeat(Channels.DATA_MOST - 2) + "\"";
        assertThat(PublicationData.check(most)).isEqualTo(most);
        refused("\"" + "x".repeat(Channels.DATA_MOST - 1) + "\"");
        refused("\"" + "ü".repeat(Channels.DATA_MOST / 2) + "\"");
        refused("[".repeat(10_000) + "]".repeat(10_000));
        assertThat(PublicationData.check("[".repeat(64) + "]".repeat(64))).hasSize(128);
        refused("[".repeat(65) + "]".repeat(65));
    }

    private static void refused(String data) {
        assertThatThrownBy(() -> PublicationData.check(data))
                .as(data.length() > 300 ? "long" : data)
                .isInstanceOfSatisfying(
                        ChannelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST));
    }
}
