package mnist.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mnist.UsesLibTorch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Uses the page in a browser. */
class PageTest implements UsesLibTorch {
    private static final String DECODED = "document.querySelector('#decoded canvas').toDataURL()";

    private static TestServer server;
    private static Chromium browser;

    @BeforeAll
    static void start(@TempDir(cleanup = CleanupMode.NEVER) Path profile) throws Exception {
        assumeTrue(Chromium.program().isPresent(), "there is no Chromium");
        server = new TestServer(2);
        browser = new Chromium(profile);
    }

    @AfterAll
    static void stop() throws Exception {
        if (server == null) return;
        browser.close();
        server.close();
    }

    private static void resize(int width, int height) throws Exception {
        browser.call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
    }

    @BeforeEach
    void open() throws Exception {
        resize(1280, 900);
        browser.console.clear();
        browser.open(server.server.address(), "/^[0-9]$/.test(document.getElementById('answer').textContent)");
    }

    @AfterEach
    void nothingIsInTheConsole() throws Exception {
        assertEquals(List.of(), browser.console);
        assertEquals("", browser.evaluate("document.getElementById('error').textContent"));
    }

    /** Draws a 7 where nothing is, for the first digit of the test set is one too. */
    private static void drawSeven() throws Exception {
        browser.evaluate("document.getElementById('clear').click()");
        browser.await("document.getElementById('answer').textContent === '?'");
        browser.drag("pad", new double[] {0.25, 0.25}, new double[] {0.75, 0.25}, new double[] {0.45, 0.85});
    }

    @Test
    void aDrawnSevenIsASeven() throws Exception {
        drawSeven();
        browser.await("document.getElementById('answer').textContent === '7'");
        assertEquals("7", browser.evaluate("document.querySelector('#bars .first span').textContent"));
        // all five rebuild it, and none as a blank
        String ink = "[...document.querySelectorAll('.card figure:first-of-type canvas')].map(c => c.getContext('2d')"
                + ".getImageData(0, 0, 28, 28).data.filter((v, i) => i % 4 === 0 && v < 250).length > 10).join()";
        assertEquals("true,true,true,true,true", browser.evaluate(ink));
        browser.evaluate("document.getElementById('undo').click()");
        browser.await("document.getElementById('answer').textContent === '?'");
    }

    @Test
    void aDrawingByKeysIsRecognisedToo() throws Exception {
        browser.evaluate("document.getElementById('clear').click()");
        browser.evaluate("document.getElementById('pad').focus()");
        browser.press(" ", 1);
        browser.press("ArrowDown", 12); // a straight line
        browser.await("document.getElementById('answer').textContent === '1'");
    }

    @Test
    void movingOverThePlaneDecodes() throws Exception {
        browser.move("over", 0.3, 0.3);
        browser.await("!document.getElementById('decoded').hidden");
        String first = browser.evaluate(DECODED);
        browser.move("over", 0.8, 0.7);
        browser.await(DECODED + " !== '" + first + "'");
        browser.evaluate("document.getElementById('over').focus()");
        String second = browser.evaluate(DECODED);
        browser.press("ArrowLeft", 8);
        browser.await(DECODED + " !== '" + second + "'");
        browser.move("pad", 0.5, 0.5);
        browser.await("document.getElementById('decoded').hidden");
    }

    @Test
    void aLineShowsTheWayBetweenItsEnds() throws Exception {
        browser.drag("over", new double[] {0.3, 0.4}, new double[] {0.7, 0.6});
        browser.await("document.querySelectorAll('.film canvas').length === 9");
        browser.await("document.querySelector('#way .note').textContent.startsWith('The way from ')");
        String shown = browser.evaluate(DECODED);
        browser.await(DECODED + " !== '" + shown + "'"); // it moves by itself
        browser.evaluate("document.querySelectorAll('.card')[2].click()"); // with skip connections
        browser.drag("over", new double[] {0.4, 0.6}, new double[] {0.6, 0.4});
        browser.await("document.querySelector('#way .note').textContent.endsWith('6.2 with skips.')");
        browser.evaluate("document.querySelectorAll('.card')[1].click()");
        browser.evaluate("document.getElementById('over').focus()"); // the same by keys
        browser.press(" ", 1);
        browser.press("ArrowRight", 10);
        browser.press(" ", 1);
        browser.await("document.querySelector('#way .note').textContent.endsWith('6.1 convolutional.')");
    }

    @Test
    void aClickedTestDigitIsTaken() throws Exception {
        String place = "(m => m.places[5].map((v, i) => v / [over.clientWidth, over.clientHeight][i]))"
                + "(state.models[state.model])";
        String[] at = browser.evaluate(place).split(",");
        double[] point = {Double.parseDouble(at[0]), Double.parseDouble(at[1])};
        browser.drag("over", point, point);
        String label = browser.evaluate("state.labels[5]");
        browser.await(
                "document.getElementById('draw-title').textContent.startsWith('A " + label + " of the test set')");
        browser.await("state.result && state.image.every((v, i) => v === state.result.input[i])");
    }

    @Test
    void noiseReachesTheNetworksAndIsRemoved() throws Exception {
        String before = browser.evaluate("state.result.input.join()");
        browser.evaluate("(noise.value = 0.5, noise.dispatchEvent(new Event('input')))");
        browser.await("state.result.input.join() !== '" + before + "'");
        browser.await("[...document.querySelectorAll('.card')].every(c => c.innerText.includes('removed'))");
        // of the skip networks, the one that learned to remove noise is nearer to the clean image
        browser.await(
                "state.result.models['mnist-cae-skip-noisy'].error < state.result.models['mnist-cae-skip'].error");
    }

    @Test
    void activationsComeWhereTheyAreSeen() throws Exception {
        assertEquals("40", browser.evaluate("document.querySelectorAll('.tile').length"));
        browser.evaluate("document.getElementById('inside').scrollIntoView()");
        browser.await("state.result.activations?.length === 40");
        browser.evaluate("scrollTo(0, 0)");
    }

    @Test
    void itFitsAPhone() throws Exception {
        resize(390, 844);
        browser.await("document.documentElement.clientWidth === 390");
        assertEquals("390", browser.evaluate("document.documentElement.scrollWidth"));
        drawSeven();
        browser.await("document.getElementById('answer').textContent === '7'");
    }

    @Test
    void darkModeHasLightInkAndReadableColours() throws Exception {
        String ink = "theme.ink.join()";
        String light = browser.evaluate(ink);
        browser.call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
        try {
            browser.await(ink + " !== '" + light + "'");
            assertNotEquals("rgb(0,0,0)", browser.evaluate("theme.digits[7]"));
            assertTrue(Integer.parseInt(browser.evaluate("theme.ink[0]")) > 200);
        } finally {
            browser.call("Emulation.setEmulatedMedia", Map.of("features", List.of()));
        }
    }

    @Test
    void thePageNeedsNothingFromElsewhere() throws Exception {
        for (String file : List.of("play.html", "play.css", "play.js")) {
            String text = Files.readString(Path.of("src/main/resources/mnist/play", file))
                    .replace("http://www.w3.org/2000/svg", "");
            assertTrue(!text.contains("http:") && !text.contains("https:") && !text.contains("//cdn"), file);
        }
    }
}
