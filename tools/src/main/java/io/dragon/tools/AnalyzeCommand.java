package io.dragon.tools;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.engine.config.RunProfile;
import io.dragon.tools.analyze.Analysis;
import io.dragon.tools.analyze.AnalysisResult;
import io.dragon.tools.analyze.Fault;
import io.dragon.tools.analyze.Journal;
import io.dragon.tools.analyze.Manifest;
import io.dragon.tools.analyze.Report;
import io.dragon.tools.analyze.Verification;
import io.dragon.tools.output.OutputFile;
import io.dragon.tools.process.DeadSystems;
import io.dragon.worker.EmbeddedContext;
import io.dragon.worker.EmbeddedDragon;
import io.dragon.worker.hash.Blake3;
import io.dragon.worker.hash.HashAlgorithm;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon analyze}. */
@Command(
        name = "analyze",
        description =
                "Hashes a data set block by block, finds what is there more than once, writes a manifest for b3sum.",
        footer = {
            "",
            "The manifest has the format of b3sum: 'b3sum --check FILE' agrees. Of SHA-256 and XXH3 there are hashes of blocks,"
                    + " not of files longer than a block: the manifest then has a line of JSON for every block.",
            "Exit code 3: a file could not be read or changed meanwhile, or --verify found a difference; everything"
                    + " else was done."
        })
final class AnalyzeCommand extends DragonCommand {
    private static final int MAX_FAULTS_SHOWN = 20;
    private static final int MAX_THREADS = 256;
    private static final long MAX_WARM_UP_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long WARM_UP_LOOK_MS = 50;

    @Option(
            names = {"-s", "--source"},
            required = true,
            paramLabel = "DIR|FILE",
            description = "what to hash")
    String source;

    @Option(
            names = "--block",
            paramLabel = "SIZE",
            description = "block length, a power of two from 1KiB to 512MiB (default: 4MiB)")
    ByteSize block;

    @Option(
            names = "--hash",
            paramLabel = "NAME",
            defaultValue = "blake3",
            description = "blake3, sha256 or xxh3 (default: blake3). XXH3 is fast and no protection against forgery")
    String hash;

