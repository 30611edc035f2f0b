package io.dragon.tools;

import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon snapshot}. */
@Command(
        name = "snapshot",
        description = "Has the masters write a snapshot of what they remember, and waits until the leader has it.",
        footer = {"", "Exit code 1 when the leader refuses, 4 when there is no snapshot in time."})
final class SnapshotCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    JsonOutput json;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "how long to wait for a master, and for the snapshot (default: 30s)")
    Duration timeout;

    @Override
    protected int run() {
        try (ClusterAccess access = ClusterAccess.connect(options.load(), timeout)) {
            final long position = access.client().takeSnapshot(timeout);
            if (!json.isStandardOutput()) {
                out.println("snapshot taken at position " + position + " of the log");
            }
            json.write(out, JsonOutput.object().put("position", position));
            return ExitCode.OK;
        }
    }
}
