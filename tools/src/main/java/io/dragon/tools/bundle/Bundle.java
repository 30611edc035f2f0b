package io.dragon.tools.bundle;

import io.dragon.engine.config.DragonException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * A distribution in one file. The same jars, scripts and JDK give the same bytes.
 *
 * <pre>
 *   dragon/bin      the scripts            dragon/runtime  Java
 *   dragon/lib      the jars               dragon/conf     examples of configuration
 *   dragon/docs     the pages              dragon/README.md, LICENSE, CHANGELOG.md
 * </pre>
 */
public final class Bundle {
    private static final String TOP = "dragon";

    /** Results that were measured elsewhere; below {@code docs}. */
    private static final String RESULTS = "results";

    private static final int BUFFER = 1 << 16;

    private final Path home;
    private final Path jdk;
    private final String classPath;
    private final String version;

    /** What goes in, by name: a file, a folder, a link, or bytes. */
    private final TreeMap<String, Object> entries = new TreeMap<>();

    /**
     * What was written.
     *
     * @param file       the archive.
     * @param bytes      its length.
     * @param entries    files, folders and links in it.
     * @param glibcMinor x of the C library 2.x that the runtime in it needs.
     */
    public record Written(Path file, long bytes, int entries, int glibcMinor) {}

    /**
     * A bundle to be made.
     *
     * @param home      the folder that holds {@code bin} and {@code conf}: of a checkout or of a distribution.
     * @param jdk       home of the JDK that gives the runtime.
     * @param classPath what the command line runs from, as Java takes it.
     * @param version   of Dragon.
     */
    public Bundle(final Path home, final Path jdk, final String classPath, final String version) {
        this.home = home;
        this.jdk = jdk;
        this.classPath = classPath;
        this.version = version;
    }

    /**
     * Makes it.
     *
     * @param target the archive to write; one that is there is replaced when the new one is complete.
     * @return what was written.
     * @throws IOException          when something cannot be read or written.
     * @throws InterruptedException when the thread is interrupted.
     * @throws DragonException      in words, when the Java at hand cannot give a runtime.
     */
    public Written write(final Path target) throws IOException, InterruptedException {
        final Path work = Files.createTempDirectory("dragon-bundle");
        try {
            final Path runtime = work.resolve("runtime");
            RuntimeImage.link(jdk, runtime);
            collect(runtime);
            final Path partial = target.resolveSibling(target.getFileName() + ".partial");
            try {
                archive(partial);
                Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(partial);
            }
            return new Written(target, Files.size(target), entries.size(), RuntimeImage.glibcMinor(runtime));
        } finally {
            remove(work);
        }
    }

    private void collect(final Path runtime) throws IOException {
        entries.clear();
        tree("runtime", runtime);
        tree("bin", home.resolve("bin"));
        tree("conf", home.resolve("conf"));
        final boolean isDistribution = Files.isDirectory(home.resolve("docs"));
        final Path around =
                isDistribution ? home : home.toAbsolutePath().normalize().getParent();
        tree("docs", around.resolve("docs"));
        for (final String name : List.of("README.md", "LICENSE", "CHANGELOG.md")) {
            if (Files.isRegularFile(around.resolve(name))) {
                put(name, around.resolve(name));
            }
        }
        for (final Map.Entry<String, Path> jar : Jars.of(classPath, version).entrySet()) {
            final Path source = jar.getValue();
            put("lib/" + jar.getKey(), Jars.isMade(source) ? Jars.make(source) : source);
        }
    }

    private void tree(final String name, final Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new DragonException(
                    "There is no folder " + folder + ", which belongs into a bundle: Dragon is not complete.");
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (final Path path : all.filter(path -> !path.equals(folder)).toList()) {
                if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                        && !folder.relativize(path).startsWith(RESULTS)) {
                    put(name + "/" + folder.relativize(path), path);
                }
            }
        }
    }

    private void put(final String name, final Object content) {
        entries.put(TOP + "/" + name, content);
        final TreeSet<String> folders = new TreeSet<>();
        final String whole = TOP + "/" + name;
        for (int slash = whole.indexOf('/'); slash >= 0; slash = whole.indexOf('/', slash + 1)) {
            folders.add(whole.substring(0, slash));
        }
        folders.forEach(folder -> entries.putIfAbsent(folder, folder));
    }

    private void archive(final Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
                TarWriter tar = new TarWriter(new Densest(out))) {
            for (final Map.Entry<String, Object> entry : entries.entrySet()) {
                final String name = entry.getKey();
                if (entry.getValue() instanceof byte[] bytes) {
                    tar.file(name, bytes);
                } else if (!(entry.getValue() instanceof Path path)) {
                    tar.folder(name);
                } else if (Files.isSymbolicLink(path)) {
                    tar.link(name, Files.readSymbolicLink(path).toString());
                } else {
                    tar.file(name, path);
                }
            }
        }
    }

    private static void remove(final Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (final Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** gzip as small as it gets; Java's writes neither a time nor a name. */
    private static final class Densest extends GZIPOutputStream {
        Densest(final OutputStream out) throws IOException {
            super(out, BUFFER);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
