package io.dragon.codecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;
import uk.co.real_logic.sbe.ir.Ir;
import uk.co.real_logic.sbe.ir.Signal;
import uk.co.real_logic.sbe.ir.Token;
import uk.co.real_logic.sbe.xml.IrGenerator;
import uk.co.real_logic.sbe.xml.MessageSchema;
import uk.co.real_logic.sbe.xml.ParserOptions;
import uk.co.real_logic.sbe.xml.XmlSchemaParser;

/**
 * The layout on the wire and in snapshots is a promise to every process already running: this test holds it against a
 * committed picture. A field appended with {@code sinceVersion} changes the picture on purpose; anything else is a mistake.
 */
final class WireLayoutTest {
    private static final Path SCHEMAS = Path.of("..", "sbe-schemas");

    @ParameterizedTest
    @ValueSource(strings = {"control", "snapshot", "frame", "discovery"})
    void shouldKeepTheLayoutOfEveryMessage(final String schema) throws Exception {
        final String actual = picture(schema);
        final Path golden = Path.of("src", "test", "resources", schema + ".layout");
        if (Boolean.getBoolean("dragon.layout.write")) {
            Files.writeString(golden, actual);
        }

        assertEquals(
                Files.readString(golden),
                actual,
                "the layout of " + schema
                        + ".xml changed; if it is meant, run the tests with -Ddragon.layout.write=true");
    }

    @Test
    void shouldKeepTemplateIdsInTheirRanges() throws Exception {
        for (final List<Token> message : parse("control").messages()) {
            final int id = message.get(0).id();
            assertTrue(id >= 1 && id <= 129, message.get(0).name() + " has id " + id + ", expected 1 to 129");
        }
        for (final List<Token> message : parse("snapshot").messages()) {
            final int id = message.get(0).id();
            assertTrue(id >= 1001 && id <= 1129, message.get(0).name() + " has id " + id + ", expected 1001 to 1129");
        }
    }

    @Test
    void shouldBeginEveryCommandWithItsSenderAndEveryEventWithItsRecipient() throws Exception {
        int found = 0;
        for (final List<Token> message : parse("control").messages()) {
            for (final Token token : message) {
                if (token.signal() == Signal.BEGIN_COMPOSITE
                        && ("Sender".equals(token.name()) || "Recipient".equals(token.name()))) {
                    assertEquals(0, token.offset(), message.get(0).name() + ": the session fills it in at offset 0");
                    found++;
                }
            }
        }
        assertTrue(found > 20, "only " + found + " messages with a party were found");
    }

    private static String picture(final String schema) throws Exception {
        final StringBuilder picture = new StringBuilder();
        for (final List<Token> message : parse(schema).messages()) {
            int depth = 0;
            for (final Token token : message) {
                final Signal signal = token.signal();
                if (signal.name().startsWith("END_")) {
                    depth--;
                    continue;
                }
                picture.append(String.format(
                        Locale.ROOT,
                        "%s%s %s id=%d offset=%d length=%d %s since=%d%n",
                        "  ".repeat(depth),
                        signal,
                        token.name(),
                        token.id(),
                        token.offset(),
                        token.encodedLength(),
                        token.encoding().primitiveType(),
                        token.version()));
                if (signal.name().startsWith("BEGIN_")) {
                    depth++;
                }
            }
        }
        return picture.toString();
    }

    private static Ir parse(final String schema) throws IOException {
        final Path file = SCHEMAS.resolve(schema + ".xml");
        try (InputStream in = Files.newInputStream(file)) {
            final InputSource source = new InputSource(in);
            source.setEncoding(StandardCharsets.UTF_8.name());
            source.setSystemId(file.toUri().toString());
            final ParserOptions options = ParserOptions.builder()
                    .stopOnError(true)
                    .warningsFatal(true)
                    .xIncludeAware(true)
                    .build();
            final MessageSchema messageSchema = XmlSchemaParser.parse(source, options);
            return new IrGenerator().generate(messageSchema);
        } catch (final IOException ex) {
            throw ex;
        } catch (final Exception ex) {
            throw new IllegalStateException("cannot read " + file, ex);
        }
    }
}
