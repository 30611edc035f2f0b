package io.dragon.tools;

import io.dragon.engine.cluster.replay.LogReplay;
import io.dragon.engine.cluster.replay.MasterCopy;
import io.dragon.engine.cluster.replay.Story;
import io.dragon.engine.config.DragonException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dragon replay}. */
@Command(
        name = "replay",
        description = "Explains what a master decided: replays a copy of its log from the oldest snapshot kept.",
        footer = {
            "",
            "Without options it tells what the log holds and the state at its end. The master may be running; nothing in DIR is changed.",
            "The last messages of a master that was killed may be ones that a majority never had.",
            "",
            "'--tasks 20 --failed' lists the last 20 tasks that did not complete, with their ids.",
            "'--task 7696581394433' tells why that one went where it went.",
            "'--at 2026-11-22T10:15:00Z' tells the state at that time."
        })
final class ReplayCommand extends DragonCommand {
    private static final int ALL_ENDS = 1_000_000;

    @Parameters(
            paramLabel = "DIR",
            description = "a master's directory: masters.directory, and member-N in it where it holds several")
    Path directory;

    @Option(names = "--task", paramLabel = "ID", description = "tell the whole life of one task")
    String task;

    @Option(names = "--tasks", paramLabel = "N", description = "list the last N tasks that ended")
    int tasks;

    @Option(names = "--failed", description = "with --tasks: only those that did not complete")
    boolean failed;

    @Option(
            names = "--at",
            paramLabel = "WHEN",
            description = "stop there: a position of the log, or a time as 2026-11-22T10:15:00Z")
    String at;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "where the copy is made while it runs (default: the folder for temporary files)")
    Path scratch;

    @Mixin
    JsonOutput json;

    @Override
    protected int run() {
        if (tasks < 0) {
            throw wrongUsage("dragon replay: '--tasks " + tasks + "' is negative, expected how many to list");
        }
        if (failed && tasks == 0) {
            throw wrongUsage("dragon replay: '--failed' chooses among the tasks of '--tasks N', which is missing");
        }
        final long taskId = task == null ? 0 : taskId();
        final Path parent = scratch == null ? Path.of(System.getProperty("java.io.tmpdir")) : scratch;
        if (!Files.isDirectory(parent)) {
            throw new DragonException(DragonException.WRONG_USAGE, "--scratch: there is no folder " + parent);
        }
        final Story story = new Story(taskId, failed ? ALL_ENDS : tasks);
        try (DeletedAtExit deleted = new DeletedAtExit(MasterCopy.of(directory, parent));
                LogReplay replay = LogReplay.open(deleted.copy, story, story)) {
            story.follow(replay);
            run(replay);
            replay.remarks().forEach(this::say);
            final ReplayReport report = new ReplayReport(deleted.copy.source(), replay, story, tasks, failed, taskId);
            if (!json.isStandardOutput()) {
                report.print(out);
            }
            json.write(out, report.json());
            if (taskId != 0 && story.lines().isEmpty()) {
                throw new DragonException("Task " + Story.words(taskId) + " does not occur between position "
                        + replay.startPosition() + " and " + replay.position()
                        + ": it is older than the log that is kept, or never came here.");
            }
        }
        return ExitCode.OK;
    }

    private void run(final LogReplay replay) {
        final long position = position();
        final long timeMs = position >= 0 ? Long.MAX_VALUE : timeMs();
        if (position >= 0 && position < replay.startPosition()) {
            throw new DragonException("Position " + position + " is before position " + replay.startPosition()
                    + ", where the oldest snapshot kept begins.");
        }
        final long last = position >= 0 ? position : Long.MAX_VALUE;
        while (replay.step(last, timeMs)) {
            // Each step is told to the story.
        }
        if (position < 0 && replay.messages() == 0) {
            throw new DragonException("The log that is kept begins after " + at + ", at position "
                    + replay.startPosition() + ": nothing is known of that time.");
        }
    }

    private long position() {
        if (at == null) {
            return Long.MAX_VALUE;
        }
        try {
            return Math.max(0, Long.parseLong(at));
        } catch (final NumberFormatException ex) {
            return -1;
        }
    }

    private long timeMs() {
        try {
            return Instant.parse(at).toEpochMilli();
        } catch (final DateTimeParseException ex) {
            throw wrongUsage("dragon replay: '--at " + at
                    + "' is neither a position nor a time, expected a number or a time as 2026-11-22T10:15:00Z");
        }
    }

    private long taskId() {
        try {
            final long id = Long.parseUnsignedLong(task);
            if (id != 0) {
                return id;
            }
        } catch (final NumberFormatException ex) {
            // said below
        }
        throw wrongUsage("dragon replay: '--task " + task + "' is not a task id, expected a positive number");
    }

    /** A copy that Ctrl-C in the midst of a replay does not leave behind either. */
    private static final class DeletedAtExit implements AutoCloseable {
        private final MasterCopy copy;
        private final Thread hook;

        private DeletedAtExit(final MasterCopy copy) {
            this.copy = copy;
            hook = new Thread(copy::close);
            Runtime.getRuntime().addShutdownHook(hook);
        }

        @Override
        public void close() {
            copy.close();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (final IllegalStateException ex) {
                // It runs already.
            }
        }
    }
}
