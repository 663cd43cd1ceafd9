package dev.sluice.settings;

import java.util.List;

/**
 * The demo profile: synthetic data, demo accounts, loopback only.
 *
 * @param enabled whether the profile is on: the embedded database is used and nobody switched it off
 * @param rows rows of {@code demo.users}, at least
 */
public record DemoSettings(boolean enabled, int rows) {
    static final Setting<Boolean> NO_DEMO =
            Setting.of("no-demo", "", "false", Values::parseFlag, "Switches the demo profile off.");
    static final Setting<Integer> ROWS = Values.integer(
            "demo-rows", 100_000, 0, 100_000_000, "Rows of the demo table users; tops up a kept data folder.");
    static final List<Setting<?>> ALL = List.of(NO_DEMO, ROWS);

    static DemoSettings read(SettingsReader in, boolean embedded) {
        boolean off = in.get(NO_DEMO);
        return new DemoSettings(embedded && !off, in.get(ROWS));
    }
}
