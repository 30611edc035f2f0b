package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.engine.transfer.TransportKind;
import java.util.Map;

/** Frames over loopback from one transfer agent to another, by each transport, beside bare pumps that take turns with them. */
final class TransferSuite implements Suite {
    private static final String NAME = "transfer";
    private static final String UNIT = "GB/s";
    private static final int ROUNDS = 5;
    private static final int MEGABYTES = 100;
    private static final int SMALL_MEGABYTES = 20;
    private static final int FRAMES = 4;

    /** Below it frames are smaller, so that a look does not take minutes. */
    private static final double SHORT_SECONDS = 0.5;

    private static final String SOURCE = "1 to 10 GB/s (pipeline); 1 GB/s over 10 GbE";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "frames of 100 MB over loopback by each transport, beside bare pumps";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        final boolean isShort = run.seconds(1) < SHORT_SECONDS;
        final int megabytes = isShort ? SMALL_MEGABYTES : MEGABYTES;
        final int frames = (int) Math.max(2, FRAMES * run.seconds(1));
        run.say(frames + " frames of " + megabytes + " MB of each side in a round");
        final Map<String, double[]> result =
                Transfer.of(run.rounds(ROUNDS), megabytes, frames).compare();
        add(run, result, megabytes, TransportKind.UDP, Transfer.BARE, "bare Aeron pump");
        add(run, result, megabytes, TransportKind.UDP, Transfer.SUMMED, "bare Aeron pump with CRC32C");
        add(run, result, megabytes, TransportKind.TCP, Transfer.SOCKETS, "plain sockets");
        add(run, result, megabytes, TransportKind.TCP_COPY, Transfer.SOCKETS, "plain sockets");
        run.remark("transfer: ours computes CRC32C of every chunk, as by default; the plain sockets compute nothing");
    }

    private static void add(
            final SuiteRun run,
            final Map<String, double[]> result,
            final int megabytes,
            final TransportKind kind,
            final String pump,
            final String baseline) {
        run.add(Row.ofRounds(
                        NAME,
                        kind.key() + ", frames of " + megabytes + " MB",
                        UNIT,
                        Better.HIGHER,
                        result.get(kind.key()),
                        baseline,
                        result.get(pump))
                .withSource(SOURCE));
    }
}
