package libtorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Types what docs/SHELL.md shows into the shell that make shell starts. */
class ShellTest {
    private static final String PROMPT = "jshell> ";

    @Test
    void theSessionOfThePageAnswersAsShown(@TempDir Path home) throws Exception {
        String page = Files.readString(Path.of("docs/SHELL.md")).split("```\n")[1];
        List<String> typed =
                page.lines().filter(line -> line.startsWith(PROMPT)).toList();
        String shown = page.lines()
                .filter(line -> !line.startsWith(PROMPT) && !line.isEmpty())
                .collect(Collectors.joining("\n"));
        assertTrue(typed.size() > 5);
        Process shell = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jshell")
                                .toString(),
                        "--startup",
                        "native-config/shell.jsh",
                        "--feedback",
                        "concise",
                        "--class-path",
                        System.getProperty("java.class.path"),
                        "-J-Djava.util.prefs.userRoot=" + home,
                        "-R--enable-native-access=ALL-UNNAMED",
                        "-J-XX:TieredStopAtLevel=1", // which takes half as long
                        "-R-XX:TieredStopAtLevel=1",
                        "-J-XX:+UseSerialGC",
                        "-R-XX:+UseSerialGC")
                .redirectErrorStream(true)
                .start();
        try (OutputStream keyboard = shell.getOutputStream()) {
            for (String line : typed)
                keyboard.write((line.substring(PROMPT.length()) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        String answered = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        // JShell of JDK 25 echoes what it reads before its terminal is ready
        for (String line : typed) answered = answered.replace(line.substring(PROMPT.length()), "");
        answered = answered.replaceAll("(?m)^(jshell> )+", "")
                .replaceAll("(?m)^\\$\\d+ ==>", "==>")
                .lines()
                .filter(line -> !line.isBlank() && !line.contains("java.util.prefs") && !line.startsWith("INFO:"))
                .collect(Collectors.joining("\n"));
        assertEquals(shown, answered);
    }
}
