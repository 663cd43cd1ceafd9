package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebArchiveTest {
    @TempDir
    Path folder;

    @Test
    void unpacks_a_file_once_and_uses_a_folder_in_place() throws IOException {
        Path war = war("index.html", "WEB-INF/web.xml");
        Path root = WebArchive.unpack(war, folder.resolve("app"));
        assertThat(root.resolve("WEB-INF/web.xml")).hasContent("content of WEB-INF/web.xml");
        Files.writeString(root.resolve("mark"), "");
        assertThat(WebArchive.unpack(war, folder.resolve("app"))).isEqualTo(root);
        assertThat(root.resolve("mark")).exists();
        assertThat(WebArchive.unpack(root, folder.resolve("other"))).isEqualTo(root);
        assertThat(folder.resolve("other")).doesNotExist();
    }

    @Test
    void starts_at_the_same_time_share_one_complete_folder() throws Exception {
        Path war = war("a", "b", "c/d");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Path>> roots = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                roots.add(threads.submit(() -> {
                    Path target = Files.createDirectories(folder.resolve("app")).resolve("0-1");
                    if (!Files.isDirectory(target)) {
                        WebArchive.unpackBeside(war, target);
                    }
                    return target;
                }));
            }
            for (Future<Path> root : roots) {
                assertThat(root.get().resolve("c/d")).hasContent("content of c/d");
            }
        } finally {
            threads.shutdownNow();
        }
        try (var left = Files.list(folder.resolve("app"))) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void removes_what_older_versions_and_cut_starts_left() throws IOException {
        Path app = Files.createDirectories(folder.resolve("app"));
        Files.createDirectories(app.resolve("1a2b-3c/WEB-INF"));
        Path cut = Files.createDirectories(app.resolve(".unpack-1"));
        Path young = Files.createDirectories(app.resolve(".unpack-2"));
        Files.setLastModifiedTime(cut, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        WebArchive.unpack(war("a"), app);
        assertThat(app.resolve("1a2b-3c")).doesNotExist();
        assertThat(cut).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void refuses_an_entry_that_leaves_the_folder() throws IOException {
        Path war = war("../evil");
        assertThatThrownBy(() -> WebArchive.unpack(war, folder.resolve("app")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("leaves the folder");
        assertThat(folder.resolve("evil")).doesNotExist();
        assertThat(folder.resolve("app/evil")).doesNotExist();
    }

    private Path war(String... names) throws IOException {
        Path war = folder.resolve("test.war");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(war))) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(("content of " + name).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return war;
    }
}
