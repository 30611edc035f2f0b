package io.dragon.worker.hash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import io.dragon.worker.EmbeddedContext;
import io.dragon.worker.EmbeddedDragon;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The task type in a running system: both ways of a result, and frames that are not what they should be. */
class HashHandlerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int FRAME_LENGTH = 200_000;

    private static EmbeddedDragon dragon;
    private static DragonClient client;
    private static FramePublisher publisher;
    private final FrameRef ref = new FrameRef();
    private final Random random = new Random(23);

    @BeforeAll
    static void start() {
        dragon = EmbeddedDragon.launch(new EmbeddedContext().workers(1));
        client = dragon.connect("hash-test");
        publisher = client.addPublisher(
                "hash-test-pool",
                new FramePublisher.Config()
                        .slotCount(4)
                        .slotLength(FRAME_LENGTH)
                        .fullPolicy(FullPolicy.WAIT)
                        .claimTimeoutNs(TIMEOUT.toNanos()));
    }

    @AfterAll
    static void stop() {
        publisher.close();
        client.close();
        dragon.close();
    }

    @Test
    void shouldAnswerInlineUpToEightBlocksAndByAFrameBeyond() {
        for (final int count : new int[] {1, 8, 9, 700}) {
            final MutableDirectBuffer frame = claim();
            BlockTable.header(frame, count);
            final int length = (FRAME_LENGTH - BlockTable.dataOffset(count)) / count;
            final byte[][] blocks = new byte[count][length];
            for (int i = 0; i < count; i++) {
                random.nextBytes(blocks[i]);
                final int offset = BlockTable.dataOffset(count) + i * length;
                frame.putBytes(offset, blocks[i]);
                BlockTable.entry(frame, i, offset, length, i * 8L, i == 0);
            }
            try (TaskOutcome outcome = submit(FrameFormat.BLOCKS)) {
                assertTrue(outcome.isCompleted(), outcome.toString());
                final byte[] results = new byte[count * BlockTable.RESULT_LENGTH];
                if (count <= 8) {
                    assertEquals(results.length, outcome.inlineResult().length);
                    System.arraycopy(outcome.inlineResult(), 0, results, 0, results.length);
                } else {
                    assertEquals(1, outcome.outputs().size());
                    assertEquals(results.length, outcome.outputs().get(0).ref().length());
                    outcome.outputs().get(0).buffer().getBytes(0, results);
                }
                final Blake3 reference = Blake3.scalar();
                for (int i = 0; i < count; i++) {
                    final byte[] digest = new byte[Blake3.DIGEST_LENGTH];
                    System.arraycopy(results, i * BlockTable.RESULT_LENGTH, digest, 0, digest.length);
                    assertArrayEquals(reference.digest(blocks[i]), digest, "block " + i + " of " + count);
                }
            }
        }
    }

    @Test
    void shouldFailInWordsOnAFrameThatIsNotOfBlocks() {
        claim();
        try (TaskOutcome outcome = submit(FrameFormat.GREY8)) {
            assertEquals(Reason.BAD_INPUT, outcome.reason());
            assertTrue(outcome.errorText().contains("format BLOCKS"), outcome.errorText());
        }
        BlockTable.header(claim(), BlockTable.MAX_ENTRIES + 1);
        try (TaskOutcome outcome = submit(FrameFormat.BLOCKS)) {
            assertEquals(Reason.BAD_INPUT, outcome.reason());
            assertTrue(outcome.errorText().contains("1 to 1024 entries"), outcome.errorText());
        }
        try (TaskOutcome outcome =
                client.submit(TaskRequest.of(HashHandler.TYPE).attempts(1)).await(TIMEOUT)) {
            assertEquals(Reason.BAD_INPUT, outcome.reason());
            assertTrue(outcome.errorText().contains("has 0"), outcome.errorText());
        }
    }

    @Test
    void shouldHashByTheAlgorithmOfItsParameters() {
        final byte[] text = "abc".getBytes(StandardCharsets.US_ASCII);
        for (final HashAlgorithm algorithm : HashAlgorithm.values()) {
            final MutableDirectBuffer frame = claim();
            BlockTable.header(frame, 1);
            frame.putBytes(BlockTable.dataOffset(1), text);
            BlockTable.entry(frame, 0, BlockTable.dataOffset(1), text.length, 0, true);
            try (TaskOutcome outcome = submit(FrameFormat.BLOCKS, algorithm.parameters())) {
                assertTrue(outcome.isCompleted(), outcome.toString());
                final String result = HexFormat.of().formatHex(outcome.inlineResult());
                final String expected =
                        switch (algorithm) {
                            case BLAKE3 -> "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
                            case SHA256 -> "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
                            case XXH3 -> "06b05ab6733a618578af5f94892f3950";
                        };
                assertEquals(expected + "0".repeat(2 * BlockTable.RESULT_LENGTH - expected.length()), result);
            }
        }
        BlockTable.header(claim(), 1);
        try (TaskOutcome outcome = submit(FrameFormat.BLOCKS, "md5\n".getBytes(StandardCharsets.US_ASCII))) {
            assertEquals(Reason.BAD_INPUT, outcome.reason());
            assertEquals("there is no hash 'md5?': expected blake3, sha256 or xxh3", outcome.errorText());
        }
    }

    @Test
    void shouldOutliveRandomTables() {
        int completed = 0;
        for (int round = 0; round < 150; round++) {
            final MutableDirectBuffer frame = claim();
            final int count = 1 + random.nextInt(12);
            for (int i = 0; i < 1000; i += Long.BYTES) {
                frame.putLong(i, random.nextLong());
            }
            if (round % 3 != 0) {
                BlockTable.header(frame, count);
                for (int i = 0; i < count; i++) {
                    final int offset = 400 + random.nextInt(FRAME_LENGTH - 400);
                    final int length =
                            random.nextInt(random.nextInt(8) == 0 ? FRAME_LENGTH : FRAME_LENGTH - offset + 1);
                    BlockTable.entry(frame, i, offset, length, random.nextInt(9), false);
                }
            }
            try (TaskOutcome outcome = submit(FrameFormat.BLOCKS)) {
                completed += outcome.isCompleted() ? 1 : 0;
                assertEquals(outcome.isCompleted() ? Reason.NONE : Reason.BAD_INPUT, outcome.reason());
            }
        }
        assertTrue(completed > 10 && completed < 100, completed + " of 150 tables were possible");
        shouldAnswerInlineUpToEightBlocksAndByAFrameBeyond();
    }

    private static MutableDirectBuffer claim() {
        assertTrue(publisher.claim(FRAME_LENGTH) >= 0);
        return publisher.frame().buffer();
    }

    private TaskOutcome submit(final FrameFormat format) {
        return submit(format, new byte[0]);
    }

    private TaskOutcome submit(final FrameFormat format, final byte[] parameters) {
        publisher.frame().format(format);
        publisher.publishForTask(ref, 0, 0);
        final TaskOutcome outcome = client.submit(TaskRequest.of(HashHandler.TYPE)
                        .parameters(parameters)
                        .input(ref)
                        .attempts(1))
                .await(TIMEOUT);
        assertTrue(outcome != null, "no result within " + TIMEOUT);
        return outcome;
    }
}
