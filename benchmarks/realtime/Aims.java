import java.util.ArrayList;
import java.util.List;

/** What was aimed at, and whether it was met. */
final class Aims {
    private final List<String> lines = new ArrayList<>();
    private boolean met = true;

    void atLeast(String what, double figure, double aim) {
        add(figure >= aim, what + ": " + Samples.text(figure) + " (at least " + Samples.text(aim) + ")");
    }

    void atMost(String what, double figure, double aim) {
        add(figure <= aim, what + ": " + Samples.text(figure) + " (at most " + Samples.text(aim) + ")");
    }

    private void add(boolean holds, String line) {
        met &= holds;
        lines.add((holds ? "- yes: " : "- **no**: ") + line);
    }

    /** Prints them all. */
    boolean print() {
        if (!lines.isEmpty()) {
            System.out.println();
            lines.forEach(System.out::println);
        }
        return met;
    }
}
