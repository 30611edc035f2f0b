package io.dragon.tools;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.config.DragonConfig;
import io.dragon.tools.chaos.Chaos;
import io.dragon.tools.chaos.ChaosReport;
import io.dragon.tools.chaos.ChaosSettings;
import io.dragon.tools.chaos.Enclosure;
import io.dragon.tools.chaos.HostChaos;
import io.dragon.tools.chaos.HostFigures;
import io.dragon.tools.chaos.SystemAccess;
import io.dragon.tools.process.DeadSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon chaos}. */
@Command(
        name = "chaos",
        description =
                "Starts a cluster of real processes of its own, lets faults befall it one after another while it works,"
                        + " and accounts for every task and frame.",
        footer = {
            "",
            "Each line: from the fault until the system shows it, until a command is sequenced, until work flows again that needed what was struck, until that"
                    + " part works again itself; the longest time without a result; tasks moved and retried; work lost,"
                    + " duplicated, failed.",
            "Exit code 0: nothing was lost, duplicated or failed, and everything works again after each fault.",
            "Exit code 3: one of these does not hold, or what a fault between hosts had to leave in the counters is not there.",
            "Exit code 4: all of it holds, but after a fault between hosts something came later than its mark.",
            "Exit code 1: it could not run."
        })
final class ChaosCommand extends DragonCommand {
    @Option(names = "--short", description = "what fits into about three minutes")
    boolean shortForm;

    @Option(
            names = "--only",
            paramLabel = "KIND",
            split = ",",
            description = "only these faults, by name or its beginning: worker-kill, leader, disk; --list shows them")
    List<String> only = new ArrayList<>();

