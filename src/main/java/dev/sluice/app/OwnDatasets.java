package dev.sluice.app;

import dev.sluice.settings.DatasetSettings;
import dev.sluice.settings.DatasetSettings.Column;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The datasets in Sluice's own database: what is said in chat rooms, for admins; and those of the demo profile. */
final class OwnDatasets {
    private static final DatasetSettings CHAT_MESSAGES = new DatasetSettings(
            "chat_messages",
            Optional.of("sluice.chat_messages"),
            Optional.empty(),
            List.of(
                    new Column("id", "id"),
                    new Column("room", "room"),
                    new Column("message_offset", "offset"),
                    new Column("user_id", "userId"),
                    new Column("name", "name"),
                    new Column("text", "text"),
                    new Column("created_at", "createdAt")),
            List.of("id"),
            List.of(),
            false,
            List.of());

    private OwnDatasets() {}

    static List<DatasetSettings> of(boolean demo) {
        return Stream.concat(Stream.of(CHAT_MESSAGES), demo ? DemoDatasets.ALL.stream() : Stream.empty())
                .toList();
    }
}
