package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.channel.ChannelException.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelNameTest {
    @Test
    void a_name_has_a_namespace_and_a_rest() {
        assertThat(parse("room:a:b", false)).isEqualTo(new ChannelName("room:a:b", "room", "a:b"));
        assertThat(parse("tasks", false)).isEqualTo(new ChannelName("tasks", "tasks", ""));
        assertThat(parse("room:Küche-1_x.y@z", false).rest()).isEqualTo("Küche-1_x.y@z");
        assertThat(parse("a:" + "x".repeat(253), false).whole()).hasSize(255);
        assertThat(parse("user:https://id.example/|42", true).rest()).isEqualTo("https://id.example/|42");
    }

    @Test
    void other_names_are_refused() {
        List.of(
                        "",
                        ":",
                        ":a",
                        "a:",
                        "a b",
                        "a:b c",
                        "a:b\n",
                        "a\u0000",
                        "a:\u0007",
                        "a:b\u007f",
                        "a:\u202e",
                        "a:\ud800",
                        "a:\u200b",
                        "a:<b>",
                        "a:b/c",
                        "$a",
                        "a:*",
                        "a:é\u0301",
                        "a:😀",
                        "a:b\u2028",
                        "a:'",
                        "a:\"",
                        "a:\\")
                .forEach(name -> refused(name, false));
    }

    @Test
    void what_cannot_be_shown_is_refused_also_of_subjects() {
        List.of("user:a b", "user:a\n", "user:\u0000", "user:\u202ea", "user:\ud800", "user:\u00a0")
                .forEach(name -> refused(name, true));
    }

    @Test
    void long_names_are_refused() {
        refused("a:" + "x".repeat(254), false);
        refused("x".repeat(1_000_000), false);
    }

    private static void refused(String name, boolean anyText) {
        assertThatThrownBy(() -> parse(name, anyText))
                .as(name.length() > 300 ? "long" : name)
                .isInstanceOfSatisfying(
                        ChannelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST));
    }

    private static ChannelName parse(String text, boolean anyText) {
        ChannelName name = ChannelName.of(text);
        name.requireRest(anyText);
        return name;
    }
}
