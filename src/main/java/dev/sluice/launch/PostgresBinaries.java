package dev.sluice.launch;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The programs of one PostgreSQL. Those that travel with Sluice are an archive in a jar of the class path; it is
 * unpacked once, beside its final place and then renamed, so that two starts at once cannot see half of it. Immutable.
 *
 * @param bin the folder of {@code postgres} and {@code initdb}
 * @param major the major version
 */
record PostgresBinaries(Path bin, int major) {
    private static final Pattern VERSION = Pattern.compile("-(\\d+)\\.(\\d+)(?:\\.\\d+)?\\.jar!");

    /**
     * Unpacks what is on the class path of the given loader, unless it is there already.
     *
     * @throws StartFailure when there is nothing for this system
     */
    static PostgresBinaries unpack(ClassLoader loader, Path folder) throws IOException {
        URL archive = loader.getResource(archiveName());
        Matcher version = VERSION.matcher(archive == null ? "" : archive.toString());
        if (archive == null || !version.find()) {
            throw new StartFailure("This Sluice carries no PostgreSQL for " + System.getProperty("os.name") + " on "
                    + System.getProperty("os.arch") + ": give it a database with --database-url");
        }
        Path home = folder.resolve(version.group(1) + "." + version.group(2));
        if (!Files.isDirectory(home)) {
            unpack(archive, home);
        }
        return new PostgresBinaries(home.resolve("bin"), Integer.parseInt(version.group(1)));
    }

    String program(String name) {
        return bin.resolve(name).toString();
    }

    private static String archiveName() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        return "postgres-" + (system.startsWith("mac") ? "darwin" : "linux") + "-" + (arm ? "arm_64" : "x86_64")
                + ".txz";
    }

    private static void unpack(URL archive, Path home) throws IOException {
        Path parent = Files.createDirectories(home.toAbsolutePath().getParent());
        Path temporary = Files.createTempDirectory(parent, ".unpack-");
        try {
            try (InputStream in = archive.openStream();
                    TarArchiveInputStream tar =
                            new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(in)))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    extract(tar, entry, temporary);
                }
            }
            makeReadable(temporary);
            Files.move(temporary, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isDirectory(home)) {
                throw e;
            }
        } finally {
            delete(temporary);
        }
    }

    private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path root) throws IOException {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
            throw new IOException("an entry of the PostgreSQL archive leaves its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, target);
            if ((entry.getMode() & 0100) != 0) {
                target.toFile().setExecutable(true, false);
            }
        }
    }

    /** Whatever the umask: the programs may run as another user. */
    private static void makeReadable(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            all.filter(path -> !Files.isSymbolicLink(path)).map(Path::toFile).forEach(file -> {
                file.setReadable(true, false);
                if (file.isDirectory()) {
                    file.setExecutable(true, false);
                }
            });
        }
    }

    /** Removes the folder and all in it; links are removed, not followed. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
