package dev.sluice.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Runs the commands of a page as somebody would type them who reads from top to bottom: one bash, one folder; what one
 * block sets, the next one knows. Every command must succeed, every part of a pipe and every HTTP status included.
 * Used by one thread.
 */
final class Shell {
    private static final String BEGINNING = "set -euxo pipefail\nexport CURL_HOME=\"$PWD\"\n";

    private final Path folder;
    private final String address;

    /** @param address of the server, with a slash at its end; it takes the place of the documentation's */
    Shell(Path folder, String address) throws IOException {
        this.folder = folder;
        this.address = address.substring("http://".length(), address.length() - 1);
        Files.writeString(folder.resolve(".curlrc"), "fail\nsilent\nshow-error\n");
    }

    /** Runs all blocks that can be run. */
    void run(Page page) throws IOException {
        run(page, Map.of());
    }

    /** Runs them with some variables set. */
    void run(Page page, Map<String, String> variables) throws IOException {
        StringBuilder script = new StringBuilder(BEGINNING);
        variables.forEach((name, value) -> script.append(name + "='" + value + "'\n"));
        page.blocks().stream().filter(Page.Block::isRun).forEach(block -> append(page, block, script));
        Result result = run(script.toString());
        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    private void append(Page page, Page.Block block, StringBuilder script) {
        String text = block.text().replace("localhost:8080", address).replace("127.0.0.1:8080", address);
        script.append(": " + page.file() + ":" + block.line() + "\n");
        script.append(
                block.fails() ? "if {\n" + text + "\n}; then echo 'This should fail.'; exit 1; fi\n" : text + "\n");
    }

    private record Result(int exitCode, String output) {}

    private Result run(String script) throws IOException {
        Path file = Files.writeString(folder.resolve("page.sh"), script);
        List<String> command =
                List.of("bash", "-c", "cd \"$0\" && exec bash \"$1\"", folder.toString(), file.toString());
        try (Command bash = Command.start(command.toArray(String[]::new))) {
            return new Result(bash.exitCode(), bash.text());
        }
    }
}
