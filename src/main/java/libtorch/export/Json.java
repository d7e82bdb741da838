package libtorch.export;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A value in the JSON of an untrusted file; its type is checked when it is read.
 *
 * @param place its path in the text, for messages
 */
record Json(String place, JsonElement element) {
    /** Numbers that JSON does not have; Python writes them as strings. */
    private static final Set<String> NOT_FINITE = Set.of("Infinity", "-Infinity", "NaN");

    /** Most values in a text: each takes up to 200 bytes in memory, and 10,000 nodes have a million of them. */
    private static final long MOST_VALUES = 2_000_000;

    /** @throws IllegalArgumentException if it is not JSON, nested too deeply, or too large */
    static Json parse(String place, byte[] utf8) {
        String text = new String(utf8, StandardCharsets.UTF_8);
        if (text.chars().filter(c -> c == ',' || c == '[' || c == '{').count() > MOST_VALUES)
            throw new IllegalArgumentException(place + " has more than " + MOST_VALUES + " values");
        try {
            return new Json(place, JsonParser.parseString(text));
        } catch (JsonParseException e) {
            throw new IllegalArgumentException(place + " is not JSON", e);
        }
    }

    /** Returns whether an object has a field that is not null. */
    boolean has(String field) {
        return object().has(field) && !object().get(field).isJsonNull();
    }

    Json get(String field) {
        JsonElement value = object().get(field);
        if (value == null) throw new IllegalArgumentException(place + " has no " + field);
        return new Json(place + "." + field, value);
    }

    Map<String, Json> fields() {
        Map<String, Json> fields = new LinkedHashMap<>();
        object().asMap().forEach((name, value) -> fields.put(name, new Json(place + "." + name, value)));
        return fields;
    }

    /** Returns the name of the only field of a union, which is its kind: "as_tensor". */
    String kind() {
        if (object().size() != 1) throw wrong("an object with one field");
        return object().keySet().iterator().next();
    }

    /** Returns the value of the only field. */
    Json value() {
        return get(kind());
    }

    List<Json> list() {
        if (!(element instanceof JsonArray array)) throw wrong("an array");
        List<Json> list = new ArrayList<>(array.size());
        for (JsonElement value : array) list.add(new Json(place + "[" + list.size() + "]", value));
        return list;
    }

    String text() {
        if (element instanceof JsonPrimitive text && text.isString()) return text.getAsString();
        throw wrong("a text");
    }

    boolean flag() {
        if (element instanceof JsonPrimitive flag && flag.isBoolean()) return flag.getAsBoolean();
        throw wrong("true or false");
    }

    long integer() {
        try {
            if (element instanceof JsonPrimitive number && number.isNumber())
                return Long.parseLong(number.getAsString());
        } catch (NumberFormatException fractionOrTooLarge) {
            throw wrong("an integer of 64 bits");
        }
        throw wrong("an integer");
    }

    double real() {
        if (element instanceof JsonPrimitive number && (number.isNumber() || NOT_FINITE.contains(number.getAsString())))
            return number.getAsDouble();
        throw wrong("a number");
    }

    private JsonObject object() {
        if (element instanceof JsonObject object) return object;
        throw wrong("an object");
    }

    IllegalArgumentException wrong(String expected) {
        return new IllegalArgumentException(place + " is not " + expected);
    }
}
