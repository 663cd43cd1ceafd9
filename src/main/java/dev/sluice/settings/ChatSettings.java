package dev.sluice.settings;

import java.util.List;

/**
 * How much people may write in rooms and on the gateway. What is longer is refused, and never cut.
 *
 * @param nameLength code points of the name of a room, or of who speaks in it
 * @param textLength code points of a text
 */
public record ChatSettings(int nameLength, int textLength) {
    /** With the namespace it has to be the name of a channel. */
    private static final int NAME_MOST = 100;
    /** Whatever it is made of, it has to fit into a publication. */
    private static final int TEXT_MOST = 10_000;

    static final Setting<Integer> NAME_LENGTH = Values.integer(
            "chat.name-length", 50, 1, NAME_MOST, "Code points of the name of a room, or of who speaks in it.");
    static final Setting<Integer> TEXT_LENGTH = Values.integer(
            "chat.text-length", 2000, 1, TEXT_MOST, "Code points of a text; a longer one is refused, never cut.");
    static final List<Setting<?>> ALL = List.of(NAME_LENGTH, TEXT_LENGTH);

    static ChatSettings read(SettingsReader in) {
        return new ChatSettings(in.get(NAME_LENGTH), in.get(TEXT_LENGTH));
    }
}
