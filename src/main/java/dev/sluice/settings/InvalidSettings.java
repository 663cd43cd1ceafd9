package dev.sluice.settings;

import java.util.List;

/** Everything that is wrong with the settings, at once. */
public final class InvalidSettings extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> errors;

    InvalidSettings(List<String> errors) {
        super(String.join("\n", errors));
        this.errors = List.copyOf(errors);
    }

    /** One line for each error, each naming the setting and what is expected. */
    public List<String> errors() {
        return errors;
    }
}
