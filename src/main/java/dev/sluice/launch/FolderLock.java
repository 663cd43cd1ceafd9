package dev.sluice.launch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Keeps a folder to one process; the system takes the lock back when that process dies. Not thread-safe. */
final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /** The lock, or nothing when another process (or this one) has it. */
    static Optional<FolderLock> tryLock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean kept = false;
        try {
            FileLock lock = channel.tryLock();
            kept = lock != null;
        } catch (OverlappingFileLockException e) {
            // Held by this very process: as good as by another one.
        } finally {
            if (!kept) {
                channel.close();
            }
        }
        return kept ? Optional.of(new FolderLock(channel)) : Optional.empty();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The end of the process frees it as well.
        }
    }
}
