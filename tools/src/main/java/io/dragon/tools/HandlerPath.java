package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.worker.TaskHandler;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/** Task handlers of the user's own: jars, folders of jars, folders of classes. Closed after the worker that uses them. */
final class HandlerPath implements AutoCloseable {
    /** Class path entries for every worker of this environment. */
    static final String VARIABLE = "DRAGON_HANDLERS";

    private static final String SERVICES = "META-INF/services/" + TaskHandler.class.getName();
    private static final String OPTION = "--handlers";

    private final URLClassLoader loader;

    private HandlerPath(final List<URL> urls) {
        loader = new URLClassLoader("handlers", urls.toArray(URL[]::new), HandlerPath.class.getClassLoader());
    }

    /**
     * Opens them.
     *
     * @param options  values of {@code --handlers}; null or empty for none.
     * @param variable value of {@link #VARIABLE}, entries with colons between them; null for none.
     * @throws DragonException in words, exit code 2, when an entry is not there, is no jar, or nothing offers a handler.
     */
    static HandlerPath open(final List<String> options, final String variable) {
        final List<URL> urls = new ArrayList<>();
        for (final String entry : options == null ? List.<String>of() : options) {
            add(OPTION, entry, urls);
        }
        for (final String entry : (variable == null ? "" : variable).split(File.pathSeparator)) {
            if (!entry.isBlank()) {
                add("environment: '" + VARIABLE + "'", entry, urls);
            }
        }
        final HandlerPath path = new HandlerPath(urls);
        if (!urls.isEmpty() && !path.offersAny()) {
            path.close();
            throw wrong("No task handler is offered by "
                    + urls.stream().map(HandlerPath::text).collect(Collectors.joining(", "))
                    + ": a file " + SERVICES + " has to name the class.");
        }
        return path;
    }

    ClassLoader loader() {
        return loader;
    }

    /** {@code echo, noop (Dragon); brightness (/home/me/b.jar)}. */
    static String offered(final Map<String, Class<?>> handlers) {
        final Map<String, List<String>> bySource = new LinkedHashMap<>();
        handlers.forEach((type, handler) -> bySource.computeIfAbsent(sourceOf(handler), source -> new ArrayList<>())
                .add(type));
        return bySource.entrySet().stream()
                .map(each -> String.join(", ", each.getValue()) + " (" + each.getKey() + ")")
                .collect(Collectors.joining("; "));
    }

    @Override
    public void close() {
        try {
            loader.close();
        } catch (final IOException ignored) { // only read from
            return;
        }
    }

    private static String sourceOf(final Class<?> handler) {
        final CodeSource source = handler.getProtectionDomain().getCodeSource();
        return handler.getClassLoader() instanceof URLClassLoader && source != null
                ? text(source.getLocation())
                : "Dragon";
    }

    private boolean offersAny() {
        try {
            return loader.findResources(SERVICES).hasMoreElements();
        } catch (final IOException ex) {
            return false;
        }
    }

    private static void add(final String origin, final String entry, final List<URL> urls) {
        final Path path = Path.of(entry);
        if (!Files.exists(path)) {
            throw wrong(origin + ": there is no file or folder '" + entry + "'.");
        }
        if (!Files.isDirectory(path)) {
            addJar(origin, path, urls);
            return;
        }
        final List<Path> jars;
        try (Stream<Path> files = Files.list(path)) {
            jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        } catch (final IOException ex) {
            throw wrong(origin + ": the folder '" + entry + "' cannot be read: " + FileErrors.inWords(ex) + ".");
        }
        if (jars.isEmpty()) {
            urls.add(url(path)); // a folder of classes
        }
        jars.forEach(jar -> addJar(origin, jar, urls));
    }

    private static void addJar(final String origin, final Path jar, final List<URL> urls) {
        try {
            new ZipFile(jar.toFile()).close(); // a class loader would say nothing
            urls.add(url(jar));
        } catch (final IOException ex) {
            throw wrong(origin + ": '" + jar + "' is not a jar that can be read.");
        }
    }

    private static URL url(final Path path) {
        try {
            return path.toAbsolutePath().normalize().toUri().toURL();
        } catch (final MalformedURLException ex) {
            throw wrong("'" + path + "' cannot be a class path entry.");
        }
    }

    private static String text(final URL url) {
        return Path.of(java.net.URI.create(url.toString())).toString();
    }

    private static DragonException wrong(final String sentence) {
        return new DragonException(DragonException.WRONG_USAGE, sentence);
    }
}
