package mnist.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * A table of comparisons, filled by the sentences that cite its rows, so that their numbers stand in one place. What is
 * claimed depends on all rows, as their probabilities are corrected for their number.
 */
final class ComparisonTable {
    private record Row(String compared, Comparison comparison) {
        double probability() {
            return comparison.difference().probability();
        }
    }

    private final int before;
    private final double[] corrected;
    private final List<Row> rows = new ArrayList<>();

    private ComparisonTable(int before, double[] corrected) {
        this.before = before;
        this.corrected = corrected;
    }

    /**
     * Writes sentences and the rows that they cite.
     *
     * @param before how many rows the tables have whose numbering this one continues
     * @param sentences are written to a map twice: to find out the rows, and with their corrected probabilities
     */
    static Map<String, Object> filled(int before, BiConsumer<ComparisonTable, Map<String, Object>> sentences) {
        ComparisonTable uncorrected = new ComparisonTable(before, new double[0]);
        sentences.accept(uncorrected, new LinkedHashMap<>());
        ComparisonTable table = new ComparisonTable(
                before,
                holm(uncorrected.rows.stream().mapToDouble(Row::probability).toArray()));
        Map<String, Object> values = new LinkedHashMap<>();
        sentences.accept(table, values);
        values.put("rows", table.rows());
        return values;
    }

    /** Returns the number of the last row before this table. */
    int before() {
        return before;
    }

    /**
     * Adds a row, by which the effect of something is judged.
     *
     * @param where the circumstances, in words; empty where there are no others
     * @param row what is compared, as the table has it
     */
    Comparison.Case judge(String where, Comparison comparison, String row) {
        if (comparison.difference().pairs() == 0) return new Comparison.Case(where, comparison, "");
        int i = rows.size();
        rows.add(new Row(row, comparison));
        Comparison judged = i < corrected.length ? comparison.corrected(corrected[i]) : comparison;
        String lost = judged.isLostByCorrection()
                ? String.format(
                        ": %s, 95 %% interval %s, but p = %.3f after correction",
                        judged.estimate(), judged.range(), judged.probability())
                : "";
        return new Comparison.Case(where, judged, String.format(" (row\u00a0%d%s)", before + rows.size(), lost));
    }

    private List<Map<String, Object>> rows() {
        return IntStream.range(0, rows.size())
                .mapToObj(i -> row(before + i + 1, rows.get(i), corrected[i]))
                .toList();
    }

    private static Map<String, Object> row(int number, Row row, double corrected) {
        int pairs = row.comparison.difference().pairs();
        return Map.of(
                "number",
                number,
                "compared",
                row.compared,
                "estimate",
                row.comparison.estimate(),
                "range",
                pairs == 1 ? "–" : row.comparison.range(),
                "probability",
                pairs == 1 ? "–" : written(row.probability()),
                "corrected",
                pairs == 1 ? "–" : written(corrected),
                "seeds",
                row.comparison.agreeing() + " of " + pairs);
    }

    private static String written(double probability) {
        return probability < 0.001 ? "&lt; 0.001" : String.format("%.3f", probability);
    }

    /** Corrects probabilities for their number: if all null hypotheses hold, any is below 0.05 with a chance of 5 %. */
    static double[] holm(double... probabilities) {
        List<Integer> ascending = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> probabilities[i]))
                .toList();
        double[] corrected = new double[probabilities.length];
        double least = 0;
        for (int rank = 0; rank < corrected.length; rank++) {
            int i = ascending.get(rank);
            least = Math.max(least, Math.min(1, (corrected.length - rank) * probabilities[i]));
            corrected[i] = least;
        }
        return corrected;
    }
}
