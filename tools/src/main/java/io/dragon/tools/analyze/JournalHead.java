package io.dragon.tools.analyze;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the first line of a journal says: what was being analysed, and how.
 *
 * @param source     as typed.
 * @param folder     where that was, without links: a relative source is another one elsewhere.
 * @param hash       name of the algorithm.
 * @param blockBytes length of a block.
 * @param begun      when the first of the runs began.
 */
record JournalHead(String source, String folder, String hash, long blockBytes, Instant begun) {
    static final String MAGIC = "dragon-analyze-journal ";
    private static final int VERSION = 1;
    private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** The head for an analysis that begins now. */
    static JournalHead of(final Analysis.Context ctx) throws IOException {
        return new JournalHead(
                ctx.typedSource(),
                Path.of(ctx.typedSource()).toRealPath().toString(),
                ctx.algorithm().words(),
                ctx.blockLength(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    String line() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", VERSION);
        json.put("source", source);
        json.put("folder", folder);
        json.put("hash", hash);
        json.put("blockBytes", blockBytes);
        json.put("begun", begun.toString());
        return MAGIC + MAPPER.writeValueAsString(json);
    }

    /** Reads {@link #line}; null when it is none. */
    static JournalHead parse(final Path file, final String line) {
        if (!line.startsWith(MAGIC)) {
            return null;
        }
        try {
            final JsonNode json = MAPPER.readTree(line.substring(MAGIC.length()));
            final int version = json.path("version").asInt(0);
            if (version != VERSION) {
                throw new DragonException(
                        DragonException.WRONG_USAGE,
                        "The journal " + file + " is of format " + version
                                + ", and this program writes and reads format " + VERSION
                                + ": go on with the program that began it, or delete it to begin anew.");
            }
            return new JournalHead(
                    json.path("source").asString(""),
                    json.path("folder").asString(""),
                    json.path("hash").asString(""),
                    json.path("blockBytes").asLong(0),
                    Instant.parse(json.path("begun").asString("")));
        } catch (final JacksonException | DateTimeException ex) {
            return null;
        }
    }

    /** Refuses to go on with other options than the journal was begun with. */
    void requireFits(final Path file, final JournalHead now) {
        final List<String> theirs = new ArrayList<>();
        final List<String> ours = new ArrayList<>();
        if (!source.equals(now.source)) {
            theirs.add("--source " + source);
            ours.add("--source " + now.source);
        } else if (!folder.equals(now.folder)) {
            theirs.add("the source " + folder);
            ours.add("the source " + now.folder);
        }
        if (!hash.equals(now.hash)) {
            theirs.add("--hash " + hash);
            ours.add("--hash " + now.hash);
        }
        if (blockBytes != now.blockBytes) {
            theirs.add("--block " + BlockManifest.units(blockBytes));
            ours.add("--block " + BlockManifest.units(now.blockBytes));
        }
        if (!theirs.isEmpty()) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "The journal " + file + " was begun with " + String.join(", ", theirs) + ", and here it is "
                            + String.join(", ", ours) + ": go on as it was begun, or delete it to begin anew.");
        }
    }

    /** When it was begun, as people here read it. */
    String date() {
        return MINUTES.format(begun.atZone(ZoneId.systemDefault()));
    }
}
