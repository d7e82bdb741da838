package mnist.play;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import java.util.Set;

/** A request's JSON object; each field is validated when it is read. */
record RequestBody(JsonObject json) {
    private static final Gson STRICT =
            new GsonBuilder().setStrictness(Strictness.STRICT).create();

    /**
     * Parses a body.
     *
     * @param fields allowed names
     * @throws RequestException if it is not a JSON object, or has other fields
     */
    static RequestBody parse(String text, Set<String> fields) {
        JsonElement parsed;
        try {
            parsed = STRICT.fromJson(text, JsonElement.class);
        } catch (JsonParseException e) {
            throw refused("the body is not JSON");
        }
        if (!(parsed instanceof JsonObject object)) throw refused("the body is not a JSON object");
        for (String name : object.keySet())
            if (!fields.contains(name)) throw refused("the body has a field that is none of " + fields);
        return new RequestBody(object);
    }

    boolean has(String name) {
        return json.has(name);
    }

    /** Reads pixels, each from 0 to 1. */
    float[] pixels(String name, int count) {
        return numbers(get(name), name, count, 0, 1);
    }

    /** Reads points of the plane, at least one. */
    float[][] points(String name, int most) {
        JsonArray array = array(get(name), name);
        if (array.isEmpty() || array.size() > most) throw refused(name + " must be 1 to " + most + " points");
        float[][] points = new float[array.size()][];
        for (int i = 0; i < points.length; i++)
            points[i] = numbers(array.get(i), name + "[" + i + "]", 2, -1_000_000, 1_000_000);
        return points;
    }

    float number(String name, int least, int most) {
        return number(get(name), name, least, most);
    }

    int integer(String name, int least, int most) {
        double value = get(name) instanceof JsonPrimitive number && number.isNumber() ? number.getAsDouble() : 0.5;
        if (value == Math.rint(value) && value >= least && value <= most) return (int) value;
        throw refused(name + " must be an integer from " + least + " to " + most);
    }

    String text(String name) {
        if (get(name) instanceof JsonPrimitive text && text.isString()) return text.getAsString();
        throw refused(name + " must be a text");
    }

    /** Returns the length of an array. */
    int size(String name) {
        return array(get(name), name).size();
    }

    private JsonElement get(String name) {
        JsonElement value = json.get(name);
        if (value == null) throw refused(name + " is missing");
        return value;
    }

    private static JsonArray array(JsonElement value, String name) {
        if (value instanceof JsonArray array) return array;
        throw refused(name + " must be an array");
    }

    private static float[] numbers(JsonElement value, String name, int count, int least, int most) {
        JsonArray array = array(value, name);
        if (array.size() != count) throw refused(name + " must have " + count + " numbers, but has " + array.size());
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) numbers[i] = number(array.get(i), name + "[" + i + "]", least, most);
        return numbers;
    }

    private static float number(JsonElement value, String name, int least, int most) {
        float number = value instanceof JsonPrimitive p && p.isNumber() ? p.getAsFloat() : Float.NaN;
        if (number >= least && number <= most) return number;
        throw refused(name + " must be a number from " + least + " to " + most);
    }

    private static RequestException refused(String reason) {
        return new RequestException(400, reason);
    }
}
