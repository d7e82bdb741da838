package libtorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jshell.tool.JavaShellToolBuilder;
import org.junit.jupiter.api.Test;

/** Types what docs/SHELL.md shows into the shell that make shell starts. */
class ShellTest {
    private static final String PROMPT = "jshell> ";

    @Test
    void theSessionOfThePageAnswersAsShown() throws Exception {
        List<String> shown = Files.readString(Path.of("docs/SHELL.md"))
                .split("```\n")[1]
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        List<String> typed = shown.stream()
                .filter(line -> line.startsWith(PROMPT))
                .map(line -> line.substring(PROMPT.length()))
                .toList();
        assertTrue(typed.size() > 5);
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(screen, /*autoFlush*/ true, StandardCharsets.UTF_8);
        JavaShellToolBuilder.builder()
                .in(new ByteArrayInputStream((String.join("\n", typed) + "\n").getBytes(StandardCharsets.UTF_8)), null)
                .out(out)
                .err(out)
                .persistence(new HashMap<>()) // in place of the user's preferences
                .run(
                        "--startup",
                        "native-config/shell.jsh",
                        "--feedback",
                        "concise",
                        "--class-path",
                        System.getProperty("java.class.path"),
                        "-R--enable-native-access=ALL-UNNAMED",
                        "-R-XX:TieredStopAtLevel=1", // which takes half as long
                        "-R-XX:+UseSerialGC");
        String answered = screen.toString(StandardCharsets.UTF_8).replaceAll("(?m)^\\$\\d+ ==>", "==>");
        assertEquals(
                String.join("\n", shown),
                answered.lines()
                        .filter(line -> !line.isBlank() && !line.equals(PROMPT))
                        .collect(Collectors.joining("\n")));
    }
}
