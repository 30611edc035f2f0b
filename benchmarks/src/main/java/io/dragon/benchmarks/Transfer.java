package io.dragon.benchmarks;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.dragon.benchmarks.harness.Scratch;
import io.dragon.benchmarks.harness.Spread;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.transfer.Compression;
import io.dragon.engine.transfer.DatagramBatches;
import io.dragon.engine.transfer.TransportKind;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Frames from one host to another over loopback, each transport beside what the bare machinery does: a chunk pump over Aeron,
 * with and without checksums, and a copy loop over sockets. All take turns in one virtual machine; what is told are ratios within a
 * round. The agents do more than the pumps: requests, leases, slots, checksums.
 */
@Command(
        name = "transfer",
        mixinStandardHelpOptions = true,
        description =
                "Measures how fast frames travel, beside bare pumps: the ratio counts (1: as fast as the baseline).",
        sortOptions = false)
public final class Transfer implements Runnable {
    private static final int MEGABYTE = 1_000_000;
    private static final int CHUNK = 65_536;
    private static final int FIRST_PORT = 19_877;

    static final String BARE = "aeron";
    static final String SUMMED = "aeron + crc32c";
    static final String SOCKETS = "sockets";

    @Option(names = "--rounds", paramLabel = "N", description = "rounds (default 7); two more before them warm up")
    private int rounds = 7;

    @Option(names = "--megabytes", paramLabel = "MB", description = "a frame has (default 100)")
    private int megabytes = 100;

    @Option(names = "--frames", paramLabel = "N", description = "frames of each side in a round (default 4)")
    private int frames = 4;

    @Option(
            names = "--sizes",
            split = ",",
            paramLabel = "MB",
            description = "sizes for the cost per byte (default 1,4,16,64,100,400); 0: none")
    private List<Integer> sizes = List.of(1, 4, 16, 64, 100, 400);

    @Option(names = "--mtu", paramLabel = "BYTES", description = "of Aeron (default 8192)")
    private int mtu = 8_192;

    @Option(names = "--window", paramLabel = "BYTES", description = "on its way at most (default 2 MiB)")
    private int window = 2 << 20;

    @Option(names = "--transports", split = ",", description = "${COMPLETION-CANDIDATES} (default: all of them)")
    private List<TransportKind> transports = List.of(TransportKind.values());

    @Option(names = "--auto", description = "also with compression: auto, of noise, beside without")
    private boolean auto;

    private PrintStream out = System.out;

    Transfer() {}

