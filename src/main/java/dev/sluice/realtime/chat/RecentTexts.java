package dev.sluice.realtime.chat;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.sluice.broker.Publication;
import dev.sluice.http.Json;
import java.util.List;

/**
 * What was said of late in a room, as who joins is told it. Made once where many join one room: all of a crowd are
 * answered in turn, and would wait for it as often as they are. Remembers one room. Thread-safe.
 */
final class RecentTexts {
    private record Written(String room, List<Publication> texts, RawValue json) {}

    private volatile Written last = new Written("", List.of(), new RawValue("[]"));

    /** The same texts are the same JSON, whoever has read them. */
    RawValue json(String room, List<Publication> texts) {
        Written known = last;
        if (!known.room().equals(room) || !known.texts().equals(texts)) {
            known = new Written(room, texts, new RawValue(write(room, texts)));
            last = known;
        }
        return known.json();
    }

    private static String write(String room, List<Publication> texts) {
        return Json.text(texts.stream().map(one -> Events.text(room, one)).toList());
    }
}
