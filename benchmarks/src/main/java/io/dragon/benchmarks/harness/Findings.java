package io.dragon.benchmarks.harness;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a run has found, from one process to another: a line of JSON with everything that a report is made of, to the last digit.
 *
 * @param rows    of the report
 * @param remarks that were said
 * @param kept    single values
 * @param failure why it could not be measured; null when it could
 */
public record Findings(List<Row> rows, List<String> remarks, List<Kept> kept, String failure) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * Every value of one side, case and round.
     *
     * @param suite     that has measured it
     * @param side      that was measured
     * @param name      of the case
     * @param round     from 0
     * @param p50       the middle value
     * @param scale     what a value of the histogram is multiplied with
     * @param histogram as HdrHistogram writes it, compressed
     */
    record Kept(String suite, String side, String name, int round, double p50, double scale, byte[] histogram) {
        static Kept of(final SuiteRun.Named named) {
            final Contest.Recording recording = named.recording();
            final Sample sample = recording.sample();
            final ByteBuffer bytes = ByteBuffer.allocate(sample.histogram().getNeededByteBufferCapacity());
            final int length = sample.histogram().encodeIntoCompressedByteBuffer(bytes);
            return new Kept(
                    named.suite(),
                    recording.side(),
                    recording.name(),
                    recording.round(),
                    sample.p50(),
                    sample.scale(),
                    Arrays.copyOf(bytes.array(), length));
        }

        SuiteRun.Named toNamed() {
            try {
                final Histogram values = Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(histogram), 0);
                return new SuiteRun.Named(
                        suite, new Contest.Recording(side, name, round, new Sample(p50, values, scale)));
            } catch (final DataFormatException e) {
                throw new IllegalArgumentException("no histogram of " + side + ", " + name, e);
            }
        }
    }

    /**
     * What a run has found until now.
     *
     * @param run     of one suite or more
     * @param failure why it could not be measured; null when it could
     * @return a copy
     */
    public static Findings of(final SuiteRun run, final String failure) {
        return new Findings(
                List.copyOf(run.rows()),
                List.copyOf(run.remarks()),
                run.recordings().stream().map(Kept::of).toList(),
                failure);
    }

    /**
     * As {@link #toLine} has written it.
     *
     * @param line of JSON
     * @return the findings
     */
    public static Findings of(final String line) {
        return JSON.readValue(line, Findings.class);
    }

    /**
     * All of it in one line.
     *
     * @return JSON
     */
    public String toLine() {
        return JSON.writeValueAsString(this);
    }
}
