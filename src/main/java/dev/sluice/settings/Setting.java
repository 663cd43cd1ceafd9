package dev.sluice.settings;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * One setting: its name, how its text is read, its default and what it is for. Immutable.
 *
 * <p>The name is written with dots and hyphens ({@code export.queue-timeout}); the command line spells it {@code
 * --export-queue-timeout}, the environment {@code SLUICE_EXPORT_QUEUE_TIMEOUT}, a settings file and a Tomcat context
 * parameter {@code sluice.export.queue-timeout}.
 *
 * @param name the name, in its dotted form
 * @param form what a value looks like, for help texts; empty for a switch
 * @param defaultText the default as it would be written; empty for none
 * @param purpose one or two sentences for help and reference
 * @param parser reads a value; throws {@link IllegalArgumentException} with what is wrong with it
 * @param aliases other names that are accepted
 */
public record Setting<T>(
        String name,
        String form,
        String defaultText,
        String purpose,
        Function<String, T> parser,
        List<String> aliases) {

    static <T> Setting<T> of(String name, String form, String defaultText, Function<String, T> parser, String purpose) {
        return new Setting<>(name, form, defaultText, purpose, parser, List.of());
    }

    Setting<T> alias(String other) {
        return new Setting<>(name, form, defaultText, purpose, parser, List.of(other));
    }

    /** The name with dots, underscores and case folded away: what all spellings have in common. */
    public String key() {
        return key(name);
    }

    /** Whether it is a switch that needs no value: {@code --no-demo}. */
    boolean standsAlone() {
        return form.isEmpty();
    }

    /** As on the command line. */
    public String option() {
        return "--" + key();
    }

    static String key(String name) {
        return name.toLowerCase(Locale.ROOT).replace('.', '-').replace('_', '-');
    }
}
