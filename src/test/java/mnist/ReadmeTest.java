package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs what the README tells its readers to paste. */
class ReadmeTest {
    private static List<String> snippets(String language) throws IOException {
        return Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("README.md")))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void itsPythonRunsInTheRepository() throws Exception {
        List<String> snippets = snippets("python");
        assertEquals(2, snippets.size());
        PythonRun.of("import torch", String.join("\n", snippets) + "\nprint(tuple(digits.shape))");
    }

    @Test
    void itsJavaIsThatOfTheLibrarysTestedPage() throws IOException {
        String source = Files.readString(Path.of("src/test/java/libtorch/LibraryPageTest.java"))
                .replaceAll("\\s", "");
        List<String> snippets = snippets("java");
        assertEquals(2, snippets.size());
        for (String snippet : snippets) {
            for (String line : snippet.split("\n")) {
                String code = line.replaceFirst(" // .*", "").replaceAll("\\s", "");
                if (!code.equals("...")) assertTrue(source.contains(code), line); // three dots: left out here
            }
        }
    }

    @Test
    void everyLinkOfADocumentLeadsToAFile() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")));
        try (Stream<Path> files = Files.list(Path.of("docs"))) {
            documents.addAll(
                    files.filter(path -> path.toString().endsWith(".md")).toList());
        }
        Pattern link = Pattern.compile("\\]\\((?!http)([^)#]+)");
        for (Path document : documents) {
            for (MatchResult match :
                    link.matcher(Files.readString(document)).results().toList()) {
                Path target = document.resolveSibling(match.group(1)).normalize();
                assertTrue(Files.exists(target), document + " links to " + target);
            }
        }
    }
}
