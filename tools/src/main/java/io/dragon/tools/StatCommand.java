package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon stat}. */
@Command(
        name = "stat",
        description = "Shows the counters, errors, frame pools and processes of this host, without asking any of them.",
        footer = {
            "",
            "It reads what they have written into memory: the media drivers of this host, with what masters, workers, cameras and clients "
                    + "count there, and every frame pool. So it works while nothing else does, and shows what killed processes have left.",
            "",
            "Exit code 1 when no media driver lives on this host."
        })
final class StatCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    JsonOutput json;

    @Option(
            names = "--watch",
            arity = "0..1",
            fallbackValue = "1s",
            paramLabel = "INTERVAL",
            description = "look again and again, with rates, until q or Ctrl-C (default: every 1s)")
    Duration watch;

    @Option(
            names = "--filter",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "only what has TEXT in it: a name, a channel, a unit; capitals do not matter")
    String filter;

    @Override
    protected int run() throws InterruptedException {
        final DragonConfig config = options.load();
        if (watch != null) {
            return watch(config, LiveView.nanos("--watch", watch));
        }
        final HostLook look = HostLook.at(config);
        if (!json.isStandardOutput()) {
            new StatReport(null, null, look, filter, ZoneId.systemDefault())
                    .lines()
                    .forEach(out::println);
        }
        json.write(out, StatJson.of(look));
        return code(config, look);
    }

    private int watch(final DragonConfig config, final long intervalNs) throws InterruptedException {
        final StopSignal stop = StopSignal.install();
        HostLook first = null;
        HostLook look = null;
        try (LiveView view = LiveView.open(out, stop, !json.isStandardOutput())) {
            do {
                final HostLook before = look;
                final HostLook now = HostLook.at(config);
                final String trouble = trouble(config, now);
                first = first == null ? now : first;
                final HostLook moving = view.isOnScreen() ? first : null;
                view.show((columns, rows) -> picture(moving, before, now, trouble));
                json.renew(out, StatJson.of(now));
                look = now;
            } while (view.await(intervalNs, () -> false));
        }
        return code(config, look);
    }

    private List<String> picture(
            final HostLook first, final HostLook before, final HostLook now, final String trouble) {
        final List<String> lines = new ArrayList<>();
        lines.add(Tables.time(now.millis(), ZoneId.systemDefault()) + "  " + now.folder());
        if (!trouble.isEmpty()) {
            lines.add(trouble);
        }
        lines.add("");
        lines.addAll(new StatReport(first, before, now, filter, ZoneId.systemDefault()).lines());
        return lines;
    }

    private static String trouble(final DragonConfig config, final HostLook look) {
        return StatReport.trouble(look, ClusterAccess.aeronDirectory(config));
    }

    private int code(final DragonConfig config, final HostLook look) {
        final String trouble = trouble(config, look);
        if (trouble.isEmpty()) {
            return ExitCode.OK;
        }
        say(trouble);
        return ExitCode.FAILED;
    }
}
