package dev.sluice.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the embedded database is reached, and as whom. Kept in a file that only its owner can read, in the form that
 * {@code psql} understands. Immutable.
 *
 * @param user role to log in as
 * @param password its password, of hexadecimal digits
 * @param port port on 127.0.0.1
 * @param database name of the database
 */
record DatabaseAddress(String user, String password, int port, String database) {
    private static final Pattern FORM =
            Pattern.compile("postgresql://(\\w+):([0-9a-f]+)@127\\.0\\.0\\.1:(\\d{1,5})/(\\w+)\\s*");

    /** 160 random bits, in hexadecimal. */
    static String newPassword() {
        byte[] random = new byte[20];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** What the file says; nothing when there is none or it is not one of ours. */
    static Optional<DatabaseAddress> read(Path file) throws IOException {
        try {
            Matcher matcher = FORM.matcher(Files.readString(file));
            return matcher.matches()
                    ? Optional.of(new DatabaseAddress(
                            matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3)), matcher.group(4)))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Replaces the file as a whole. */
    void write(Path file) throws IOException {
        writePrivately(file, url() + "\n");
    }

    DatabaseAddress at(int otherPort) {
        return new DatabaseAddress(user, password, otherPort, database);
    }

    /** As libpq and psql take it, password included. */
    String url() {
        return "postgresql://" + user + ":" + password + "@127.0.0.1:" + port + "/" + database;
    }

    /** As JDBC takes it, beside user and password. Nothing but loopback is between: no TLS, no GSS to negotiate. */
    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?sslmode=disable&gssEncMode=disable";
    }

    @Override
    public String toString() {
        return user + "@127.0.0.1:" + port + "/" + database;
    }

    /** A file that nobody but the owner can read, at no moment; replaced as a whole. */
    static void writePrivately(Path file, String text) throws IOException {
        Path temporary = Files.createTempFile(
                file.toAbsolutePath().getParent(),
                ".new-",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