    @Option(
            names = "--manifest",
            paramLabel = "FILE",
            description = "write a digest for every file or block, '-' for standard output")
    String manifest;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "write a report with the groups of equal files: JSON for a name in .json, Markdown otherwise")
    Path report;

    @Option(names = "--verify", paramLabel = "MANIFEST", description = "compare with an earlier manifest")
    Path verify;

    @Option(
            names = "--resume",
            description = "go on where a run with the same --manifest was interrupted; if none was, begin")
    boolean resume;

    @Option(names = "--follow-links", description = "follow symbolic links below the source")
    boolean followLinks;

    @Option(names = "--workers", paramLabel = "N", description = "worker threads (default: one for every core)")
    Integer workers;

    @Option(
            names = "--readers",
            paramLabel = "N",
            description = "threads that read files (default: one for every core, at most 8)")
    Integer readers;

    @Option(names = "--plain", description = "plain progress lines also on a terminal")
    boolean plain;

    @Mixin
    ConfigOptions options;

    @Mixin
    JsonOutput json;

    private Progress progress;
    private StopSignal stop;

    @Override
    protected int run() {
        requireThreads("--workers", workers);
        requireThreads("--readers", readers);
        if (json.isStandardOutput() && "-".equals(manifest)) {
            throw wrongUsage("--json - and --manifest - cannot both have standard output.");
        }
        final DragonConfig config = options.loadForWork(this::say);
        final Analysis.Context ctx = context();
        OutputFile.requireWritable("the manifest", manifest);
        if (resume && !hasJournal()) {
            throw wrongUsage("--resume needs --manifest FILE: what is done is noted in a journal beside that file.");
        }
        OutputFile.requireWritable("the report", report == null ? null : report.toString());
        final Verification verification = verify == null ? null : Verification.expect(ctx, verify);
        stop = StopSignal.install();
        ctx.stop(stop::isRequested);
        if (!hasJournal()) {
            return analyze(ctx, config, verification, null);
        }
        try (Journal journal = Journal.open(ctx, Path.of(manifest), resume, this::sayBesideTheBar)) {
            return analyze(ctx.journal(journal), config, verification, journal);
        }
    }

    /** What is written piece by piece or to standard output cannot be taken up again. */
    private boolean hasJournal() {
        return manifest != null
                && !"-".equals(manifest)
                && (!Files.exists(Path.of(manifest)) || Files.isRegularFile(Path.of(manifest)));
    }

    private void sayBesideTheBar(final String text) {
        if (progress == null || progress.bar == null) {
            say(text);
        } else {
            progress.bar.line(text);
        }
    }

    private int analyze(
            final Analysis.Context ctx,
            final DragonConfig config,
            final Verification verification,
            final Journal journal) {
        DeadSystems.sweep(config.dragonDir(), Path.of(System.getProperty("java.io.tmpdir")));
        final Blake3 blake3 = Blake3.fastest();
        if (ctx.algorithm() == HashAlgorithm.BLAKE3 && blake3.lanes() == 1) {
            say("BLAKE3 is computed " + blake3.description() + ".");
        } else if (ctx.algorithm() == HashAlgorithm.BLAKE3) {
            final Thread warmUp = warmUp(blake3);
            ctx.warmUp(() -> await(warmUp));
        }
        final AnalysisResult result = analyze(ctx, config);
        if (verification != null) {
            verification.compare(result);
        }
        final Map<String, Object> values = result.json();
        if (verification != null) {
            values.put("verify", verification.json());
        }
        boolean isWritten = manifest == null || isDone(() -> writeManifest(result));
        isWritten &= report == null || isDone(() -> writeReport(result, verification));
        isWritten &= isDone(() -> json.write(out, values));
        if (!json.isStandardOutput()) {
            summary("-".equals(manifest) ? err : out, values);
        }
        final boolean isDegraded = complaints(result, verification);
        if (!isWritten) {
            return ExitCode.FAILED;
        }
        if (journal != null) {
            journal.delete();
        }
        return isDegraded ? ExitCode.DEGRADED : ExitCode.OK;
    }

    /** Hours of work may be behind it: a file that cannot be written must not take the others, and what is told, along. */
    private boolean isDone(final Runnable writing) {
        try {
            writing.run();
            return true;
        } catch (final DragonException ex) {
            say(ex.getMessage());
            return false;
        }
    }

    private void requireThreads(final String option, final Integer number) {
        if (number != null && (number < 1 || number > MAX_THREADS)) {
            throw wrongUsage(
                    "dragon analyze: '" + option + " " + number + "' is out of range, expected 1 to " + MAX_THREADS);
        }
    }

    private Analysis.Context context() {
        final Analysis.Context ctx = new Analysis.Context().followLinks(followLinks);
        try {
            ctx.source(source);
        } catch (final InvalidPathException ex) {
            throw wrongUsage("The source '" + source + "' is not a path: " + ex.getReason()
                    + ". A name beyond ASCII needs a UTF-8 locale, as with LC_ALL=C.UTF-8.");
        }
        if (source.isEmpty() || !Files.exists(Path.of(source))) {
            throw wrongUsage("The source '" + source + "' does not exist."
                    + (source.indexOf('\uFFFD') < 0 ? "" : " (Is the locale UTF-8, as with LC_ALL=C.UTF-8?)"));
        }
        if (block != null) {
            named("--block", () -> ctx.blockLength(block.bytes()));
        }
        named("--hash", () -> ctx.algorithm(HashAlgorithm.of(hash)));
        if (readers != null) {
            ctx.readers(readers);
        }
        final List<Path> ours = new ArrayList<>();
        if (manifest != null && !"-".equals(manifest)) {
            ours.add(Path.of(manifest));
            ours.add(OutputFile.place(Path.of(manifest)));
            ours.add(OutputFile.partial(Path.of(manifest)));
            ours.add(Journal.beside(Path.of(manifest)));
        }
        if (report != null) {
            ours.add(report);
            ours.add(OutputFile.place(report));
            ours.add(OutputFile.partial(report));
        }
        if (json.isWanted() && !json.isStandardOutput()) {
            ours.add(Path.of(json.target));
            ours.add(OutputFile.place(Path.of(json.target)));
            ours.add(OutputFile.partial(Path.of(json.target)));
        }
        return ctx.excluded(ours);
    }

    /** What is wrong with the value of an option, with the option in front. */
    private void named(final String option, final Runnable setting) {
        try {
            setting.run();
        } catch (final DragonException ex) {
            final String fault = ex.getMessage();
            throw wrongUsage(
                    "dragon analyze: " + option + ": " + Character.toLowerCase(fault.charAt(0)) + fault.substring(1));
        }
    }

    /** The system takes a second to start, much of which the processor only waits: vectors are compiled meanwhile. */
    private static Thread warmUp(final Blake3 blake3) {
        final Thread thread = new Thread(() -> blake3.warmUp(MAX_WARM_UP_NS), "analyze-warm-up");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** It ends in time by itself. Workers beside it would take from the compiler what it needs, and compute in scalar code meanwhile. */
    private void await(final Thread thread) {
        try {
            while (thread.isAlive() && !stop.isRequested()) {
                thread.join(WARM_UP_LOOK_MS);
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    private AnalysisResult analyze(final Analysis.Context ctx, final DragonConfig config) {
        final int count = workers != null ? workers : Runtime.getRuntime().availableProcessors();
        try (EmbeddedDragon dragon = EmbeddedDragon.launch(new EmbeddedContext()
                        .workers(count)
                        .beside(config.dragonDir())
                        .runProfile(RunProfile.BULK));
                DragonClient client = dragon.connect("analyze");
                Progress bar = new Progress(plain)) {
            progress = bar;
            return Analysis.run(ctx.client(client)
                    .mostMemory(free(dragon.directory().path()) / 2)
                    .progress(bar::total, bar::done));
        } finally {
            progress = null;
        }
    }

    private static long free(final Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (final IOException ex) {
            return Long.MAX_VALUE; // a pool that does not fit is refused in words when it is made
        }
    }

    private void writeManifest(final AnalysisResult result) {
        if (!"-".equals(manifest)) {
            Manifest.write(result, Path.of(manifest));
            return;
        }
        try {
            Manifest.write(result, out);
        } catch (final IOException ex) {
            throw new DragonException("Cannot write the manifest: " + FileErrors.inWords(ex) + ".");
        }
    }

    private void writeReport(final AnalysisResult result, final Verification verification) {
        if (report.toString().toLowerCase(Locale.ROOT).endsWith(".json")) {
            final JsonOutput file = new JsonOutput();
            file.target = report.toString();
            file.write(out, Report.json(result, verification));
        } else {
            Report.writeMarkdown(result, verification, report);
        }
    }

    private static void summary(final PrintStream out, final Map<String, Object> values) {
        out.printf(
                Locale.ROOT,
                "%s, %s, %s of %s, in %.2f s (%.2f GB/s)%n",
                count(values, "files", "file"),
                Tables.bytes((Long) values.get("bytes")),
                count(values, "blocks", "block"),
                Tables.bytes((Integer) values.get("blockBytes")),
                values.get("seconds"),
                values.get("gigabytesPerSecond"));
        out.printf(
                Locale.ROOT,
                "%d different blocks, %d there already (%s), %d of zeros (%s), %s equal to another%n",
                values.get("uniqueBlocks"),
                values.get("duplicateBlocks"),
                Tables.bytes((Long) values.get("duplicateBytes")),
                values.get("zeroBlocks"),
                Tables.bytes((Long) values.get("zeroBytes")),
                count(values, "duplicateFiles", "file"));
        if (values.get("resumed") instanceof Map<?, ?> resumed) {
            out.printf(
                    "%s of them (%s) from the interrupted run: time and rate are those of the rest%n",
                    Tables.count((Long) resumed.get("files"), "file"), Tables.bytes((Long) resumed.get("bytes")));
        }
        if ((Long) values.get("linksNotFollowed") + (Long) values.get("specialFiles") > 0) {
            out.printf(
                    "%s not followed, %s skipped%n",
                    count(values, "linksNotFollowed", "link"), count(values, "specialFiles", "special file"));
        }
    }

    private static String count(final Map<String, Object> values, final String name, final String noun) {
        return Tables.count(((Number) values.get(name)).longValue(), noun);
    }

    /** Tells what was not as it should be; true when that makes the result degraded. */
    private boolean complaints(final AnalysisResult result, final Verification verification) {
        final List<String> lines = new ArrayList<>();
        for (final Fault fault : result.faults()) {
            lines.add(fault.path() + ": " + fault.error());
        }
        shown("not hashed", lines);
        if (result.lossyNames() > 0) {
            say(Tables.count(result.lossyNames(), "name")
                    + (result.lossyNames() == 1 ? " is" : " are")
                    + " not valid UTF-8: a manifest has replacement characters there"
                    + (HashAlgorithm.of(hash) == HashAlgorithm.BLAKE3
                            ? ", as that of b3sum, and b3sum --check cannot find such a file."
                            : "."));
        }
        if (verification == null) {
            return !result.faults().isEmpty();
        }
        say(Tables.count(verification.matching(), "file")
                + (verification.matching() == 1 ? " matches" : " match")
                + " the manifest.");
        shown("changed since the manifest", verification.changed());
        shown("in the manifest and not there", verification.missing());
        shown("in the manifest and not to be read", verification.unreadable());
        shown("not in the manifest", verification.added());
        return !result.faults().isEmpty() || !verification.isClean();
    }

    private void shown(final String what, final List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        say(Tables.count(lines.size(), "file or folder", "files or folders") + " " + what + ":");
        lines.stream().limit(MAX_FAULTS_SHOWN).forEach(line -> say("  " + line.replace("\n", "\\n")));
        if (lines.size() > MAX_FAULTS_SHOWN) {
            say("  and " + (lines.size() - MAX_FAULTS_SHOWN) + " more");
        }
    }

    /** The bar, made when the walk has told how much there is. */
    private static final class Progress implements AutoCloseable {
        private final boolean plain;
        private ProgressBar bar;

        Progress(final boolean plain) {
            this.plain = plain;
        }

        void total(final long bytes) {
            bar = new ProgressBar(
                    System.err, "hashing", bytes, "B", System::nanoTime, !plain && Terminal.canRedraw(), 0);
        }

        void done(final long bytes) {
            bar.update(bytes);
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
