package io.dragon.tools;

import io.dragon.tools.chaos.Wire;
import io.dragon.tools.chaos.WireRules;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The wire behind which {@code dragon-hosts wire} puts a host: its two ends are the descriptors 0 and 1. */
@Command(
        name = "chaos-wire",
        hidden = true,
        description = "Carries packets between two tap devices, late, out of order, twice or not at all.")
final class ChaosWireCommand extends DragonCommand {
    private static final long LOOK_MS = 100;
    private static final String TIME = "\\d{1,9}(us|ms|s)";

    @Option(names = "--delay")
    String delay = "0ms";

    @Option(names = "--jitter")
    String jitter = "0ms";

    @Option(names = "--reorder")
    double reorder;

    @Option(names = "--duplicate")
    double duplicate;

    @Option(names = "--loss")
    double loss;

    @Option(names = "--seed")
    long seed = 1;

    @Override
    protected int run() throws InterruptedException {
        final StopSignal stop = StopSignal.install();
        // The ends are read and written both; nothing of this process may write text to them.
        final Wire out = wire(FileDescriptor.in, FileDescriptor.out, seed);
        final Wire back = wire(FileDescriptor.out, FileDescriptor.in, seed + 1);
        out.start("from-the-host");
        back.start("to-the-host");
        while (!stop.await(LOOK_MS, TimeUnit.MILLISECONDS) && !out.hasEnded() && !back.hasEnded()) {
            // packets are carried by other threads
        }
        say("from the host: " + out.text());
        say("to the host: " + back.text());
        return stop.isRequested() ? ExitCode.OK : ExitCode.FAILED;
    }

    private Wire wire(final FileDescriptor from, final FileDescriptor to, final long ownSeed) {
        return new Wire(
                new FileInputStream(from),
                new FileOutputStream(to),
                new WireRules(nanos("--delay", delay), nanos("--jitter", jitter), reorder, duplicate, loss, ownSeed));
    }

    private long nanos(final String option, final String text) {
        if (!text.matches(TIME)) {
            throw wrongUsage("dragon chaos-wire: " + option + " is '" + text + "', expected a time such as 20ms.");
        }
        final long value = Long.parseLong(text.replaceAll("\\D", ""));
        return text.endsWith("us")
                ? TimeUnit.MICROSECONDS.toNanos(value)
                : text.endsWith("ms") ? TimeUnit.MILLISECONDS.toNanos(value) : TimeUnit.SECONDS.toNanos(value);
    }
}
