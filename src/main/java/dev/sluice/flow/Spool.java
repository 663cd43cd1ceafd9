package dev.sluice.flow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Room on disk for streams whose clients are slower than their sources. One for each node, with one budget in bytes and
 * one in streams for all. What is in it dies with the process: files have no name while they are open where the operating
 * system allows that, and what a killed process left behind elsewhere is removed at the start. Thread-safe.
 */
public final class Spool {
    private static final String SUFFIX = ".spool";
    /** So many files hold the whole budget: what one of them holds is given back once all of it is read. */
    private static final int FILES = 4096;

    private static final long LEAST_SEGMENT = 256 * 1024;

    private final Path folder;
    private final long bytes;
    private final int streams;
    private final Set<Runnable> waiting = new LinkedHashSet<>();
    private long used;
    private int open;

    /**
     * @param folder made when it is missing; only this node may use it
     * @param bytes on disk at most
     * @param streams at once at most
     */
    public Spool(Path folder, long bytes, int streams) {
        this.folder = folder;
        this.bytes = bytes;
        this.streams = streams;
        try {
            Files.createDirectories(folder);
            sweep();
        } catch (IOException e) {
            throw new UncheckedIOException("The spool folder " + folder + " cannot be used", e);
        }
    }

    /** How long a file should become, in bytes. */
    long segment() {
        return Math.max(LEAST_SEGMENT, bytes / FILES);
    }

    /** Bytes on disk. */
    public synchronized long used() {
        return used;
    }

    /** Streams that are read from disk. */
    public synchronized int open() {
        return open;
    }

    /** Whether one stream more could enter at the moment. */
    synchronized boolean hasPlace() {
        return open < streams && used < bytes;
    }

    /** A spool file is one stream more; false when there are too many, or no room. */
    synchronized boolean enter() {
        if (!hasPlace()) {
            return false;
        }
        open++;
        return true;
    }

    synchronized void leave() {
        open--;
    }

    /** Takes room; a little more than there is for a block that was begun, rather than to tear it. */
    synchronized void take(int more) {
        used += more;
    }

    /** Whether there is room; if not, the wake-up is run once there is, however often it was handed over. */
    synchronized boolean hasRoom(Runnable wakeUp) {
        if (used < bytes) {
            return true;
        }
        waiting.add(wakeUp);
        return false;
    }

    void free(long less) {
        List<Runnable> awake = List.of();
        synchronized (this) {
            used -= less;
            if (used < bytes) {
                awake = List.copyOf(waiting);
                waiting.clear();
            }
        }
        awake.forEach(Runnable::run);
    }

    /** A file that is gone when it is closed, or when the process is. */
    FileChannel file() throws IOException {
        return FileChannel.open(
                folder.resolve(UUID.randomUUID() + SUFFIX),
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private void sweep() throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
    }
}
