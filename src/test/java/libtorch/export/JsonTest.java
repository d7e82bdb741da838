package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static Json parse(String text) {
        return Json.parse("p", text.getBytes(StandardCharsets.UTF_8));
    }

    private static String error(String text) {
        return assertThrows(IllegalArgumentException.class, () -> parse(text)).getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {",", "[", "{"})
    void moreThanTwoMillionValuesAreRefusedBeforeTheyAreParsed(String opening) {
        assertEquals("p is not JSON", error(opening.repeat(2_000_000)));
        assertEquals("p has more than 2000000 values", error(opening.repeat(2_000_001)));
        assertEquals(3_000_000, parse('"' + "x".repeat(3_000_000) + '"').text().length());
    }

    @Test
    void numbersThatJsonDoesNotHaveAreReadFromTexts() {
        assertEquals(0.5, parse("0.5").real());
        assertEquals(Double.POSITIVE_INFINITY, parse("\"Infinity\"").real());
        assertEquals(Double.NEGATIVE_INFINITY, parse("\"-Infinity\"").real());
        assertTrue(Double.isNaN(parse("\"NaN\"").real()));
        Json text = parse("{\"a\": \"1\"}").get("a");
        assertEquals(
                "p.a is not a number",
                assertThrows(IllegalArgumentException.class, text::real).getMessage());
    }

    @Test
    void nullIsNoValue() {
        Json object = parse("{\"a\": null, \"b\": 1}");
        assertTrue(object.get("a").element().isJsonNull());
        assertFalse(object.get("b").element().isJsonNull());
        assertFalse(object.has("a"));
        assertTrue(object.has("b"));
    }
}
