package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A JSON file whose values are asked for by name and type; every fault names the file and the place in it. */
final class JsonFile {
    private static final long MAX_BYTES = 256L << 20;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Path file;
    private final JsonNode root;

    private JsonFile(final Path file, final JsonNode root) {
        this.file = file;
        this.root = root;
    }

    static JsonFile read(final Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new DragonException(
                        file + ": larger than " + (MAX_BYTES >> 20) + " MiB, which no calibration is.");
            }
            return new JsonFile(file, MAPPER.readTree(Files.readAllBytes(file)));
        } catch (final JacksonException e) {
            final String at = e.getLocation() == null
                    ? ""
                    : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
            throw new DragonException(
                    DragonException.WRONG_USAGE, file + at + ": not JSON: " + e.getOriginalMessage() + ".");
        } catch (final IOException e) {
            throw new DragonException(file + ": cannot be read: " + e.getMessage() + ".");
        }
    }

    JsonNode root() {
        return root;
    }

    DragonException wrong(final String sentence) {
        return new DragonException(DragonException.WRONG_USAGE, file + ": " + sentence + ".");
    }

    JsonNode array(final JsonNode parent, final String name, final String path) {
        final JsonNode node = name == null ? parent : parent.path(name);
        if (!node.isArray()) {
            throw wrong("'" + path + "' is missing or not a list");
        }
        return node;
    }

    String text(final JsonNode parent, final String name, final String path) {
        final JsonNode node = parent.path(name);
        if (!node.isString() && !node.isIntegralNumber()) {
            throw wrong("'" + path + "." + name + "' is missing or not a text");
        }
        return node.asString();
    }

    double number(final JsonNode parent, final String name, final String path) {
        return number(parent.path(name), path + "." + name);
    }

    private double number(final JsonNode node, final String path) {
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw wrong("'" + path + "' is missing or not a number");
        }
        return node.doubleValue();
    }

    int integer(final JsonNode parent, final String name, final String path) {
        final JsonNode node = parent.path(name);
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw wrong("'" + path + "." + name + "' is missing or not a whole number");
        }
        return node.intValue();
    }

    /** Numbers of a list, or of a list of lists of three. */
    double[] numbers(final JsonNode parent, final String name, final int count, final String path) {
        final String here = path + "." + name;
        final JsonNode node = array(parent, name, here);
        final double[] numbers = new double[count];
        int n = 0;
        for (final JsonNode element : node) {
            if (element.isArray()) {
                for (final JsonNode inner : element) {
                    n = put(numbers, n, inner, here);
                }
            } else {
                n = put(numbers, n, element, here);
            }
        }
        if (n != count) {
            throw wrong("'" + here + "' has " + n + " numbers, expected " + count);
        }
        return numbers;
    }

    private int put(final double[] numbers, final int n, final JsonNode node, final String path) {
        if (n == numbers.length) {
            throw wrong("'" + path + "' has more than " + numbers.length + " numbers");
        }
        numbers[n] = number(node, path);
        return n + 1;
    }
}
