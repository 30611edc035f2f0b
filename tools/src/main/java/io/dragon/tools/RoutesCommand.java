package io.dragon.tools;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.NetworkTopology;
import io.dragon.engine.config.DragonConfig;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code dragon routes}. */
@Command(
        name = "routes",
        description =
                "Shows the links between the nodes as they are measured, and by which way the frames of each come to each.",
        footer = {
            "",
            "A line tells what NODE measures of its direct way to the node in FRAMES OF, and how the frames of that one come to it.",
            "The masters choose ways by themselves and keep one until another is better by a quarter; --optimize does not keep any.",
            "Exit code 3: there is a pair of nodes without any way."
        })
final class RoutesCommand extends DragonCommand {
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

    @Option(names = "--optimize", description = "compute every way anew from what was measured, and say what changed")
    boolean isOptimizing;

    @Override
    protected int run() {
        final DragonConfig config = options.load();
        try (ClusterAccess access = ClusterAccess.connect(config, timeout)) {
            final ClusterStatus before = access.client().status();
            final NetworkTopology made = isOptimizing ? access.client().optimizeNetworkTopology() : null;
            final ClusterStatus status = made == null ? before : access.client().status();
            final RoutesReport report = new RoutesReport(status);
            final ObjectNode all = report.json();
            if (!json.isStandardOutput()) {
                report.print(out);
            }
            if (made != null) {
                final RoutesReport.Change change = report.since(before);
                if (!json.isStandardOutput()) {
                    change.print(out, made);
                }
                change.into(all.putObject("optimized"), made);
            }
            json.write(out, all);
            return report.unreachable() > 0 ? ExitCode.DEGRADED : ExitCode.OK;
        }
    }
}
