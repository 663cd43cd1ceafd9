package dev.sluice.auth;

import java.io.IOException;

/** Where an outside issuer's key set is read. */
@FunctionalInterface
interface KeySource {
    /** Bytes of a key set at most. */
    int MOST = 256 * 1024;

    /** The key set as JSON text (RFC 7517, section 5). */
    String read() throws IOException;

    /** The source that a setting names: an address, or a file. */
    static KeySource of(String setting) {
        return setting.matches("(?i)https?://.*") ? new HttpKeySource(setting) : new FileKeySource(setting);
    }
}
