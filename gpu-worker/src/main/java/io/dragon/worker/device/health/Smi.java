package io.dragon.worker.device.health;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;

/**
 * The instruments of a GPU by {@code nvidia-smi}, where NVML cannot be called: one run a second, ended when it takes too long, after which
 * nothing is known, and no fault is found in that. It tells no errors of the
 * driver (XID). What it does not know it writes as {@code [N/A]} and the like, which is unknown here; a line that is not what was asked for is
 * no sample at all.
 */
final class Smi implements GpuTelemetry {
    /** Called clocks_event_reasons since driver 535, and clocks_throttle_reasons before. */
    private static final String[] THROTTLE_NAMES = {"clocks_event_reasons.active", "clocks_throttle_reasons.active"};

    private static final String[] FIELDS = {
        "temperature.gpu",
        "utilization.gpu",
        "memory.total",
        "memory.used",
        "power.draw",
        "power.limit",
        "ecc.errors.corrected.volatile.total",
        "ecc.errors.uncorrected.volatile.total",
        "retired_pages.pending"
    };

    private static final long PERIOD_NS = 1_000_000_000L;
    private static final long LIMIT_MS = 5_000;

    private static final int MOST_BYTES = 4_096;

    /** As of nvidia-smi(1), "Return value": those of NVML. */
    private static final int INVALID_ARGUMENT = 2;

    private static final int LOST = 15;
    private static final int NOT_FOUND = 6;
    private static final long MIB = 1L << 20;

    private final List<String> program;
    private final String id;
    private final long limitMs;
    private final NanoClock clock;
    private int throttleName;
    private long sampledNs;
    private GpuSample last;

    /** One that could not be ended: there must not be more and more of them. */
    private Process stuck;

    /** Of the GPU with this UUID, or this number in the order of PCI addresses. */
    Smi(final String id) {
        this(List.of("nvidia-smi"), id, LIMIT_MS, System::nanoTime);
    }

    Smi(final List<String> program, final String id, final long limitMs, final NanoClock clock) {
        this.program = program;
        this.id = id;
        this.limitMs = limitMs;
        this.clock = clock;
    }

    @Override
    public String words() {
        return "nvidia-smi; errors of the driver (XID) are not told";
    }

    @Override
    public GpuSample sample() {
        final long nowNs = clock.nanoTime();
        if (last == null || nowNs - sampledNs >= PERIOD_NS) {
            last = read();
            sampledNs = nowNs;
        }
        return last;
    }

    /** It is a program that has to be started, which takes seconds on a loaded host: that it is slow says nothing of the GPU. */
    @Override
    public long patienceNs() {
        return Long.MAX_VALUE;
    }

    private GpuSample read() {
        while (true) {
            final Answer answer = run();
            final boolean isFieldUnknown =
                    answer.code == INVALID_ARGUMENT && answer.text.contains("not a valid field") && throttleName < 2;
            if (!isFieldUnknown) {
                return parse(answer);
            }
            throttleName++;
        }
    }

    private record Answer(int code, String text) {}

