package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The report's sentences are in its templates: Java has those for the command line alone. */
class WordsInTemplatesTest {
    private static final Pattern COMMAND_LINE = Pattern.compile(
            "new \\w*(Error|Exception)\\([^;]*;|@(Option|Command)\\([^)]*\\)|System\\.out\\.println\\([^;]*;|options\\.require\\([^;]*;",
            Pattern.DOTALL);
    private static final Pattern SENTENCE = Pattern.compile("\"[^\"\\n]*\\w+ \\w+ \\w+ \\w+[^\"\\n]*[.:;,][^\"\\n]*\"");

    @Test
    void noSentenceOfTheReportIsInJava() throws IOException {
        List<String> sentences = new ArrayList<>();
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/mnist/report"))) {
            for (Path source : sources.toList()) {
                String code = COMMAND_LINE.matcher(Files.readString(source)).replaceAll("");
                SENTENCE.matcher(code)
                        .results()
                        .forEach(match -> sentences.add(source.getFileName() + ": " + match.group()));
            }
        }
        assertEquals(List.of(), sentences);
    }
}
