package io.dragon.tools.analyze;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.worker.hash.HashAlgorithm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Hashes of blocks, for algorithms whose blocks do not make up a digest of their file. One JSON object a line, the first of them the head:
 *
 * <pre>
 *   {"algorithm":"sha256","blockBytes":4194304}
 *   {"file":"data/a","offset":0,"length":4194304,"hash":"..."}
 *   {"file":"data/a","offset":4194304,"length":17,"hash":"..."}
 * </pre>
 *
 * <p>The blocks of a file follow each other without a gap. An empty file has one line, of length 0.
 */
final class BlockManifest {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private BlockManifest() {}

    static void write(final AnalysisResult result, final OutputStream out) throws IOException {
        final HashAlgorithm algorithm = result.context().algorithm();
        final int blockLength = result.context().blockLength();
        out.write(utf8("{\"algorithm\":\"" + algorithm.words() + "\",\"blockBytes\":" + blockLength + "}\n"));
        for (final FoundFile file : result.hashed()) {
            final byte[] name = utf8("{\"file\":" + MAPPER.writeValueAsString(result.name(file)) + ",\"offset\":");
            final int blocks = file.blocks(blockLength);
            for (int i = 0; i < blocks; i++) {
                final long offset = (long) i * blockLength;
                out.write(name);
                out.write(utf8(offset + ",\"length\":" + Math.min(blockLength, file.size - offset) + ",\"hash\":\""
                        + hash(file, i, algorithm) + "\"}\n"));
            }
        }
        out.flush();
    }

    private static byte[] utf8(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hash(final FoundFile file, final int block, final HashAlgorithm algorithm) {
        return file.blockHashes == null
                ? Hex.of(file).substring(0, 2 * algorithm.length())
                : Hex.of(file.blockHashes, block * HashAlgorithm.SHA256.length(), algorithm.length());
    }

    /** A digest of all that a manifest says of the content of a file. */
    static String content(final FoundFile file, final Analysis.Context ctx) {
        final Content content = new Content();
        for (int i = 0; i < file.blocks(ctx.blockLength()); i++) {
            content.add(hash(file, i, ctx.algorithm()));
        }
        return content.end(file.size);
    }

    /** The hashes of a file, of which there may be more than memory, as one. */
    private static final class Content {
        private final MessageDigest sha256;

        Content() {
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (final NoSuchAlgorithmException ex) {
                throw new IllegalStateException(ex); // every Java has it
            }
        }

        void add(final String hash) {
            sha256.update(utf8(hash));
        }

        /** And begins with the next file. */
        String end(final long size) {
            return HexFormat.of().formatHex(sha256.digest(utf8(" " + size)));
        }
    }

    /** Whether a file is one of these, or claims to be. */
    static boolean is(final Path file) {
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            return in.read() == '{';
        } catch (final IOException ex) {
            throw unreadable(file, ex);
        }
    }

    /** Refuses, in words, a manifest of other blocks than an analysis makes. */
    static void requireFits(final Path file, final Analysis.Context ctx) {
        try (ManifestLines lines = new ManifestLines(file)) {
            requireHead(file, next(file, lines), ctx);
        } catch (final IOException ex) {
            throw unreadable(file, ex);
        }
    }

    private static void requireHead(final Path file, final JsonNode head, final Analysis.Context ctx) {
        if (head == null) {
            throw fault(file, 1, "a JSON object was expected here");
        }
        final String algorithm = head.path("algorithm").asString("");
        final long blockLength = head.path("blockBytes").asLong(0);
        if (algorithm.isEmpty() || blockLength == 0) {
            throw fault(file, 1, "a head with 'algorithm' and 'blockBytes' was expected here");
        }
        if (!algorithm.equals(ctx.algorithm().words()) || blockLength != ctx.blockLength()) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "The manifest " + file + " has " + algorithm + " of blocks of " + blockLength
                            + " B, and here it is "
                            + ctx.algorithm().words() + " of blocks of " + ctx.blockLength()
                            + " B: verify it with --hash " + algorithm + " --block "
                            + units(blockLength) + ".");
        }
    }

    /** As {@code --block} takes it. */
    static String units(final long bytes) {
        if (bytes % (1 << 20) == 0) {
            return (bytes >> 20) + "MiB";
        }
        return bytes % (1 << 10) == 0 ? (bytes >> 10) + "KiB" : bytes + "B";
    }

    /**
     * Reads a manifest, of any length.
     *
     * @param file to read.
     * @param ctx  of the analysis that it is compared with.
     * @param to   takes its files, with {@link #content} for a digest.
     * @throws DragonException when it is no manifest, or of other blocks.
     */
    static void read(final Path file, final Analysis.Context ctx, final Consumer<Manifest.Line> to) {
        String name = null;
        long size = 0;
        final Content content = new Content();
        try (ManifestLines lines = new ManifestLines(file)) {
            requireHead(file, next(file, lines), ctx);
            for (JsonNode block = next(file, lines); block != null; block = next(file, lines)) {
                final String blockOf = block.path("file").asString("");
                final long offset = block.path("offset").asLong(-1);
                final long length = block.path("length").asLong(-1);
                final String hash = block.path("hash").asString("");
                if (blockOf.isEmpty()
                        || length < 0
                        || hash.length() != 2 * ctx.algorithm().length()) {
                    throw fault(
                            file,
                            lines.number(),
                            "a block with 'file', 'offset', 'length' and 'hash' was expected here");
                }
                if (!blockOf.equals(name)) {
                    if (name != null) {
                        to.accept(new Manifest.Line(content.end(size), name));
                    }
                    name = blockOf;
                    size = 0;
                }
                if (offset != size) {
                    throw fault(file, lines.number(), "the block at offset " + size + " of its file was expected here");
                }
                size += length;
                content.add(hash);
            }
        } catch (final IOException ex) {
            throw unreadable(file, ex);
        }
        if (name != null) {
            to.accept(new Manifest.Line(content.end(size), name));
        }
    }

    /** The object on the next line; null at the end. */
    private static JsonNode next(final Path file, final ManifestLines lines) throws IOException {
        if (!lines.next()) {
            return null;
        }
        final String line = lines.text();
        if (line == null) {
            throw fault(file, lines.number(), "the line is longer than " + ManifestLines.LONGEST + " bytes");
        }
        try {
            final JsonNode node = MAPPER.readTree(line);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (final JacksonException ex) {
            throw fault(
                    file, lines.number(), "no JSON, or not all of it: a manifest of blocks has an object on each line");
        }
        throw fault(file, lines.number(), "a JSON object was expected here");
    }

    private static DragonException fault(final Path file, final long number, final String words) {
        return new DragonException(DragonException.WRONG_USAGE, file + ":" + number + ":1: " + words);
    }

    private static DragonException unreadable(final Path file, final IOException ex) {
        return new DragonException(
                DragonException.WRONG_USAGE, "Cannot read the manifest " + file + ": " + FileErrors.inWords(ex) + ".");
    }
}
