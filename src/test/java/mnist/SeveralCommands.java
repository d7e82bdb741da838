package mnist;

import java.util.stream.Stream;

/** Runs command lines in one process, one after the other until one fails; each is an argument with a word a line. */
final class SeveralCommands {
    private SeveralCommands() {}

    public static void main(String[] commandLines) {
        System.exit(Stream.of(commandLines)
                .mapToInt(words -> Main.run(words.split("\n")))
                .filter(status -> status != 0)
                .findFirst()
                .orElse(0));
    }
}
