package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon status}. */
@Command(name = "status", description = "Shows masters, nodes, workers, cameras and statistics.")
final class StatusCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    JsonOutput json;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "how long to wait for a master (default: 5s)")
    Duration timeout;

    @Override
    protected int run() {
        final DragonConfig config = options.load();
        try (ClusterAccess access = ClusterAccess.connect(config, timeout)) {
            final StatusReport report = new StatusReport(access.client().status(), MasterCounters.of(config));
            if (!json.isStandardOutput()) {
                report.print(out);
            }
            json.write(out, report.json());
            return ExitCode.OK;
        }
    }
}