    @Option(names = "--list", description = "show the names of the faults and exit")
    boolean list;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            description = "each fault so often, with p50 and max at the end (default: ${DEFAULT-VALUE})")
    int repeat = 1;

    @Option(
            names = "--hours",
            paramLabel = "N",
            description = "faults drawn at random for so long, with the availability each minute and at the end")
    Double hours;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description =
                    "how long --only calm lets the load run without a fault; an election in it is exit code 3 (default: ${DEFAULT-VALUE})")
    double minutes = 10;

    @Option(names = "--seed", paramLabel = "N", description = "of what is drawn at random (default: the time)")
    Long seed;

    @Option(
            names = "--hosts",
            paramLabel = "N",
            description =
                    "2 to 7 hosts of the run's own, as namespaces of the kernel: what happens between hosts instead of on one")
    int hosts;

    @Option(
            names = "--networks",
            paramLabel = "N",
            description =
                    "networks of each host, 1 or 2; with 2, one of them is lost at a time (default: ${DEFAULT-VALUE})")
    int networks = 1;

    @Option(
            names = "--masters",
            paramLabel = "N",
            description = "1, 3 or 5 masters (default: 3; with --hosts: 1, on the last host)")
    Integer masters;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "1 to 16 workers (default: 3; with --hosts: 1, on each host but the first)")
    Integer workers;

    @Option(
            names = "--publishers",
            paramLabel = "N",
            description = "processes of two cameras each, 0 to 8 (default: ${DEFAULT-VALUE})")
    int publishers = 2;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "tasks that the client submits a second (default: ${DEFAULT-VALUE})")
    int rate = 40;

    @Option(
            names = "--hold",
            paramLabel = "MS",
            description = "milliseconds that a task holds its worker (default: ${DEFAULT-VALUE})")
    int hold = 30;

    @Option(
            names = "--fps",
            paramLabel = "N",
            description = "frames a second of each camera (default: ${DEFAULT-VALUE})")
    int fps = 5;

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            description = "timing of the masters, ci or ha (default: ${DEFAULT-VALUE})")
    String profile = "ci";

    @Option(
            names = "--slack",
            paramLabel = "N",
            description =
                    "with --hosts, how many times its mark an answer may take (default: 1; 2 on fewer than four cores)")
    Integer slack;

    @Option(names = "--keep-logs", description = "leave the logs of the processes when all went well, too")
    boolean keepLogs;

    @Mixin
    JsonOutput json;

    @Override
    protected int run() {
        if (list) {
            labels().forEach(out::println);
            return ExitCode.OK;
        }
        final ChaosSettings settings = settings();
        final StopSignal stop = StopSignal.install();
        DeadSystems.sweep();
        if (hosts > 0) {
            return runOnHosts(settings, stop);
        }
        if (!Enclosure.isInside() && Chaos.wantsEnclosure(settings)) {
            final int code = Enclosure.run(
                    spec.root().commandLine().getParseResult().originalArgs(), inside -> stop.onStop(inside::destroy));
            if (code >= 0) {
                return code;
            }
        }
        if (hours != null) {
            say("The seed is " + settings.seed() + '.');
        }
        return tell(Chaos.run(settings, new Access(stop)));
    }

    /** Started again inside, where the hosts are. */
    private int runOnHosts(final ChaosSettings settings, final StopSignal stop) {
        if (Enclosure.isOnHosts()) {
            return wantsFigures() ? figures(settings, stop) : tell(HostChaos.run(settings, new Access(stop)));
        }
        final int stranger = 1;
        final int code = Enclosure.runOnHosts(
                hosts + stranger,
                networks,
                spec.root().commandLine().getParseResult().originalArgs(),
                inside -> stop.onStop(inside::destroy));
        if (code < 0) {
            say("Nothing was run.");
            return ExitCode.OK;
        }
        return code;
    }

    private boolean wantsFigures() {
        return only.equals(List.of(HostFigures.LABEL));
    }

    private int figures(final ChaosSettings settings, final StopSignal stop) {
        final Map<String, Object> report = HostFigures.run(settings, new Access(stop));
        json.write(out, report);
        return Boolean.TRUE.equals(report.get("good")) ? ExitCode.OK : ExitCode.DEGRADED;
    }

    private List<String> labels() {
        final List<String> labels = new ArrayList<>(hosts > 0 ? HostChaos.labels(networks) : Chaos.labels());
        if (hosts == 2) {
            labels.add(HostFigures.LABEL);
        }
        return labels;
    }

    private int tell(final ChaosReport report) {
        if (json.isStandardOutput()) {
            err.print(report.text());
        } else {
            out.print(report.text());
        }
        json.write(out, report.json());
        return !report.isGood() ? ExitCode.DEGRADED : report.isInTime() ? ExitCode.OK : ExitCode.TIMED_OUT;
    }

    private ChaosSettings settings() {
        check(repeat >= 1 && repeat <= 10_000, "--repeat is " + repeat + ", expected 1 to 10000.");
        check(hours == null || hours > 0 && hours <= 1_000, "--hours is " + hours + ", expected more than 0 to 1000.");
        check(minutes > 0 && minutes <= 1_440, "--minutes is " + minutes + ", expected more than 0 to 1440.");
        check(hosts == 0 || hosts >= 2 && hosts <= 7, "--hosts is " + hosts + ", expected 2 to 7.");
        check(
                networks == 1 || networks == 2 && hosts > 2,
                "--networks is " + networks + ", expected 1, or 2 with --hosts.");
        final int ownMasters = masters != null ? masters : hosts > 0 ? 1 : 3;
        final int ownWorkers = workers != null ? workers : hosts > 0 ? 1 : 3;
        check(hosts != 2 || wantsFigures(), "--hosts 2 is for --only figures; what happens between hosts needs 3.");
        final int fewest = hosts > 0 ? 1 : 2;
        check(
                ownMasters == 1 || ownMasters == 3 || ownMasters == 5,
                "--masters is " + ownMasters + ", expected 1, 3 or 5.");
        check(
                ownWorkers >= fewest && ownWorkers <= 16,
                "--workers is " + ownWorkers + ", expected " + fewest + " to 16.");
        check(publishers >= 0 && publishers <= 8, "--publishers is " + publishers + ", expected 0 to 8.");
        check(rate >= 1 && rate <= 100_000, "--rate is " + rate + ", expected 1 to 100000.");
        check(hold >= 0 && hold <= 10_000, "--hold is " + hold + ", expected 0 to 10000.");
        check(fps >= 1 && fps <= 100, "--fps is " + fps + ", expected 1 to 100.");
        check(slack == null || slack >= 1 && slack <= 100, "--slack is " + slack + ", expected 1 to 100.");
        check(profile.equals("ci") || profile.equals("ha"), "--profile is '" + profile + "', expected ci or ha.");
        for (final String each : only) {
            check(
                    labels().stream().anyMatch(label -> label.startsWith(each)),
                    "--only: there is no fault '" + each + "'; 'dragon chaos --list' shows them.");
        }
        return new ChaosSettings(
                shortForm,
                List.copyOf(only),
                repeat,
                hours == null ? 0 : Math.max(1, Math.round(hours * 3_600)),
                (int) Math.max(1, Math.round(minutes * 60)),
                seed == null ? System.currentTimeMillis() : seed,
                hosts,
                ownMasters,
                ownWorkers,
                publishers,
                rate,
                hold,
                fps,
                profile,
                keepLogs,
                slack == null ? HostChaos.usualSlack() : slack);
    }

    private void check(final boolean holds, final String sentence) {
        if (!holds) {
            throw wrongUsage("dragon chaos: " + sentence);
        }
    }

    /** What the run needs of the other commands. */
    private final class Access implements SystemAccess {
        private final StopSignal stop;
        private DragonConfig loaded;

        Access(final StopSignal stop) {
            this.stop = stop;
        }

        @Override
        public ClientContext client(final Path config) {
            return ClusterAccess.context(load(config));
        }

        @Override
        public List<Master> masters(final Path config) {
            return MasterCounters.of(load(config)).stream()
                    .map(each -> new Master(each.id(), each.role(), each.election()))
                    .toList();
        }

        @Override
        public boolean isStopRequested() {
            return stop.isRequested();
        }

        @Override
        public void say(final String line) {
            (json.isStandardOutput() ? err : out).println(line);
        }

        private DragonConfig load(final Path config) {
            if (loaded == null) {
                loaded = DragonConfig.loader()
                        .environment(Map.of()) // the user's own system is another one
                        .file(config)
                        .load();
            }
            return loaded;
        }
    }
}
