package dev.sluice.launch;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The folder in which Sluice keeps what it has on disk. Immutable.
 *
 * @param path its absolute path
 */
record DataFolder(Path path) {
    /**
     * Makes the folder, for its owner alone, or checks that the one there can be used.
     *
     * @throws StartFailure when Sluice cannot read and write there
     */
    static DataFolder prepare(Path wanted) {
        Path path = wanted.toAbsolutePath().normalize();
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Files.delete(Files.createTempFile(path, ".probe-", ""));
            requireReadable(path);
        } catch (IOException e) {
            throw new StartFailure(
                    "The data folder " + wanted + " cannot be read and written (" + reason(e)
                            + "); choose another one with --data",
                    e);
        }
        return new DataFolder(path);
    }

    private static void requireReadable(Path path) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            entries.forEach(entry -> {});
        }
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    private static String reason(IOException e) {
        String name = e.getClass().getSimpleName().replace("Exception", "");
        return name + ": " + e.getMessage();
    }
}
