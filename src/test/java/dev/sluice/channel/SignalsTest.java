package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Signal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignalsTest {
    @Test
    void members_come_as_they_are() {
        List<Member> members = List.of(
                new Member("c", "u", "Ann", "{\"name\":\"Ann\",\"team\":[1]}", "{\"seat\":7}"),
                new Member("d", "v", "Ben", ""));
        assertThat(Signals.readMembers(Signals.members(members).get(0))).isEqualTo(members);
    }

    @Test
    void who_is_there_counts_more_than_what_there_is_to_tell_of_the_connection() {
        String info = "\"" + "\u4e2d".repeat(Member.INFO_MOST - 2) + "\"";
        Member large = new Member("c".repeat(36), "\u4e2d".repeat(255), "\u4e2d".repeat(100), info, info);
        for (String text : List.of(Signals.members(List.of(large)).get(0), Signals.typing(large, false))) {
            assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(Signal.MOST);
        }
        assertThat(Signals.readMembers(Signals.members(List.of(large)).get(0)))
                .containsExactly(large.withoutConnectionInfo());
    }
}
