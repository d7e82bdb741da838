package mnist.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A table of comparisons, filled by the sentences that cite its rows, so that their numbers stand in one place. */
final class ComparisonTable {
    private final int before;
    private final List<Map<String, Object>> rows = new ArrayList<>();

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
        int pairs = comparison.difference().pairs();
        if (pairs == 0) return comparison.says(one, other);
        rows.add(Map.of(
                "number",
                before + rows.size() + 1,
                "compared",
                row,
                "estimate",
                comparison.estimate(),
                "range",
                pairs == 1 ? "–" : comparison.range(),
                "seeds",
                comparison.agreeing() + " of " + pairs));
        return String.format("%s (row %d)", comparison.says(one, other), before + rows.size());
    }

    List<Map<String, Object>> rows() {
        return List.copyOf(rows);
    }
}
