package dev.sluice.settings;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads settings out of the given texts and collects what is wrong, so that all errors are told at once. Used by one
 * thread, once.
 */
final class SettingsReader {
    private final Map<String, Given> given;
    private final List<String> errors = new ArrayList<>();
    private final Set<String> known = new LinkedHashSet<>();

    /**
     * A value as somebody wrote it.
     *
     * @param text the value
     * @param spelling the name as it was written there, for messages
     */
    record Given(String text, String spelling) {}

    SettingsReader(Map<String, Given> given) {
        this.given = given;
    }

    <T> T get(Setting<T> setting) {
        known.add(setting.key());
        setting.aliases().forEach(alias -> known.add(Setting.key(alias)));
        Given value = find(setting);
        if (value == null) {
            return setting.parser().apply(setting.defaultText());
        }
        try {
            return setting.parser().apply(value.text().strip());
        } catch (IllegalArgumentException | ArithmeticException e) {
            error(value.spelling() + ": expected " + e.getMessage());
            return setting.parser().apply(setting.defaultText());
        }
    }

    void error(String message) {
        errors.add(message);
    }

    /** All errors of this reader, those of unknown names included; empty when all is well. */
    List<String> errors() {
        List<String> all = new ArrayList<>(errors);
        given.forEach((key, value) -> {
            if (!known.contains(key)) {
                all.add(value.spelling() + ": there is no such setting; --help lists them all");
            }
        });
        return all;
    }

    private @org.jspecify.annotations.Nullable Given find(Setting<?> setting) {
        Given value = given.get(setting.key());
        for (String alias : setting.aliases()) {
            value = value == null ? given.get(Setting.key(alias)) : value;
        }
        return value;
    }
}
