package io.dragon.tools.bundle;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** The jars of a distribution, made from a class path. */
final class Jars {
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    /** 24 MB of a compiler and the loader of another one, which only tests call; their names among the natives of JCuda. */
    private static final List<String> TOOLS_OF_JCUDA = List.of("JNvPTXCompiler", "JNvrtc");

    private Jars() {}

    /**
     * Names of the jars in the distribution, each with what it is made from: a jar, or a folder of classes.
     *
     * @param classPath as Java takes it; what is not there is left out.
     * @param version   for the names of jars made from folders.
     */
    static Map<String, Path> of(final String classPath, final String version) {
        final Map<String, Path> jars = new TreeMap<>();
        for (final String entry : classPath.split(File.pathSeparator)) {
            final Path path = Path.of(entry).toAbsolutePath().normalize();
            if (Files.isDirectory(path)) {
                jars.put(nameOf(path) + "-" + version + ".jar", path);
            } else if (Files.isRegularFile(path)) {
                jars.put(path.getFileName().toString(), path);
            }
        }
        return jars;
    }

    /** {@code tools} for {@code tools/target/classes}. */
    private static String nameOf(final Path folder) {
        final int names = folder.getNameCount();
        return folder.endsWith(Path.of("target", "classes")) && names > 2
                ? folder.getName(names - 3).toString()
                : folder.getFileName().toString();
    }

    /** Whether what is given must be written anew: folders, and the natives of JCuda. */
    static boolean isMade(final Path source) {
        return Files.isDirectory(source) || source.getFileName().toString().startsWith("jcuda-natives-");
    }

    /** A jar of a folder, or a jar without what nothing calls at run time; the same bytes for the same content. */
    static byte[] make(final Path source) throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setLevel(Deflater.BEST_COMPRESSION);
            if (Files.isDirectory(source)) {
                for (final Path file : filesOf(source)) {
                    add(zip, source.relativize(file).toString(), Files.readAllBytes(file));
                }
            } else {
                try (ZipFile from = new ZipFile(source.toFile())) {
                    for (final ZipEntry entry : entriesOf(from)) {
                        try (InputStream in = from.getInputStream(entry)) {
                            add(zip, entry.getName(), in.readAllBytes());
                        }
                    }
                }
            }
        }
        return bytes.toByteArray();
    }

    private static List<Path> filesOf(final Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static List<ZipEntry> entriesOf(final ZipFile jar) {
        final Map<String, ZipEntry> entries = new TreeMap<>();
        for (final Enumeration<? extends ZipEntry> all = jar.entries(); all.hasMoreElements(); ) {
            final ZipEntry entry = all.nextElement();
            if (!entry.isDirectory() && TOOLS_OF_JCUDA.stream().noneMatch(entry.getName()::contains)) {
                entries.put(entry.getName(), entry);
            }
        }
        return new ArrayList<>(entries.values());
    }

    private static void add(final ZipOutputStream zip, final String name, final byte[] content) throws IOException {
        final ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
