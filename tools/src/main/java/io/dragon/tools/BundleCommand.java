package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.tools.bundle.Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon bundle}. */
@Command(
        name = "bundle",
        description =
                "Writes Dragon into one file, with a Java runtime, for hosts that have neither Java nor a network.",
        footer = {
            "",
            "There: tar -xzf FILE, then dragon/bin/dragon COMMAND. It needs bash, and a Linux on x86-64 whose C library is not older"
                    + " than the one that the JDK at hand was built for, which is said at the end."
        })
final class BundleCommand extends DragonCommand {
    /** The folder that holds the scripts' folder, set by the script. */
    private static final String HOME = "dragon.home";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "the file to write (default: dragon-VERSION-linux-x86_64.tar.gz)")
    Path target;

    @Mixin
    JsonOutput json;

    @Override
    protected int run() throws InterruptedException {
        final String home = System.getProperty(HOME);
        if (home == null) {
            throw new DragonException("A bundle is made by the script: tools/bin/dragon bundle.");
        }
        if (Files.isDirectory(Path.of(home, "runtime"))) { // its Java is the one it brings, whatever JAVA_HOME says
            throw new DragonException(
                    "This is a bundle, and one is not made from another: copy the file that it came from, or run tools/bin/dragon bundle in a checkout.");
        }
        final Path file = target == null ? Path.of("dragon-" + BuildInfo.version() + "-linux-x86_64.tar.gz") : target;
        final Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
            throw wrongUsage(
                    "dragon bundle: '--out " + file + "' cannot be written: expected a file in a folder that is there");
        }
        final Bundle.Written written;
        try {
            written = new Bundle(
                            Path.of(home),
                            Path.of(System.getProperty("java.home")),
                            System.getProperty("java.class.path"),
                            BuildInfo.version())
                    .write(file);
        } catch (final IOException ex) {
            throw new DragonException("Cannot write the bundle " + file + ": " + FileErrors.inWords(ex) + ".");
        }
        if (!json.isStandardOutput()) {
            out.println(file + ": " + Tables.bytes(written.bytes()) + ", for hosts with a C library (glibc) 2."
                    + written.glibcMinor() + " or newer");
        }
        json.write(
                out,
                JsonOutput.object()
                        .put("file", file.toString())
                        .put("bytes", written.bytes())
                        .put("entries", written.entries())
                        .put("glibc", "2." + written.glibcMinor())
                        .put("java", System.getProperty("java.version")));
        return ExitCode.OK;
    }
}
