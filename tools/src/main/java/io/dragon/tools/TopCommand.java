package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon top}. */
@Command(
        name = "top",
        description = "Shows what a cluster does, again and again: tasks, workers, nodes and cameras with their rates.",
        footer = {
            "",
            "On a terminal q and Ctrl-C end it; elsewhere it prints a block each interval. When the masters are lost it says so and goes on trying.",
            "",
            "BUSY is about: tasks a second times their mean time. The latency is about, too: the tasks there are over those that end a second.",
            "",
            "With --json the file is written anew each interval; to standard output goes one object after the other."
        })
final class TopCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    JsonOutput json;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "1s",
            description = "from one look to the next (default: 1s)")
    Duration interval;

    @Option(names = "--once", description = "show what happens in one interval, once")
    boolean isOnce;

    @Option(
            names = "--sort",
            paramLabel = "KEY",
            defaultValue = "busy",
            description = "order of workers: busy, name, tasks, failed, load, memory or temperature (default: busy)")
    TopView.Sort sort;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "how long to wait for a master at the start (default: 5s)")
    Duration timeout;

    @Override
    protected int run() throws InterruptedException {
        final long intervalNs = LiveView.nanos("--interval", interval);
        final DragonConfig config = options.load();
        try (ClusterAccess access = ClusterAccess.connect(config, timeout)) {
            return isOnce ? once(access, config, intervalNs) : live(access, config, intervalNs);
        }
    }

    private int once(final ClusterAccess access, final DragonConfig config, final long intervalNs)
            throws InterruptedException {
        final StopSignal stop = StopSignal.install();
        final TopLook before = TopLook.at(access.client(), config);
        if (stop.await(intervalNs, TimeUnit.NANOSECONDS)) {
            return ExitCode.FAILED;
        }
        final TopLook now = TopLook.at(access.client(), config);
        if (!json.isStandardOutput()) {
            lines(before, now, "", "", LiveView.PLAIN_COLUMNS, 0).forEach(out::println);
        }
        json.write(out, TopJson.of(before, now, ""));
        return ExitCode.OK;
    }

    private int live(final ClusterAccess access, final DragonConfig config, final long intervalNs)
            throws InterruptedException {
        final StopSignal stop = StopSignal.install();
        final String how = String.format(Locale.ROOT, ", every %s, q ends it", StatusReport.span(interval.toMillis()));
        try (TopPoller poller = TopPoller.start(access.client(), config, intervalNs);
                LiveView view = LiveView.open(out, stop, !json.isStandardOutput())) {
            TopPoller.Seen last = null;
            boolean wasFine = true;
            boolean isGoing = true;
            while (isGoing) {
                final TopPoller.Seen seen = poller.seen();
                final String trouble = poller.trouble(seen);
                final boolean isChanged = seen != last || wasFine && !trouble.isEmpty();
                final boolean isNew = isChanged && (seen.before() != null || !trouble.isEmpty());
                if (view.isOnScreen() || isNew) {
                    view.show((columns, rows) ->
                            lines(seen.before(), seen.now(), view.isOnScreen() ? how : "", trouble, columns, rows));
                }
                if (isNew) {
                    json.renew(out, TopJson.of(seen.before(), seen.now(), trouble));
                }
                last = seen;
                wasFine = trouble.isEmpty();
                isGoing = view.await(intervalNs, () -> poller.seen() != seen);
            }
        }
        return ExitCode.OK;
    }

    private List<String> lines(
            final TopLook before,
            final TopLook now,
            final String how,
            final String trouble,
            final int columns,
            final int rows) {
        final String title = "dragon top  " + Tables.time(System.currentTimeMillis(), ZoneId.systemDefault()) + how;
        return new TopView(before, now, title, trouble, sort).lines(columns, rows);
    }
}
