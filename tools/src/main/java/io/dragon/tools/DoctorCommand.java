package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import io.dragon.tools.doctor.Answerer;
import io.dragon.tools.doctor.Doctor;
import io.dragon.tools.doctor.Finding;
import io.dragon.tools.doctor.Host;
import io.dragon.tools.doctor.Needs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon doctor}. */
@Command(
        name = "doctor",
        description =
                "Checks this host before the first start, and says how to mend what is wrong. It changes nothing.",
        footer = {
            "",
            "One line for each thing: ok; note, good to know; warning, Dragon starts, but something will be slow, fragile or"
                    + " missing; fault, Dragon does not start or does not do what the configuration asks for.",
            "Without --config it reads gpu_server.yaml where there is one. docs/doctor.md explains every check.",
            "",
            "Exit codes: 0 all well, 3 warnings, 1 a fault."
        })
final class DoctorCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Option(
            names = "--peer",
            paramLabel = "HOST[:PORT]",
            description =
                    "another host of the system, beside those of discovery.peers and masters.members, with the port of its GPU"
                            + " server: is every port reached, how long does it take; may be repeated. 'dragon doctor"
                            + " --answer' there answers")
    List<String> peers = new ArrayList<>();

    @Option(
            names = "--answer",
            description =
                    "answer the doctors of other hosts on the ports of Dragon, until Ctrl-C; for hosts where Dragon does not"
                            + " run yet")
    boolean answers;

    @Mixin
    JsonOutput json;

    @Override
    protected int run() throws IOException {
        for (final String peer : peers) {
            if (!peer.matches("[A-Za-z0-9_.-]+(:[0-9]{1,5})?")) {
                throw wrongUsage("dragon doctor: '--peer " + peer + "' is no host, expected HOST or HOST:PORT");
            }
        }
        if (answers && (json.isWanted() || !peers.isEmpty())) {
            throw wrongUsage("dragon doctor: '--answer' only answers others: leave out --peer and --json");
        }
        final DragonConfig config = load();
        final Needs needs = Needs.of(config);
        return answers ? answer(needs) : examine(config, needs);
    }

    /** The server's file where nothing else is said: it is what a host needs one for. */
    private DragonConfig load() {
        final String variable = System.getenv("DRAGON_CONF");
        final boolean isSaid = options.file != null || (variable != null && !variable.isEmpty());
        return isSaid
                ? options.load()
                : options.loader().kind(DragonConfig.FileKind.SERVER).load();
    }

    private int examine(final DragonConfig config, final Needs needs) {
        if (!json.isStandardOutput()) {
            config.remarks().forEach(this::say);
        }
        final List<Finding> all = new Doctor(Host.here(), needs, peers, Devices::whyNoGpu).examine(finding -> {
            if (!json.isStandardOutput()) {
                print(finding);
            }
        });
        final long faults = Doctor.count(all, Finding.Level.FAULT);
        final long warnings = Doctor.count(all, Finding.Level.WARNING);
        if (!json.isStandardOutput()) {
            out.println();
            out.println(summary(faults, warnings));
        }
        json.write(out, Doctor.json(all));
        return faults > 0 ? ExitCode.FAILED : warnings > 0 ? ExitCode.DEGRADED : ExitCode.OK;
    }

    private void print(final Finding finding) {
        out.printf(Locale.ROOT, "%-7s  %-13s  %s%n", finding.level().label(), finding.check(), finding.text());
    }

    private static String summary(final long faults, final long warnings) {
        if (faults > 0) {
            return faults + (faults == 1 ? " fault" : " faults") + " to mend before Dragon is started"
                    + (warnings == 0 ? "." : ", and " + words(warnings) + ".");
        }
        return warnings > 0 ? words(warnings) + ": Dragon starts, and could do better." : "All is well.";
    }

    private static String words(final long warnings) {
        return warnings + (warnings == 1 ? " warning" : " warnings");
    }

    private int answer(final Needs needs) throws IOException {
        final StopSignal stop = StopSignal.install();
        try (Answerer answerer = Answerer.open(needs)) {
            answerer.refused().forEach(port -> say(port + " is held by something else (dragon doctor says by what)"));
            if (answerer.taken().isEmpty()) {
                throw new DragonException("Every port of Dragon is taken: there is nothing to answer on.");
            }
            say("answering doctors on " + String.join(", ", answerer.taken()) + " until Ctrl-C");
            say("answered " + answerer.run(stop::isRequested) + " times");
        }
        return ExitCode.OK;
    }
}
