package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Contest;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Scratch;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;

/**
 * {@code dragon analyze} of one file in memory, beside {@code b3sum} at as many threads as we have workers, and {@code sha256sum}. All
 * must give the right digest. We compute two values a byte where b3sum computes one, so that twice our rate is compared with its.
 */
public final class HashSuite implements Suite {
    private static final String NAME = "hash";
    private static final String OURS = "dragon analyze";
    private static final String B3SUM = "b3sum";
    private static final String SHA256 = "sha256sum";
    private static final String RATE = "rate";
    private static final String VALUES = "values";
    private static final String WHOLE = "whole";
    private static final double GIGABYTES = 4;
    private static final int VALUES_A_BYTE = 2;
    private static final int ROUNDS = 5;
    private static final double MOST_SECONDS = 600;
    private static final int PIECE = 1 << 22;
    private static final int DIGEST = 64;
    private static final String SOURCE = "18 GB/s with one GPU, 32 with two, 58 with four";

    private String expected;

    /** The suite. */
    public HashSuite() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "dragon analyze of a file in memory, beside b3sum at as many threads, and sha256sum";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        final int threads = Runtime.getRuntime().availableProcessors();
        final long bytes = (long) (run.gigabytes(GIGABYTES) * 1e9);
        try (Scratch scratch = Scratch.make()) {
            final Path data = data(scratch.path(), bytes);
            final Contest contest =
                    new Contest(NAME).side(OURS, round -> analyze(run, scratch.path(), data, bytes, threads));
            final boolean hasB3sum = Tool.isThere(B3SUM);
            if (hasB3sum) {
                contest.side(B3SUM, round -> b3sum(scratch.path(), data, bytes, threads));
            } else {
                run.remark("hash: b3sum is not installed (apt-get install b3sum): nothing to compare with");
            }
            contest.side(SHA256, round -> sha256(scratch.path(), data, bytes));
            contest.run(1, run.rounds(ROUNDS), run::say);
            report(run, contest, hasB3sum, threads);
        }
    }

    private static void report(final SuiteRun run, final Contest contest, final boolean hasB3sum, final int threads) {
        if (hasB3sum) {
            run.add(contest.row(
                            "values computed, BLAKE3, " + threads + " workers",
                            OURS,
                            VALUES,
                            B3SUM,
                            RATE,
                            "b3sum, " + threads + " threads",
                            "values a ns",
                            Better.HIGHER)
                    .withSource(SOURCE));
            run.add(contest.row(
                    "bytes hashed, BLAKE3, " + threads + " workers",
                    OURS,
                    RATE,
                    B3SUM,
                    RATE,
                    "b3sum, " + threads + " threads",
                    "GB/s",
                    Better.HIGHER));
            run.add(contest.row(
                    "the whole command with its start",
                    OURS,
                    WHOLE,
                    B3SUM,
                    RATE,
                    "b3sum, " + threads + " threads",
                    "GB/s",
                    Better.HIGHER));
        }
        run.add(contest.row(
                "bytes hashed, BLAKE3, beside SHA-256 of one thread",
                OURS,
                RATE,
                SHA256,
                RATE,
                SHA256,
                "GB/s",
                Better.HIGHER));
    }

    private Map<String, Sample> analyze(
            final SuiteRun run, final Path folder, final Path data, final long bytes, final int threads)
            throws Exception {
        final Path manifest = folder.resolve("manifest");
        final long beginNs = System.nanoTime();
        final JsonNode json = Tool.dragon(
                run,
                folder,
                MOST_SECONDS,
                "analyze",
                "--source=" + data,
                "--plain",
                "--workers=" + threads,
                "--manifest=" + manifest);
        final double seconds = (System.nanoTime() - beginNs) / 1e9;
        check(Files.readString(manifest).substring(0, DIGEST));
        if (json.get("bytes").asLong() != bytes) {
            throw new IllegalStateException("dragon analyze has read " + json.get("bytes") + " of " + bytes + " bytes");
        }
        final double rate = bytes / 1e9 / json.get("seconds").asDouble();
        final Map<String, Sample> samples = new LinkedHashMap<>();
        samples.put(RATE, Sample.of(rate));
        samples.put(VALUES, Sample.of(VALUES_A_BYTE * rate));
        samples.put(WHOLE, Sample.of(bytes / 1e9 / seconds));
        return samples;
    }

    private Map<String, Sample> b3sum(final Path folder, final Path data, final long bytes, final int threads)
            throws Exception {
        final Tool.Result result = Tool.run(
                folder, MOST_SECONDS, List.of(B3SUM, "--num-threads", Integer.toString(threads), data.toString()));
        check(result.out().substring(0, DIGEST));
        return Map.of(RATE, Sample.of(bytes / 1e9 / result.seconds()));
    }

    private static Map<String, Sample> sha256(final Path folder, final Path data, final long bytes) throws Exception {
        final Tool.Result result = Tool.run(folder, MOST_SECONDS, List.of(SHA256, data.toString()));
        return Map.of(RATE, Sample.of(bytes / 1e9 / result.seconds()));
    }

    private void check(final String digest) {
        expected = expected == null ? digest : expected;
        if (!digest.equals(expected)) {
            throw new IllegalStateException("two programs gave two digests: " + digest + " and " + expected);
        }
    }

    /** Random, so that no two blocks are equal. */
    private static Path data(final Path folder, final long bytes) throws IOException {
        final Path file = folder.resolve("data");
        final long room = Files.getFileStore(folder).getUsableSpace();
        if (room < bytes + bytes / 4) {
            throw new IllegalStateException("there is no room for " + bytes + " bytes in " + folder + ", only for "
                    + room + ": use --gigabytes");
        }
        final SplittableRandom random = new SplittableRandom(7);
        final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long left = bytes; left > 0; ) {
                piece.clear();
                while (piece.hasRemaining()) {
                    piece.putLong(random.nextLong());
                }
                piece.flip().limit((int) Math.min(PIECE, left));
                while (piece.hasRemaining()) {
                    left -= channel.write(piece);
                }
            }
        }
        return file;
    }
}
