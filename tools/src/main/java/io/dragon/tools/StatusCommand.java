package io.dragon.tools;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Incident;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code dragon status}. */
@Command(
        name = "status",
        description =
                "Shows masters, nodes, workers, cameras, queues and statistics, or the faults that were detected.",
        footer = {
            "",
            "With --incidents each line says when something went wrong (or right again), what, by which rule it was seen, how long after, "
                    + "how many tasks or cameras were given to others, how many tasks were tried again, and how often the same came."
        })
final class StatusCommand extends DragonCommand {
    private static final long FOLLOW_MS = 500;

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

    @Option(names = "--incidents", description = "show the faults that were detected, one line each")
    boolean isIncidents;

    @Option(names = "--details", description = "with --incidents: a second line that says more")
    boolean hasDetails;

    @Option(names = "--follow", description = "with --incidents: wait for more until Ctrl-C")
    boolean isFollowing;

    @Override
    protected int run() throws InterruptedException {
        if ((hasDetails || isFollowing) && !isIncidents) {
            throw wrongUsage((hasDetails ? "--details" : "--follow") + " belongs to --incidents: add that too");
        }
        if (isFollowing && json.isWanted()) {
            throw wrongUsage("--follow never ends, so it writes no JSON: leave out one of them");
        }
        final DragonConfig config = options.load();
        try (ClusterAccess access = ClusterAccess.connect(config, timeout)) {
            if (isIncidents) {
                return incidents(access, config);
            }
            final ClusterStatus status = Looks.at(access.client());
            final List<MasterRow> masters = MasterRow.of(status, config);
            if (!json.isStandardOutput()) {
                new StatusReport(status, masters).print(out);
            }
            json.write(out, StatusJson.of(status, masters));
            return ExitCode.OK;
        }
    }

    private int incidents(final ClusterAccess access, final DragonConfig config) throws InterruptedException {
        final IncidentReport report = new IncidentReport(out, ZoneId.systemDefault(), hasDetails);
        final List<Incident> incidents = access.client().incidents(0);
        if (!json.isStandardOutput()) {
            if (incidents.isEmpty() && !isFollowing) {
                out.println("no incidents");
            } else {
                report.printHeader();
                report.print(incidents);
            }
        }
        if (json.isWanted()) {
            final ClusterStatus status = access.client().status();
            final ObjectNode all = StatusJson.of(status, MasterRow.of(status, config));
            all.set("incidents", StatusJson.incidents(incidents));
            json.write(out, all);
        }
        if (isFollowing) {
            follow(
                    access,
                    report,
                    incidents.isEmpty()
                            ? 0
                            : incidents.get(incidents.size() - 1).number());
        }
        return ExitCode.OK;
    }

    private void follow(final ClusterAccess access, final IncidentReport report, final long shown)
            throws InterruptedException {
        final StopSignal stop = StopSignal.install();
        long last = shown;
        boolean isAway = false;
        while (!stop.await(FOLLOW_MS, TimeUnit.MILLISECONDS)) {
            try {
                final List<Incident> more = access.client().incidents(last);
                report.print(more);
                last = more.isEmpty() ? last : more.get(more.size() - 1).number();
                isAway = false;
            } catch (final DragonException ex) {
                if (!isAway) {
                    err.println(ex.getMessage() + "; waiting");
                }
                isAway = true;
            }
            out.flush();
        }
    }
}
