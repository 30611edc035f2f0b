package io.dragon.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ConfigReferenceTest {
    @Test
    void shouldBeWhatTheDocumentationSays() throws IOException {
        final String page =
                Files.readString(ConfigTest.examples().getParent().getParent().resolve("docs/configuration.md"));
        assertEquals(
                ConfigReference.markdown(),
                page,
                "make it anew: tools/bin/dragon config reference > docs/configuration.md");
    }

    @Test
    void shouldDescribeEveryKeyOnceAndGiveItASection() {
        final Set<String> paths = new HashSet<>();
        final Set<String> variables = new HashSet<>();
        for (final ConfigKey key : ConfigTable.all()) {
            assertTrue(paths.add(ConfigTable.plain(key.path())), key.path());
            assertTrue(key.variable() == null || variables.add(key.variable()), key.path());
            assertTrue(ConfigTable.SECTIONS.containsKey(key.section()), key.path());
            assertTrue(key.description().endsWith("."), key.path());
        }
    }

    @Test
    void shouldHaveDefaultsThatItWouldAccept() {
        for (final ConfigKey key : ConfigTable.all()) {
            if (!key.isRequired() && !key.defaultText().isEmpty()) {
                for (final String value :
                        key.isList() ? key.defaultText().split(", ") : new String[] {key.defaultText()}) {
                    key.type().parse(key, value, false);
                }
            }
            key.byProfile().values().forEach(text -> key.type().parse(key, text, false));
        }
    }

    @Test
    void shouldMakeASchemaForBothFiles() {
        final String client = ConfigReference.jsonSchema(DragonConfig.FileKind.CLIENT);
        final String server = ConfigReference.jsonSchema(DragonConfig.FileKind.SERVER);
        assertTrue(client.contains("\"remote_gpus\"") && !client.contains("\"memory_limit_percent\""));
        assertTrue(server.contains("\"memory_limit_percent\"") && !server.contains("\"remote_gpus\""));
        assertFalse(client.contains("[]"));
    }
}
