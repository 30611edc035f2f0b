package io.dragon.tools.analyze;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.hash.HashAlgorithm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A data set compared with a manifest of it. Names are compared as absolute paths, so that a manifest made from elsewhere
 * serves; lines about files outside the source are only counted.
 */
public final class Verification {
    private final List<String> changed = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> added = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();
    private final Map<String, String> expected = new LinkedHashMap<>();
    private final Path manifest;
    private long matching;
    private long elsewhere;

    private Verification(final Path manifest) {
        this.manifest = manifest;
    }

    /**
     * Reads a manifest, before anything is hashed.
     *
     * @param ctx      of the analysis that it will be compared with.
     * @param manifest to compare with.
     * @return what is expected; nothing is compared yet.
     * @throws DragonException when it cannot be read, speaks of other files only, or has hashes of another algorithm or of other blocks.
     */
    public static Verification expect(final Analysis.Context ctx, final Path manifest) {
        final Verification verification = new Verification(manifest);
        verification.read(ctx);
        return verification;
    }

    private void read(final Analysis.Context ctx) {
        final Path root = absolute(ctx.typedSource());
        readLines(ctx, line -> {
            final Path path = absolute(line.name());
            if (path == null || !path.startsWith(root)) {
                elsewhere++;
            } else {
                expected.put(path.toString(), line.digest());
            }
        });
        if (expected.isEmpty() && elsewhere > 0) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "The manifest " + manifest + " has no file of " + ctx.typedSource() + ": all its " + elsewhere
                            + " lines are about files elsewhere.");
        }
        if (expected.isEmpty() && hasFile(ctx)) { // told now, because what is hashed first may take hours
            throw nothingToCompare();
        }
    }

    private static boolean hasFile(final Analysis.Context ctx) {
        try (Stream<Path> paths = Files.walk(Path.of(ctx.typedSource()))) {
            return paths.anyMatch(Files::isRegularFile);
        } catch (final IOException | UncheckedIOException ex) { // it is told when the source is walked
            return false;
        }
    }

    private DragonException nothingToCompare() {
        return new DragonException(
                DragonException.WRONG_USAGE,
                "The manifest " + manifest + " is empty: there is nothing to compare with.");
    }

    private void readLines(final Analysis.Context ctx, final Consumer<Manifest.Line> to) {
        if (BlockManifest.is(manifest)) {
            BlockManifest.requireFits(manifest, ctx);
        } else if (ctx.algorithm() != HashAlgorithm.BLAKE3) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "The manifest " + manifest + " has digests of files, as b3sum writes them, and "
                            + ctx.algorithm().words() + " gives hashes of blocks only: verify it with --hash blake3.");
        }
        if (ctx.algorithm() == HashAlgorithm.BLAKE3) {
            Manifest.read(manifest, to);
        } else {
            BlockManifest.read(manifest, ctx, to);
        }
    }

    /**
     * Compares, once.
     *
     * @param result of the analysis of the source.
     * @throws DragonException when the manifest is empty and the source is not.
     */
    public void compare(final AnalysisResult result) {
        final boolean isOfBlocks = result.context().algorithm() != HashAlgorithm.BLAKE3;
        if (expected.isEmpty() && !result.hashed().isEmpty()) {
            throw nothingToCompare();
        }
        for (final FoundFile file : result.hashed()) {
            final String name = result.name(file);
            final Path path = absolute(name);
            final String digest = path == null ? null : expected.remove(path.toString());
            if (digest == null) {
                added.add(name);
            } else if (digest.equals(isOfBlocks ? BlockManifest.content(file, result.context()) : Hex.of(file))) {
                matching++;
            } else {
                changed.add(name);
            }
        }
        final Set<String> unread = new HashSet<>();
        for (final Fault fault : result.faults()) {
            final Path path = absolute(fault.path());
            if (path != null) {
                unread.add(path.toString());
            }
        }
        for (final String path : expected.keySet()) {
            (isUnread(path, unread) ? unreadable : missing).add(path);
        }
    }

    /** Of what lies in a folder that could not be read nobody knows whether it is there. */
    private static boolean isUnread(final String path, final Set<String> unread) {
        for (Path each = Path.of(path); each != null; each = each.getParent()) {
            if (unread.contains(each.toString())) {
                return true;
            }
        }
        return false;
    }

    private static Path absolute(final String name) {
        try {
            return Path.of(name).toAbsolutePath().normalize();
        } catch (final InvalidPathException ex) {
            return null;
        }
    }

    /**
     * Whether every file of the manifest is there as it was.
     *
     * @return false when one is changed, missing or unreadable.
     */
    public boolean isClean() {
        return changed.isEmpty() && missing.isEmpty() && unreadable.isEmpty();
    }

    /**
     * Files as the manifest has them.
     *
     * @return their number.
     */
    public long matching() {
        return matching;
    }

    /**
     * Files with another digest.
     *
     * @return their names.
     */
    public List<String> changed() {
        return changed;
    }

    /**
     * Files of the manifest that are not there.
     *
     * @return their absolute paths.
     */
    public List<String> missing() {
        return missing;
    }

    /**
     * Files of the manifest that could not be read, or lie in a folder that could not.
     *
     * @return their absolute paths.
     */
    public List<String> unreadable() {
        return unreadable;
    }

    /**
     * Files that the manifest does not have.
     *
     * @return their names.
     */
    public List<String> added() {
        return added;
    }

    /**
     * The comparison as JSON.
     *
     * @return to be written under {@code "verify"}.
     */
    public Map<String, Object> json() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("matching", matching);
        json.put("changed", changed);
        json.put("missing", missing);
        json.put("unreadable", unreadable);
        json.put("new", added);
        json.put("linesElsewhere", elsewhere);
        return json;
    }
}
