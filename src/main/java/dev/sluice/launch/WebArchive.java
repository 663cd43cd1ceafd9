package dev.sluice.launch;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The WAR that runs. A file is unpacked once for each version of it, beside its final place and then renamed, so that
 * starts at the same time cannot see half of it; a lock on each unpacked WAR keeps it from being removed while some
 * process runs from it. Stateless.
 */
final class WebArchive {
    private static final List<FileChannel> IN_USE = Collections.synchronizedList(new ArrayList<>());

    private WebArchive() {}

    /** The WAR file, or the folder of an unpacked one, that this class came from. */
    static Path home() {
        try {
            return Path.of(WebArchive.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The folder of the WAR's files: unpacked into the given folder, unless it is a folder already. */
    static Path unpack(Path home, Path folder) throws IOException {
        if (Files.isDirectory(home)) {
            return home;
        }
        String key = key(home);
        Path root = Files.createDirectories(folder).resolve(key);
        keepInUse(lockFile(root));
        if (!Files.isDirectory(root)) {
            unpackBeside(home, root);
        }
        removeOthers(folder, root);
        return root;
    }

    /** Loads launcher, settings, container and database binaries from the unpacked WAR, and nothing from elsewhere. */
    static ClassLoader loader(Path root) throws IOException {
        List<URL> urls = new ArrayList<>(List.of(url(root)));
        try (Stream<Path> jars = Files.list(root.resolve("WEB-INF/embedded"))) {
            for (Path jar : jars.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList()) {
                urls.add(url(jar));
            }
        }
        return new URLClassLoader("sluice", urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private static URL url(Path path) throws MalformedURLException {
        return path.toUri().toURL();
    }

    private static String key(Path war) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(war, BasicFileAttributes.class);
        return Long.toHexString(attributes.lastModifiedTime().toMillis()) + "-" + Long.toHexString(attributes.size());
    }

    static void unpackBeside(Path war, Path root) throws IOException {
        Path temporary = Files.createTempDirectory(root.toAbsolutePath().getParent(), ".unpack-");
        try {
            extract(war, temporary);
            Files.move(temporary, root, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isDirectory(root)) {
                throw e;
            }
        } finally {
            delete(temporary);
        }
    }

    static void extract(Path war, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(war.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                Path file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("an entry leaves the folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    try (InputStream in = zip.getInputStream(entry)) {
                        Files.copy(in, file);
                    }
                }
            }
        }
    }

    private static void removeOthers(Path folder, Path root) throws IOException {
        removeLeftovers(folder);
        try (DirectoryStream<Path> others = Files.newDirectoryStream(folder, "[0-9a-f]*-*[0-9a-f]")) {
            for (Path other : others) {
                if (!other.equals(root)) {
                    removeUnlessInUse(other);
                }
            }
        }
    }

    /** What a start that was killed had begun to unpack; one that still unpacks is younger. */
    private static void removeLeftovers(Path folder) throws IOException {
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, ".unpack-*")) {
            for (Path leftover : leftovers) {
                if (Files.getLastModifiedTime(leftover).compareTo(old) < 0) {
                    delete(leftover);
                }
            }
        }
    }

    private static void removeUnlessInUse(Path other) throws IOException {
        Path lock = lockFile(other);
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (channel.tryLock() != null) {
                delete(other);
                Files.deleteIfExists(lock);
            }
        }
    }

    /** Shared among all that run from it; the system gives it back when the process ends. */
    private static void keepInUse(Path lock) throws IOException {
        FileChannel channel =
                FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            channel.lock(0, Long.MAX_VALUE, true);
            IN_USE.add(channel);
        } catch (OverlappingFileLockException e) {
            // This process has it already.
            channel.close();
        }
    }

    private static Path lockFile(Path root) {
        return root.resolveSibling("." + root.getFileName() + ".lock");
    }

    private static void delete(Path folder) throws IOException {
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
