package dev.sluice.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which build this is; written by the build itself. Stateless. */
final class Build {
    private Build() {}

    static String version() {
        Properties properties = new Properties();
        try (InputStream in = Build.class.getResourceAsStream("version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "unknown");
    }
}
