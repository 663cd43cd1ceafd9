package dev.sluice.auth;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A key set in a file. Immutable. */
record FileKeySource(String file) implements KeySource {
    @Override
    public String read() throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            byte[] body = in.readNBytes(MOST + 1);
            if (body.length > MOST) {
                throw new IOException(file + " has more than " + MOST + " bytes");
            }
            return new String(body, StandardCharsets.UTF_8);
        }
    }
}
