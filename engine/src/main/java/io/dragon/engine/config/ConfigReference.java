package io.dragon.engine.config;

import java.util.List;
import java.util.Map;

/** The table of keys for people and for editors. */
public final class ConfigReference {
    private ConfigReference() {}

    /**
     * The page {@code docs/configuration.md}.
     *
     * @return Markdown.
     */
    public static String markdown() {
        final StringBuilder page = new StringBuilder();
        page.append("# Configuration\n\n");
        page.append(
                "<!-- Made from the table of keys in io.dragon.engine.config.ConfigTable; `dragon config reference` prints it. -->\n\n");
        page.append(
                "Two files: `dragon_gpu.yaml` on a client, `gpu_server.yaml` on a machine that offers GPUs. They are looked up in this\n");
        page.append(
                "order: `--config FILE`, `$DRAGON_CONF` (a file or a folder), the working folder, `~/.config/dragon/`.\n\n");
        page.append(
                "A value comes from the first of: a flag (`--set key=value`), the environment variable in the table, the file, the\n");
        page.append(
                "profile, the default. `dragon config show` prints every value and where it came from, `dragon config check FILE`\n");
        page.append("reports every fault of a file in one run.\n\n");
        page.append(
                "Sizes take `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB` or `TiB`, times `ns`, `us`, `ms`, `s`, `min` or `h`; a bare number\n");
        page.append(
                "is refused, except where the key's name ends in its unit. In paths `~` is `$HOME` and `$USER` the user; a relative\n");
        page.append("path in a file starts at the file. In variables and flags, lists are separated by commas.\n");
        for (final Map.Entry<String, String> section : ConfigTable.SECTIONS.entrySet()) {
            section(page, section.getKey(), section.getValue());
        }
        return page.toString();
    }

    private static void section(final StringBuilder page, final String section, final String about) {
        page.append("\n## ")
                .append(section.isEmpty() ? "Top" : "`" + section.replace("[]", "") + "`")
                .append("\n\n");
        page.append(about).append("\n\n");
        page.append("| key | file | value | default | variable | what |\n|---|---|---|---|---|---|\n");
        for (final ConfigKey key : ConfigTable.all()) {
            if (key.section().equals(section)) {
                page.append("| `").append(key.name().equals("*") ? "TASK_TYPE" : key.name());
                page.append("` | ")
                        .append(where(key))
                        .append(" | ")
                        .append(valueOf(key))
                        .append(" | ");
                page.append(defaultOf(key)).append(" | ");
                page.append(key.variable() == null ? "" : "`" + key.variable() + "`")
                        .append(" | ");
                page.append(key.description()).append(" |\n");
            }
        }
    }

    private static String where(final ConfigKey key) {
        return switch (key.scope()) {
            case CLIENT -> "client";
            case SERVER -> "server";
            case BOTH -> "both";
        };
    }

    private static String valueOf(final ConfigKey key) {
        return key.isList() ? "a list, each " + key.expected() : key.expected();
    }

    private static String defaultOf(final ConfigKey key) {
        if (key.isRequired()) {
            return "must be given";
        }
        final StringBuilder text = new StringBuilder(code(key, key.defaultText()));
        key.byProfile()
                .forEach((profile, value) ->
                        text.append("; ").append(profile).append(": ").append(code(key, value)));
        return text.toString();
    }

    private static String code(final ConfigKey key, final String text) {
        return key.isList() ? "`[" + text + "]`" : text.isEmpty() ? "" : "`" + text + "`";
    }

    /**
     * A JSON Schema, so that editors complete and check keys.
     *
     * @param kind which of the two files.
     * @return JSON text.
     */
    public static String jsonSchema(final DragonConfig.FileKind kind) {
        final ConfigFile.Kind wanted = ConfigFile.Kind.valueOf(kind.name());
        final StringBuilder json = new StringBuilder();
        json.append("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n");
        json.append("  \"title\": \"").append(wanted.fileName()).append("\",\n");
        json.append("  \"type\": \"object\",\n  \"additionalProperties\": false,\n  \"properties\": {");
        String comma = "\n";
        for (final Map.Entry<String, String> section : ConfigTable.SECTIONS.entrySet()) {
            final List<ConfigKey> keys = ConfigTable.all().stream()
                    .filter(key -> key.section().equals(section.getKey())
                            && key.scope().includes(wanted))
                    .toList();
            if (keys.isEmpty()) {
                continue;
            }
            json.append(comma);
            comma = ",\n";
            if (section.getKey().isEmpty()) {
                json.append(String.join(
                        ",\n", keys.stream().map(key -> "    " + property(key)).toList()));
            } else {
                schemaSection(json, section.getKey(), section.getValue(), keys);
            }
        }
        return json.append("\n  }\n}\n").toString();
    }

    private static void schemaSection(
            final StringBuilder json, final String section, final String about, final List<ConfigKey> keys) {
        final boolean list = section.endsWith("[]");
        json.append("    ")
                .append(quote(section.replace("[]", "")))
                .append(": { \"description\": ")
                .append(quote(about))
                .append(", ");
        json.append(list ? "\"type\": \"array\", \"items\": { " : "").append("\"type\": \"object\", ");
        if (keys.get(0).name().equals("*")) {
            json.append("\"additionalProperties\": ").append(typeOf(keys.get(0)));
        } else {
            json.append("\"additionalProperties\": false, \"properties\": {\n      ");
            json.append(String.join(
                    ",\n      ", keys.stream().map(ConfigReference::property).toList()));
            json.append("\n    }");
        }
        json.append(list ? " } }" : " }");
    }

    private static String property(final ConfigKey key) {
        return quote(key.name()) + ": "
                + (key.isList() ? "{ \"type\": \"array\", \"items\": " + typeOf(key) + " }" : typeOf(key));
    }

    private static String typeOf(final ConfigKey key) {
        final String about = "\"description\": " + quote(key.description());
        return switch (key.type()) {
            case BOOLEAN -> "{ \"type\": \"boolean\", " + about + " }";
            case INTEGER -> key.word() == null
                    ? "{ " + integer(key) + ", " + about + " }"
                    : "{ \"anyOf\": [{ " + integer(key) + " }, { \"const\": " + quote(key.word()) + " }], " + about
                            + " }";
            case CHOICE -> "{ \"enum\": ["
                    + String.join(
                            ", ",
                            key.choices().stream().map(ConfigReference::quote).toList()) + "], " + about + " }";
            case GPU -> "{ \"anyOf\": [{ " + integer(key)
                    + " }, { \"type\": \"string\", \"pattern\": \"^GPU-[0-9a-fA-F-]{36}$\" }], " + about + " }";
            default -> "{ \"type\": \"string\", " + about + " }";
        };
    }

    private static String integer(final ConfigKey key) {
        return "\"type\": \"integer\", \"minimum\": " + key.minimum() + ", \"maximum\": " + key.maximum();
    }

    private static String quote(final String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
