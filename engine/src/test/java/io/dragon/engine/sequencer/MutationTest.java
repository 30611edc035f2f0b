package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.dragon.codecs.control.SettingsDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Breaks one rule of the sequencer after the other, and awaits that the simulator sees it. */
class MutationTest {
    /** A broken rule must show within so many seeds. */
    private static final int MOST_SEEDS = 200;

    private static final int SOUND_SEEDS = 10;
    private static final String PACKAGE = "io.dragon.engine.sequencer";

    @TempDir
    Path folder;

    /** Runs a seed inside the loader of a mutation; what broke, or null. */
    static final class Runner implements LongFunction<String> {
        @Override
        public String apply(final long seed) {
            final Throwable failure = Trial.of(seed).failure;
            return failure == null ? null : String.valueOf(failure.getMessage());
        }
    }

    private static final class Loader extends ClassLoader {
        private final Path changed;

        Loader(final Path changed) {
            super(MutationTest.class.getClassLoader());
            this.changed = changed;
        }

        @Override
        protected Class<?> loadClass(final String name, final boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                final Class<?> known = findLoadedClass(name);
                if (known != null || !name.startsWith(PACKAGE + ".")) {
                    return known != null ? known : super.loadClass(name, resolve);
                }
                final byte[] bytes = bytes(name.replace('.', '/') + ".class");
                return defineClass(name, bytes, 0, bytes.length);
            }
        }

        private byte[] bytes(final String name) throws ClassNotFoundException {
            try (InputStream in = Files.exists(changed.resolve(name))
                    ? Files.newInputStream(changed.resolve(name))
                    : getParent().getResourceAsStream(name)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                return in.readAllBytes();
            } catch (final IOException ex) {
                throw new ClassNotFoundException(name, ex);
            }
        }
    }

    @Test
    void shouldSeeEachRuleThatIsBroken() {
        assertTrue(Mutation.ALL.size() >= 12);
        final List<String> lines = new ArrayList<>();
        final List<String> unseen = new ArrayList<>();
        Mutation.ALL.parallelStream().forEach(mutation -> {
            final String line = trial(mutation);
            synchronized (lines) {
                lines.add(line);
                if (line.endsWith("NOT SEEN")) {
                    unseen.add(mutation.rule());
                }
            }
        });
        lines.stream().sorted().forEach(System.out::println);
        assertEquals(List.of(), unseen);
    }

    @Test
    void shouldFindNothingInASequencerThatIsSound() {
        final LongFunction<String> runner = runner(folder);
        for (long seed = 1; seed <= SOUND_SEEDS; seed++) {
            assertNull(runner.apply(seed));
        }
    }

    private String trial(final Mutation mutation) {
        final LongFunction<String> runner = runner(compile(mutation));
        for (long seed = 1; seed <= MOST_SEEDS; seed++) {
            final String failure = runner.apply(seed);
            if (failure != null) {
                final String seen = failure.length() > 110 ? failure.substring(0, 110) : failure;
                return mutation.rule() + " | seed " + seed + " | " + seen.replace("broken: ", "");
            }
        }
        return mutation.rule() + " | NOT SEEN";
    }

    @SuppressWarnings("unchecked")
    private static LongFunction<String> runner(final Path changed) {
        try {
            final Constructor<?> constructor = Class.forName(Runner.class.getName(), true, new Loader(changed))
                    .getDeclaredConstructor();
            constructor.setAccessible(true); // The same package by name, another one by loader.
            return (LongFunction<String>) constructor.newInstance();
        } catch (final ReflectiveOperationException ex) {
            throw new AssertionError(ex);
        }
    }

    private Path compile(final Mutation mutation) {
        try {
            final Path out = Files.createTempDirectory(folder, "mutation");
            final String relative = PACKAGE.replace('.', '/') + "/" + mutation.file();
            String source = Files.readString(sources().resolve(relative));
            for (final Mutation.Edit edit : mutation.edits()) {
                if (!source.contains(edit.snippet())) {
                    fail("'" + mutation.rule() + "' is broken by changing '"
                            + edit.snippet().strip() + "', which " + mutation.file()
                            + " does not have any more: write down how it is broken now");
                }
                source = source.replace(edit.snippet(), edit.replacement());
            }
            final Path changed = Files.createDirectories(out.resolve("source")).resolve(mutation.file());
            Files.writeString(changed, source);
            javac(changed, out);
            return out;
        } catch (final IOException ex) {
            throw new AssertionError(ex);
        }
    }

    private static void javac(final Path source, final Path out) throws IOException {
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        final StringWriter words = new StringWriter();
        final String classPath = String.join(
                System.getProperty("path.separator"),
                at(Sequencer.class),
                at(SettingsDecoder.class),
                at(UnsafeBuffer.class));
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            final boolean isCompiled = compiler.getTask(
                            words,
                            files,
                            null,
                            List.of("-proc:none", "-nowarn", "-cp", classPath, "-d", out.toString()),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
            assertTrue(isCompiled, words::toString);
        }
    }

    private static String at(final Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (final URISyntaxException ex) {
            throw new AssertionError(ex);
        }
    }

    /** Of the module, whether the build runs in it or above it. */
    private static Path sources() {
        final Path here = Path.of("src/main/java");
        return Files.isDirectory(here.resolve("io/dragon/engine")) ? here : Path.of("engine/src/main/java");
    }
}