    private Answer run() {
        final List<String> fields = new ArrayList<>(List.of(FIELDS));
        if (throttleName < THROTTLE_NAMES.length) {
            fields.add(THROTTLE_NAMES[throttleName]);
        }
        final List<String> command = new ArrayList<>(program);
        command.add("--id=" + id);
        command.add("--query-gpu=" + String.join(",", fields));
        command.add("--format=csv,noheader,nounits");
        if (stuck != null && stuck.isAlive()) {
            return new Answer(-1, "nvidia-smi does not answer and cannot be ended");
        }
        stuck = null;
        final Process process;
        try {
            final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("LC_ALL", "C");
            process = builder.start();
            process.getOutputStream().close();
        } catch (final IOException ex) {
            return new Answer(-1, "there is no nvidia-smi");
        }
        try {
            // What it writes fits into the pipe, so it can be read when it has ended.
            if (!process.waitFor(limitMs, TimeUnit.MILLISECONDS)) {
                return new Answer(-1, "nvidia-smi has not answered within " + limitMs + " ms");
            }
            try (InputStream out = process.getInputStream()) {
                return new Answer(
                        process.exitValue(), new String(out.readNBytes(MOST_BYTES), StandardCharsets.US_ASCII));
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return new Answer(-1, "nvidia-smi was interrupted");
        } catch (final IOException ex) {
            return new Answer(-1, "nvidia-smi cannot be read: " + ex.getMessage());
        } finally {
            process.destroyForcibly();
            stuck = process;
        }
    }

    @Override
    public void close() {
        if (stuck != null) {
            stuck.destroyForcibly();
        }
    }

    private GpuSample parse(final Answer answer) {
        final String text = answer.text.strip();
        final String firstLine = text.lines().findFirst().orElse("nothing");
        if (answer.code == LOST || (answer.code != 0 && text.contains("GPU is lost"))) {
            final GpuSample.Reading lost = new GpuSample.Reading();
            lost.access = GpuSample.Access.LOST;
            return lost.sample();
        }
        if (answer.code == -1) {
            return GpuSample.unknown(text);
        }
        if (answer.code != 0) {
            return GpuSample.unknown(
                    (answer.code == NOT_FOUND ? "nvidia-smi does not find the GPU: " : "nvidia-smi says: ")
                            + shortened(firstLine));
        }
        final String[] cells = text.split(",", -1);
        if (cells.length != FIELDS.length + (throttleName < THROTTLE_NAMES.length ? 1 : 0) || text.contains("\n")) {
            return GpuSample.unknown("nvidia-smi answers what was not asked: " + shortened(firstLine));
        }
        try {
            return sample(cells);
        } catch (final NumberFormatException ex) {
            return GpuSample.unknown("nvidia-smi answers what is no number: " + shortened(ex.getMessage()));
        }
    }

    private static String shortened(final String line) {
        return line.length() > 80 ? line.substring(0, 80) : line;
    }

    private GpuSample sample(final String[] cells) {
        final GpuSample.Reading reading = new GpuSample.Reading();
        reading.temperatureCelsius = (int) number(cells[0]);
        reading.utilisationPercent = (int) number(cells[1]);
        reading.memoryBytes = times(number(cells[2]), MIB);
        reading.memoryUsedBytes = times(number(cells[3]), MIB);
        reading.powerMilliwatts = times(number(cells[4]), 1_000);
        reading.powerLimitMilliwatts = times(number(cells[5]), 1_000);
        reading.eccCorrected = (long) number(cells[6]);
        reading.eccUncorrected = (long) number(cells[7]);
        reading.pagesPending = yes(cells[8]);
        if (cells.length > FIELDS.length) {
            final String bits = cells[FIELDS.length].strip().toLowerCase(Locale.ROOT);
            reading.throttleBits =
                    bits.startsWith("0x") ? Long.parseLong(bits.substring(2), 16) : number(bits) < 0 ? -1 : 0;
        }
        final boolean needsReset =
                String.join(",", cells).toLowerCase(Locale.ROOT).contains("requires reset");
        reading.access = needsReset ? GpuSample.Access.NEEDS_RESET : GpuSample.Access.REACHED;
        return reading.sample();
    }

    /** -1 for what stands in brackets or is not available. */
    private static double number(final String cell) {
        final String text = cell.strip();
        if (text.startsWith("[") || text.equals("N/A")) {
            return -1;
        }
        if (!text.matches("[0-9]{1,12}(\\.[0-9]{1,6})?")) {
            throw new NumberFormatException("'" + text + "'");
        }
        return Double.parseDouble(text);
    }

    private static long times(final double number, final long unit) {
        return number < 0 ? -1 : Math.round(number * unit);
    }

    private static int yes(final String cell) {
        final String text = cell.strip();
        return text.equals("Yes") ? 1 : text.equals("No") ? 0 : (int) Math.min(0, number(text));
    }
}
