package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A jar with one task handler, made of its source. */
final class HandlerJar {
    private HandlerJar() {}

    /**
     * Makes {@code folder/jars/NAME.jar}.
     *
     * @param name   simple name of the class, in the package {@code user}.
     * @param source of the class.
     */
    static Path make(final Path folder, final String name, final String source) throws IOException {
        final JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///user/" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(final boolean ignored) {
                        return source;
                    }
                };
        final Path classes = Files.createDirectories(folder.resolve("classes"));
        assertTrue(ToolProvider.getSystemJavaCompiler()
                .getTask(
                        null,
                        null,
                        null,
                        List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none"),
                        null,
                        List.of(file))
                .call());
        final Path jar = Files.createDirectories(folder.resolve("jars")).resolve(name + ".jar");
        try (OutputStream bytes = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(bytes)) {
            out.putNextEntry(new ZipEntry("user/" + name + ".class"));
            Files.copy(classes.resolve("user/" + name + ".class"), out);
            out.putNextEntry(new ZipEntry("META-INF/services/io.dragon.worker.TaskHandler"));
            out.write(("user." + name + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }
}
