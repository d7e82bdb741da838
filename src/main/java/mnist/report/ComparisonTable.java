package mnist.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A table of comparisons, filled by the sentences that cite its rows, so that their numbers stand in one place. */
final class ComparisonTable {
    private static final Pattern CITED = Pattern.compile("\\\\row\\{(\\d+)}");
    private static final double WEAK = 0.05;

    private record Row(String compared, Comparison comparison) {
        double probability() {
            return comparison.difference().probability();
        }
    }

    private final int before;
    private final List<Row> rows = new ArrayList<>();

    /** @param before how many rows the tables have whose numbering this one continues */
    ComparisonTable(int before) {
        this.before = before;
    }

    /**
     * Adds a row, and says what it shows in a sentence without its full stop.
     *
     * @param row what is compared, as the table has it
     */
    String says(Comparison comparison, String one, String other, String row) {
        return comparison.says(one, other) + cited(comparison, row);
    }

    /** Adds a row, and returns what the text cites it by. */
    private String cited(Comparison comparison, String row) {
        if (comparison.difference().pairs() == 0) return "";
        rows.add(new Row(row, comparison));
        return String.format(" (\\row{%d})", before + rows.size());
    }

    /**
     * Adds a row, by which the effect of something is judged.
     *
     * @param where the circumstances, in words; empty where there are no others
     * @param row what is compared, as the table has it
     */
    Comparison.Case judge(String where, Comparison comparison, String row) {
        return new Comparison.Case(where, comparison, cited(comparison, row));
    }

    /** Writes out the rows that a text cites, once all are known: the weak claims among them depend on their number. */
    String resolved(String text) {
        double[] corrected = corrected();
        return CITED.matcher(text).replaceAll(match -> {
            int row = Integer.parseInt(match.group(1));
            int i = row - before - 1;
            boolean weak = rows.get(i).comparison.difference().excludesZero() && corrected[i] > WEAK;
            return Matcher.quoteReplacement(
                    "row\u00a0" + row + (weak ? String.format(", weak: p = %.2f", corrected[i]) : ""));
        });
    }

    private double[] corrected() {
        return holm(rows.stream().mapToDouble(Row::probability).toArray());
    }

    List<Map<String, Object>> rows() {
        double[] corrected = corrected();
        return IntStream.range(0, rows.size())
                .mapToObj(i -> row(before + i + 1, rows.get(i), corrected[i]))
                .toList();
    }

    private static Map<String, Object> row(int number, Row row, double probability) {
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
                pairs == 1 ? "–" : probability < 0.001 ? "&lt; 0.001" : String.format("%.3f", probability),
                "seeds",
                row.comparison.agreeing() + " of " + pairs);
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
