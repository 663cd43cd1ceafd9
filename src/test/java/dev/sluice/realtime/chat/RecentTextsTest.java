package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentTextsTest {
    private final RecentTexts recent = new RecentTexts();

    @Test
    void theSameIsWrittenOnceAndAnythingElseAnew() {
        Publication hello = said(1, "hello");
        Publication again = said(2, "again");
        RawValue first = recent.json("a", List.of(hello, again));
        assertThat(recent.json("a", List.of(said(1, "hello"), again))).isSameAs(first);

        assertThat(text("b", hello, again)).contains("\"room\":\"b\"").doesNotContain("\"room\":\"a\"");
        assertThat(text("a", hello)).contains("hello").doesNotContain("again");
        assertThat(text("a", hello, again)).contains("hello", "again", "\"offset\":2");
        // Another text in the place of one that was there.
        assertThat(text("a", said(1, "goodbye"), again)).contains("goodbye").doesNotContain("hello");
        assertThat(text("a")).isEqualTo("[]");
    }

    private String text(String room, Publication... said) {
        return String.valueOf(recent.json(room, List.of(said)).rawValue());
    }

    private static Publication said(long offset, String text) {
        String data = "{\"from\":\"Ann\",\"userId\":\"a\",\"text\":\"" + text + "\",\"ts\":1}";
        return new Publication("room:a", new Position("e", offset), "", data, "", 1);
    }
}
