package libtorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds the examples as an outsider does, with Maven and with the library's jar alone, and runs houses. */
class OutsiderTest {
    private static final Path REPOSITORY = Path.of("target/outsider").toAbsolutePath();

    /** Options of a JVM that does not live long enough to compile well. */
    private static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    @TempDir
    private static Path folder;

    private static Path settings; // of Maven

    /** Installs the library into a local repository of the test's own, and builds the project against that. */
    @BeforeAll
    static void build() throws Exception {
        Path jar = folder.resolve("library.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> classes = Files.walk(Path.of("target/classes/libtorch"))) {
            for (Path path : classes.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(
                        Path.of("target/classes").relativize(path).toString().replace('\\', '/')));
                out.write(Files.readAllBytes(path));
            }
        }
        Path installed = REPOSITORY.resolve("mnist-libtorch/mnist-libtorch/0.1.0");
        Files.createDirectories(installed);
        Files.copy(Path.of("pom.xml"), replaced(installed.resolve("mnist-libtorch-0.1.0.pom")));
        Files.copy(jar, replaced(installed.resolve("mnist-libtorch-0.1.0-library.jar")));
        // what this build has fetched is not fetched again
        String own = System.getProperty("maven.repo.local", System.getProperty("user.home") + "/.m2/repository");
        settings = Files.writeString(folder.resolve("settings.xml"), """
                <settings>
                  <profiles>
                    <profile>
                      <id>fetched</id>
                      <repositories>
                        <repository><id>fetched</id><url>file://%1$s</url></repository>
                      </repositories>
                      <pluginRepositories>
                        <pluginRepository><id>fetched</id><url>file://%1$s</url></pluginRepository>
                      </pluginRepositories>
                    </profile>
                  </profiles>
                  <activeProfiles><activeProfile>fetched</activeProfile></activeProfiles>
                </settings>
                """.formatted(own));
        compile("houses", folder);
    }

    /** Copies an example to a folder, and compiles it there. */
    private static void compile(String example, Path target) throws Exception {
        for (String source : List.of("pom.xml", "src")) copy(Path.of("examples", example), source, target);
        run(
                "mvn",
                "-B",
                "-ntp",
                "-q",
                "-f",
                target.toString(),
                "-s",
                settings.toString(),
                "-Dmaven.repo.local=" + REPOSITORY,
                "-Djavacpp.platform.host",
                "compile");
    }

    private static Path replaced(Path file) throws IOException {
        Files.deleteIfExists(file);
        return file;
    }

    private static void copy(Path example, String source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(example.resolve(source))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = target.resolve(example.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    private static String run(String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().merge("MAVEN_OPTS", String.join(" ", SHORT_LIVED), (own, more) -> own + " " + more);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private static String java(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                "target/classes:target/lib/*"));
        command.addAll(1, SHORT_LIVED);
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    @Test
    void theLibraryBringsTheBindingAndGsonAndNothingElse() throws IOException {
        TreeSet<String> libraries = new TreeSet<>();
        try (Stream<Path> jars = Files.list(folder.resolve("target/lib"))) {
            jars.map(jar -> jar.getFileName().toString().replaceFirst("-\\d.*", ""))
                    .forEach(libraries::add);
        }
        // the platform's natives are the project's own choice
        libraries.removeIf(name -> name.endsWith("-platform"));
        assertEquals(new TreeSet<>(List.of("gson", "javacpp", "mnist-libtorch", "openblas", "pytorch")), libraries);
    }

    @Test
    void theExampleOfFineTuningCompilesWithMaven() throws Exception {
        Path target = folder.resolve("finetune");
        compile("finetune", target);
        assertTrue(Files.exists(target.resolve("target/classes/finetune/FineTune.class")));
    }

    @Test
    void anOutsidersProjectTrainsSavesAndPredicts() throws Exception {
        java("houses.SyntheticHouses", "houses.csv");
        String trained = java("houses.Train", "houses.csv", "saved", "20");
        assertTrue(trained.contains("houses.csv: 800 training and 200 test houses"), trained);
        assertTrue(trained.contains("root mean squared test error: 0."), trained);
        String predicted =
                java("houses.Predictor", "saved/heating_load.pt2", "120", "24", "0.7", "1.8", "0.5", "0.9", "20", "0");
        // 85.54 m² of wall at 0.7, 24 at 1.8, 120 at 0.5, 0.33·0.9·300 of air: 252.2 W/K over 20 K are 5.04 kW
        double load = Double.parseDouble(
                predicted.lines().reduce((first, last) -> last).orElseThrow().replace(" kW", ""));
        assertEquals(5.04, load, 0.8, predicted);
    }
}