    /**
     * The command.
     *
     * @param args as {@code --help} says
     */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new Transfer())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .execute(args));
    }

    /** As the command, to somewhere else. */
    static int run(final PrintStream out, final String... args) {
        final Transfer transfer = new Transfer();
        transfer.out = out;
        return new CommandLine(transfer)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args);
    }

    /** As a suite runs it: frames of so many megabytes, no cost per byte. */
    static Transfer of(final int rounds, final int megabytes, final int frames) {
        final Transfer transfer = new Transfer();
        transfer.rounds = rounds;
        transfer.megabytes = megabytes;
        transfer.frames = frames;
        transfer.sizes = List.of(0);
        transfer.out = new PrintStream(OutputStream.nullOutputStream());
        return transfer;
    }

    /** What every pump gave, by its name: GB/s, round by round. */
    Map<String, double[]> compare() throws IOException {
        try (Scratch scratch = Scratch.make()) {
            final Map<String, double[]> rates = new LinkedHashMap<>();
            for (final Side side : measure(scratch.path())) {
                rates.put(side.pump.name(), side.rate);
            }
            return rates;
        }
    }

    /** The same for every thread that moves frames, and for the driver's. */
    private static IdleStrategy idle() {
        return new BackoffIdleStrategy(10, 10, 1_000, 100_000);
    }

    @Override
    public void run() {
        out.printf(
                Locale.ROOT,
                "Java %s, %d cores, load %.1f; %d rounds of %d frames of %d MB, MTU %,d, window %,d%n",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                rounds,
                frames,
                megabytes,
                mtu,
                window);
        try {
            compare();
        } catch (final IOException e) {
            throw new IllegalStateException("cannot measure: " + e.getMessage(), e);
        }
    }

    private List<Side> measure(final Path directory) throws IOException {
        final int length = MEGABYTE * megabytes;
        try (MediaDriver driver = MediaDriver.launch(driver(directory.resolve("aeron")));
                Aeron aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName()));
                MediaDriver ownDriver = MediaDriver.launch(DatagramBatches.apply(driver(directory.resolve("own"))));
                Aeron own = Aeron.connect(new Aeron.Context().aeronDirectoryName(ownDriver.aeronDirectoryName()));
                PumpMemory memory = new PumpMemory(
                        DragonDirectory.of(directory.resolve("bare")).create(), length)) {
            final List<Side> sides = new ArrayList<>();
            if (transports.contains(TransportKind.UDP)) {
                sides.add(side(new AeronPump(aeron, channel(FIRST_PORT), memory, false, idle(), idle())));
                sides.add(side(new AeronPump(aeron, channel(FIRST_PORT + 1), memory, true, idle(), idle())));
            }
            final List<Side> overAeron = List.copyOf(sides);
            final Side sockets = side(new SocketPump(memory));
            sides.add(sockets);
            int port = FIRST_PORT + 2;
            for (final TransportKind kind : transports) {
                final Side side = side(new AgentPump(
                        kind, Compression.OFF, own, directory, length, mtu, window, port, Transfer::idle));
                side.baselines.addAll(kind == TransportKind.UDP ? overAeron : List.of(sockets));
                sides.add(side);
                port += 2;
                if (auto) {
                    final Side compressing = side(new AgentPump(
                            kind, Compression.AUTO, own, directory, length, mtu, window, port, Transfer::idle));
                    compressing.baselines.add(side);
                    sides.add(compressing);
                    port += 2;
                }
            }
            compare(sides);
            sides.forEach(side -> side.pump.close());
            final int longest =
                    MEGABYTE * sizes.stream().mapToInt(size -> size).max().orElse(0);
            for (final TransportKind kind : longest == 0 ? List.<TransportKind>of() : transports) {
                try (Pump pump = new AgentPump(
                        kind, Compression.OFF, own, directory, longest, mtu, window, port, Transfer::idle)) {
                    scale(pump);
                }
                port += 2;
            }
            return sides;
        }
    }

    /** Aeron's as it comes for what is Aeron's, and with our endpoints for what is ours; all else is the same. */
    private static MediaDriver.Context driver(final Path directory) {
        return new MediaDriver.Context()
                .aeronDirectoryName(directory.toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(idle())
                .termBufferSparseFile(false);
    }

    private String channel(final int port) {
        return "aeron:udp?endpoint=127.0.0.1:" + port + "|mtu=" + mtu + "|term-length=16m|so-sndbuf=" + window
                + "|so-rcvbuf=" + window + "|rcv-wnd=" + window;
    }

    /** A pump, what it is measured beside, and what came of it, round by round. */
    private static final class Side {
        final Pump pump;
        final List<Side> baselines = new ArrayList<>();
        final double[] rate;
        final double[] sending;
        final double[] receiving;
        double bytesPerChunk;

        Side(final Pump pump, final int rounds) {
            this.pump = pump;
            rate = new double[rounds];
            sending = new double[rounds];
            receiving = new double[rounds];
        }
    }

    private Side side(final Pump pump) {
        return new Side(pump, rounds);
    }

    private void compare(final List<Side> sides) {
        final double moved = (double) megabytes * MEGABYTE * frames;
        // The first two rounds only warm up.
        for (int round = -2; round < rounds; round++) {
            for (int i = 0; i < sides.size(); i++) {
                // Who is first changes.
                final Side side = sides.get((i + round + 2) % sides.size());
                final long ns = side.pump.run(megabytes * MEGABYTE, frames);
                if (round >= 0) {
                    side.rate[round] = moved / ns;
                    side.sending[round] = side.pump.sendingNs() / moved;
                    side.receiving[round] = side.pump.receivingNs() / moved;
                    side.bytesPerChunk = side.pump.allocated() / (moved / CHUNK);
                }
            }
        }
        for (final Side side : sides) {
            out.printf(
                    Locale.ROOT,
                    "  %-16s GB/s %s   processor ns/B sending %s receiving %s   B a chunk %.1f%n",
                    side.pump.name(),
                    Spread.of(side.rate),
                    Spread.of(side.sending),
                    Spread.of(side.receiving),
                    side.bytesPerChunk);
        }
        for (final Side side : sides) {
            for (final Side baseline : side.baselines) {
                final String names = side.pump.name() + " / " + baseline.pump.name();
                out.printf("  %s  %s%n", names, Spread.ofRatios(side.rate, baseline.rate));
                // Over Aeron most of it is the driver's, and waiting.
                if (baseline.pump instanceof SocketPump) {
                    out.printf(
                            "  %s  %s in processor time of the busier end%n",
                            names,
                            Spread.ofRatios(
                                    busier(baseline.sending, baseline.receiving),
                                    busier(side.sending, side.receiving)));
                }
            }
        }
        out.flush();
    }

    private static double[] busier(final double[] one, final double[] other) {
        final double[] busier = new double[one.length];
        for (int i = 0; i < busier.length; i++) {
            busier[i] = Math.max(one[i], other[i]);
        }
        return busier;
    }

    /** What a byte costs in frames of several sizes, and what is allocated for them; the sizes take turns. */
    private void scale(final Pump pump) {
        final double[][] ns = new double[sizes.size()][rounds];
        final double[] allocated = new double[sizes.size()];
        Arrays.fill(allocated, Double.MAX_VALUE);
        for (int round = -1; round < rounds; round++) {
            for (int i = 0; i < ns.length; i++) {
                final int length = sizes.get(i) * MEGABYTE;
                final int count = Math.max(2, Math.min(100, frames * megabytes / sizes.get(i)));
                final double each = (double) pump.run(length, count) / count / length;
                if (round >= 0) {
                    ns[i][round] = each;
                    allocated[i] = Math.min(allocated[i], (double) pump.allocated() / count);
                }
            }
        }
        for (int i = 0; i < ns.length; i++) {
            out.printf(
                    Locale.ROOT,
                    "  %s, %d MB: ns a byte %s   B a frame %.0f (the least)%n",
                    pump.name(),
                    sizes.get(i),
                    Spread.of(ns[i]),
                    allocated[i]);
        }
        out.flush();
    }
}
