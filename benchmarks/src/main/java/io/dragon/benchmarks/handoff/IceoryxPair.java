package io.dragon.benchmarks.handoff;

import io.dragon.benchmarks.harness.ChildJvm;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.SuiteRun;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * iceoryx between two processes of C++: its daemon, and a program that is built when the headers are there. The daemon reserves all chunks when
 * it starts, and there is one on a host: one that runs already is not ours to use, and not to end.
 */
final class IceoryxPair implements AutoCloseable {
    private static final String SOURCE = "iceoryx_pingpong.cpp";
    private static final Path INCLUDE = Path.of("/usr/include/iceoryx/v2.0.3");
    private static final Path DAEMON = Path.of("/usr/bin/iox-roudi");
    private static final Path MEMORY = Path.of("/dev/shm/iceoryx_mgmt");
    private static final String MISSING = "handoff: iceoryx 2.0.3 was not measured: ";
    private static final double START_SECONDS = 60;
    private static final long BUILD_SECONDS = 240;

    /** In order of size: the daemon refuses anything else. Each end has one chunk on its way, keeps its last and has its next. */
    private static final String CONFIG =
            """
            [general]
            version = 1
            [[segment]]
            [[segment.mempool]]
            size = 128
            count = 64
            [[segment.mempool]]
            size = 1000064
            count = 8
            [[segment.mempool]]
            size = 33000064
            count = 6
            [[segment.mempool]]
            size = 100000064
            count = 6
            """;

    private final Path folder;
    private final Path program;
    private final ChildJvm daemon;
    private int runs;

    private IceoryxPair(final Path folder, final Path program, final ChildJvm daemon) {
        this.folder = folder;
        this.program = program;
        this.daemon = daemon;
    }

    /** Builds and starts; null, with a remark, where it cannot be had. */
    static IceoryxPair startOrTell(final Path folder, final SuiteRun run) throws InterruptedException {
        if (!Files.isDirectory(INCLUDE) || !Files.isExecutable(DAEMON)) {
            run.remark(
                    MISSING + "it is not installed (apt-get install iceoryx libiceoryx-posh-dev libiceoryx-hoofs-dev)");
            return null;
        }
        try {
            if (Files.exists(MEMORY)) {
                run.remark(MISSING + "there is " + MEMORY + ", of a daemon that runs or was killed");
                return null;
            }
            final Path built = build(folder);
            final Path config = Files.writeString(folder.resolve("roudi.toml"), CONFIG);
            final ChildJvm daemon = ChildJvm.start("iox-roudi", daemonCommand(config));
            final IceoryxPair pair = new IceoryxPair(folder, built, daemon);
            try {
                daemon.await("RouDi is ready", START_SECONDS);
                return pair;
            } catch (final InterruptedException | RuntimeException e) {
                pair.close();
                throw e;
            }
        } catch (final IOException | IllegalStateException e) {
            run.remark(MISSING + e.getMessage());
            return null;
        }
    }

    /** It does not look at its input; the shell around it does, and ends it with us. */
    private static List<String> daemonCommand(final Path config) {
        return List.of(
                "sh",
                "-c",
                "\"$@\" & daemon=$!; cat >/dev/null; kill $daemon; wait $daemon",
                "sh",
                DAEMON.toString(),
                "-l",
                "warning",
                "-m",
                "off",
                "-c",
                config.toString());
    }

    private static Path build(final Path folder) throws IOException, InterruptedException {
        final Path source = folder.resolve(SOURCE);
        try (InputStream in = IceoryxPair.class.getResourceAsStream(SOURCE)) {
            Files.copy(in, source);
        }
        final Path program = folder.resolve("iceoryx-pingpong");
        final Path log = folder.resolve("iceoryx-build.log");
        final Process compiler = new ProcessBuilder(
                        "g++",
                        "-O2",
                        "-std=c++17",
                        "-I" + INCLUDE,
                        source.toString(),
                        "-o",
                        program.toString(),
                        "-liceoryx_posh",
                        "-liceoryx_hoofs",
                        "-liceoryx_platform",
                        "-lpthread")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!compiler.waitFor(BUILD_SECONDS, TimeUnit.SECONDS)) {
            compiler.destroyForcibly();
            throw new IllegalStateException("g++ has not ended within " + BUILD_SECONDS + " s");
        }
        if (compiler.exitValue() != 0) {
            final List<String> lines = Files.readAllLines(log);
            throw new IllegalStateException("its partner did not compile: " + (lines.isEmpty() ? "" : lines.get(0)));
        }
        return program;
    }

    /** A round: two processes that end with it. */
    Map<String, Sample> run(final double seconds) throws Exception {
        final int number = ++runs;
        final Path values = folder.resolve("iceoryx-" + number);
        try (ChildJvm pong = ChildJvm.start("iceoryx pong", List.of(program.toString(), "pong", "pong" + number))) {
            pong.await("ready", START_SECONDS);
            try (ChildJvm ping = ChildJvm.start("iceoryx ping", command(number, seconds, values))) {
                ping.await("done", START_SECONDS + seconds);
            }
        }
        final Sizes.Times[] times = Sizes.times();
        for (final String line : Files.readAllLines(values)) {
            final String[] words = line.split(" ");
            // intended, sent, answered: nanoseconds from the intended moment
            times[Integer.parseInt(words[0])].add(0, Long.parseLong(words[1]), Long.parseLong(words[2]));
        }
        Files.delete(values);
        return Sizes.samples(times);
    }

    private List<String> command(final int number, final double seconds, final Path values) {
        return List.of(
                program.toString(),
                "ping",
                "ping" + number,
                Long.toString(Math.round(1e9 / Sizes.RATE)),
                Long.toString(Math.max(Sizes.BYTES.length, Math.round(seconds * Sizes.RATE))),
                values.toString());
    }

    /** The daemon takes its files along when it is asked to end. */
    @Override
    public void close() {
        daemon.close();
    }
}
