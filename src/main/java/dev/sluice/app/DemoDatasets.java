package dev.sluice.app;

import dev.sluice.settings.DatasetSettings;
import dev.sluice.settings.DatasetSettings.Column;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The datasets of the demo profile, readable by anybody. */
final class DemoDatasets {
    static final List<DatasetSettings> ALL = List.of(
            dataset("users", "created_at,id", "id", "email", "name", "roles", "created_at as createdAt"),
            dataset(
                    "tasks",
                    "id",
                    "id",
                    "title",
                    "description",
                    "status",
                    "priority",
                    "dependencies",
                    "created_at as createdAt",
                    "updated_at as updatedAt"),
            dataset("logs", "id"),
            dataset("events", "id"));

    private DemoDatasets() {}

    private static DatasetSettings dataset(String name, String key, String... columns) {
        return new DatasetSettings(
                name,
                Optional.of("demo." + name),
                Optional.empty(),
                Arrays.stream(columns).map(DemoDatasets::column).toList(),
                List.of(key.split(",")),
                List.of("public"),
                false,
                List.of());
    }

    private static Column column(String text) {
        String[] names = text.split(" as ");
        return new Column(names[0], names[names.length - 1]);
    }
}
