package mnist.report;

import com.openhtmltopdf.pdfboxout.PdfBoxRenderer;
import com.openhtmltopdf.render.Box;
import com.openhtmltopdf.render.PageBox;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.w3c.dom.Element;

/**
 * Fills pages: if a figure or table moves to the next page and leaves much of the page blank, text that follows it is
 * moved before it. Figures and tables keep their order, and stay within their problem.
 */
final class Floats {
    private static final double WHITE = 0.14; // of a page; smaller gaps are accepted
    private static final int MOST = 4; // blocks of text that may go before a figure or table
    private static final Set<String> FLOATING = Set.of("figure", "table");
    private static final Set<String> TEXT = Set.of("p", "ol", "ul");

    private final PdfBoxRenderer renderer;
    private final Map<Element, Integer> passed = new HashMap<>();

    private Floats(PdfBoxRenderer renderer) {
        this.renderer = renderer;
    }

    /** Lays out a document, repeatedly until no text is moved. */
    static void layout(PdfBoxRenderer renderer) {
        Floats floats = new Floats(renderer);
        do renderer.layout();
        while (floats.movesText());
    }

    /** Moves text before the first figure or table that leaves a page blank; returns whether there was one. */
    private boolean movesText() {
        List<Box> blocks = body(renderer.getRootBox()).getChildren().stream()
                .filter(box -> box.getElement() != null)
                .toList();
        for (PageBox page : renderer.getRootBox().getLayer().getPages()) {
            for (int i = 1; i < blocks.size(); i++) {
                int end = bottom(blocks.get(i - 1));
                boolean pushed = end <= page.getBottom() && blocks.get(i).getAbsY() >= page.getBottom();
                boolean white = page.getBottom() - end > WHITE * (page.getBottom() - page.getTop());
                if (pushed && end > page.getTop() && white && moved(blocks, i)) return true;
            }
        }
        return false;
    }

    /** Moves the text after figures and tables before them, if allowed; returns whether it did. */
    private boolean moved(List<Box> blocks, int first) {
        List<Element> floats = new ArrayList<>();
        int next = first;
        while (next < blocks.size() && FLOATING.contains(name(blocks, next))) {
            floats.add(blocks.get(next++).getElement());
        }
        int text = name(blocks, next).equals("h3") ? next + 1 : next; // a heading goes with the text below it
        if (floats.isEmpty() || !TEXT.contains(name(blocks, text))) return false;
        if (floats.stream().anyMatch(element -> passed.getOrDefault(element, 0) >= MOST)) return false;
        floats.forEach(element -> passed.merge(element, 1, Integer::sum));
        Element before = floats.get(0);
        for (int i = next; i <= text; i++)
            before.getParentNode().insertBefore(blocks.get(i).getElement(), before);
        return true;
    }

    private static String name(List<Box> blocks, int i) {
        return i < blocks.size() ? blocks.get(i).getElement().getTagName() : "";
    }

    private static int bottom(Box box) {
        return box.getAbsY() + box.getHeight();
    }

    private static Box body(Box box) {
        if (box.getElement() != null && box.getElement().getTagName().equals("body")) return box;
        return body(box.getChild(box.getChildCount() - 1));
    }
}
