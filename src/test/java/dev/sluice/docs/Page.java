package dev.sluice.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation and the code blocks in it. A comment directly above a block says what is to become of it:
 * {@code <!-- not run: reason -->}, or {@code <!-- fails: reason -->} where the command is there to show an error.
 * Immutable.
 *
 * @param file relative to the project's folder
 */
record Page(Path file, List<String> lines, List<Block> blocks) {
    private static final Pattern FENCE = Pattern.compile("```(\\w*)");
    private static final Pattern MARK = Pattern.compile("<!-- (not run|fails): (\\S.*) -->");

    /**
     * A block of code.
     *
     * @param line of its fence, from 1
     * @param language as the fence names it, or empty
     * @param mark {@code not run} or {@code fails}, where it has one
     */
    record Block(int line, String language, String text, Optional<String> mark) {
        boolean isRun() {
            return language.equals("sh") && !mark.equals(Optional.of("not run"));
        }

        boolean fails() {
            return mark.equals(Optional.of("fails"));
        }
    }

    /** All pages, in the order of their names. */
    static List<Page> all() {
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(Stream.of(Path.of("README.md"), Path.of("CHANGELOG.md")), docs.sorted())
                    .filter(file -> file.toString().endsWith(".md"))
                    .map(Page::read)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Page read(Path file) {
        try {
            return of(file, Files.readAllLines(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Page of(Path file, List<String> lines) {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i));
            if (fence.matches()) {
                int end = i + 1;
                while (!lines.get(end).equals("```")) {
                    end++;
                }
                String text = String.join("\n", lines.subList(i + 1, end));
                blocks.add(new Block(i + 1, fence.group(1), text, i == 0 ? Optional.empty() : mark(lines.get(i - 1))));
                i = end;
            }
        }
        return new Page(file, lines, List.copyOf(blocks));
    }

    /** The lines that are marks, wherever they stand. */
    long marks() {
        return lines.stream().filter(line -> mark(line).isPresent()).count();
    }

    /** The blocks of a language, one after the other. */
    List<Block> blocks(String language) {
        return blocks.stream()
                .filter(block -> block.language().equals(language))
                .toList();
    }

    /** The first cells of the table whose head begins with this word, without their backquotes. */
    List<String> table(String head) {
        int at = 0;
        while (!lines.get(at).startsWith("| " + head + " |")) {
            at++;
        }
        return lines.subList(at + 2, lines.size()).stream()
                .takeWhile(line -> line.startsWith("| "))
                .toList();
    }

    private static Optional<String> mark(String line) {
        Matcher mark = MARK.matcher(line);
        return mark.matches() ? Optional.of(mark.group(1)) : Optional.empty();
    }
}
