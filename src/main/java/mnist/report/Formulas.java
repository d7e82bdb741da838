package mnist.report;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import uk.ac.ed.ph.snuggletex.SnuggleEngine;
import uk.ac.ed.ph.snuggletex.SnuggleInput;
import uk.ac.ed.ph.snuggletex.SnuggleSession;
import uk.ac.ed.ph.snuggletex.XMLStringOutputOptions;

/** Turns the LaTeX formulas of a page into MathML: \( inline \) and \[ on lines of their own \]. */
final class Formulas {
    private static final Pattern FORMULA = Pattern.compile("\\\\\\((.+?)\\\\\\)|\\\\\\[(.+?)\\\\]", Pattern.DOTALL);

    private final SnuggleEngine engine = new SnuggleEngine();
    private final XMLStringOutputOptions output = new XMLStringOutputOptions();

    Formulas() {
        output.setEncoding("UTF-8");
        output.setDOMPostProcessors((document, options, stylesheets) -> finished(document));
    }

    String typeset(String html) {
        return FORMULA.matcher(html)
                .replaceAll(match -> Matcher.quoteReplacement(
                        mathMl(match.group().replace("&lt;", "<").replace("&gt;", ">"))));
    }

    /**
     * Translates one formula.
     *
     * @throws IllegalArgumentException where it is not the LaTeX that the library knows
     */
    String mathMl(String latex) {
        SnuggleSession session = engine.createSession();
        try {
            session.parseInput(new SnuggleInput(latex));
        } catch (IOException e) {
            throw new IllegalStateException(e); // nothing is read but the text
        }
        if (!session.getErrors().isEmpty()) throw new IllegalArgumentException(latex + ": " + session.getErrors());
        return session.buildXMLString(output);
    }

    private static Document finished(Document document) {
        writeOutParentheses(document);
        for (Element operator : elements(document, "mo")) {
            if (operator.getTextContent().equals("-")) operator.setTextContent("−");
            if (operator.getTextContent().equals("\u0302"))
                operator.setTextContent("^"); // the combining hat is too small by itself
        }
        for (Element power : elements(document, "msup")) {
            if (power.getLastChild().getTextContent().equals("'")) writePrime(power);
        }
        for (Element name : elements(document, "mi")) {
            if (name.getTextContent().equals("ln")) leaveSpace(name);
        }
        for (String indexed : List.of("msub", "msup", "msubsup"))
            elements(document, indexed).forEach(Formulas::leaveSpace);
        return document;
    }

    private static List<Element> elements(Document document, String name) {
        NodeList nodes = document.getElementsByTagNameNS("*", name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .map(Element.class::cast)
                .toList();
    }

    /** Writes a prime beside its letter: the sign is raised already, and would be too small as an exponent. */
    private static void writePrime(Element power) {
        Element row = create(power, "mrow", "");
        row.appendChild(power.getFirstChild());
        row.appendChild(create(power, "mi", "′"));
        power.getParentNode().replaceChild(row, power);
    }

    /** Sets a factor apart from the next. */
    private static void leaveSpace(Element factor) {
        boolean inRow = List.of("math", "mrow").contains(factor.getParentNode().getNodeName());
        if (!inRow
                || factor.getNextSibling() == null
                || factor.getNextSibling().getNodeName().equals("mo")) return;
        Element space = create(factor, "mspace", "");
        space.setAttribute("width", "0.15em");
        factor.getParentNode().insertBefore(space, factor.getNextSibling());
    }

    /**
     * Writes parentheses out: the element that stands for them and for commas between, mfenced, is one that browsers
     * ignore.
     */
    private static void writeOutParentheses(Document document) {
        while (document.getElementsByTagNameNS("*", "mfenced").item(0) instanceof Element fence) {
            Element row = create(fence, "mrow", "");
            row.appendChild(create(fence, "mo", fence.getAttribute("open")));
            for (boolean first = true; fence.hasChildNodes(); first = false) {
                if (!first) row.appendChild(create(fence, "mo", ","));
                row.appendChild(fence.getFirstChild());
            }
            row.appendChild(create(fence, "mo", fence.getAttribute("close")));
            fence.getParentNode().replaceChild(row, fence);
        }
    }

    private static Element create(Element beside, String name, String text) {
        Element element = beside.getOwnerDocument().createElementNS(beside.getNamespaceURI(), name);
        element.setTextContent(text);
        return element;
    }
}
