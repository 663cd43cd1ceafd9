import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Figures by name, one for each round. */
final class Samples {
    private final Map<String, List<Double>> figures = new LinkedHashMap<>();

    void add(String name, double figure) {
        figures.computeIfAbsent(name, any -> new ArrayList<>()).add(figure);
    }

    /** Forgets the rounds that only warmed. */
    void forget() {
        figures.clear();
    }

    boolean has(String name) {
        return figures.containsKey(name);
    }

    double median(String name) {
        return median(figures.get(name));
    }

    /** The median of the ratios of the single rounds: a busy minute counts for both. */
    double ratio(String name, String base) {
        return median(ratios(name, base));
    }

    String spread(String name) {
        return spread(figures.get(name));
    }

    String ratioSpread(String name, String base) {
        return spread(ratios(name, base));
    }

    /** Every figure, for a reader who wants them all. */
    void print() {
        figures.forEach((name, all) -> System.out.println(
                name + ": " + String.join(" ", all.stream().map(Samples::text).toList())));
    }

    private List<Double> ratios(String name, String base) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < figures.get(name).size(); i++) {
            ratios.add(figures.get(name).get(i) / figures.get(base).get(i));
        }
        return ratios;
    }

    private static double median(List<Double> all) {
        double[] sorted = all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static String spread(List<Double> all) {
        return text(all.stream().mapToDouble(Double::doubleValue).min().orElseThrow()) + "-"
                + text(all.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
    }

    /** Sorts the figures, in place. */
    static double percentile(int[] figures, double percent) {
        Arrays.sort(figures);
        return figures[(int) Math.min(figures.length - 1, Math.ceil(figures.length * percent / 100) - 1)];
    }

    static String text(double figure) {
        String format = figure >= 100 ? "%,.0f" : figure >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, figure);
    }
}
