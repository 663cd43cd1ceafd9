package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundedLogTest {
    @TempDir
    Path folder;

    @Test
    void keeps_at_most_two_files_of_the_limit() throws Exception {
        Path file = folder.resolve("postgres.log");
        BoundedLog log = new BoundedLog(file, 1000);
        follow(log, ("x".repeat(99) + "\n").repeat(100) + "last\n");
        assertThat(Files.size(file)).isLessThanOrEqualTo(1100);
        assertThat(Files.size(folder.resolve("postgres.log.1"))).isLessThanOrEqualTo(1100);
        assertThat(Files.readString(file)).endsWith("last\n");
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void remembers_the_last_fatal_message() throws Exception {
        BoundedLog log = new BoundedLog(folder.resolve("postgres.log"), 1000);
        follow(log, "2026-01-01 [1] LOG:  hello\n2026-01-01 [1] FATAL:  lock file exists\n2026-01-01 [1] HINT:  x\n");
        assertThat(log.lastFatal()).isEqualTo("lock file exists");
        follow(log, "LOG:  fine\n");
        assertThat(log.lastFatal()).isEmpty();
    }

    @Test
    void goes_on_reading_when_it_cannot_write() throws Exception {
        BoundedLog log = new BoundedLog(folder.resolve("no/such/folder/log"), 1000);
        follow(log, "one\nFATAL:  two\n");
        assertThat(log.lastFatal()).isEqualTo("two");
    }

    private static void follow(BoundedLog log, String text) throws InterruptedException {
        log.follow(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .join();
    }
}
