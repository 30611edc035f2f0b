package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The rule on a link and a processor that are simulated, in a time of their own. */
class CompressionRuleTest {
    private static final int CHUNK = 65_536;
    private static final int SOCKET_BUFFER = 4 << 20;
    private static final int CHUNKS_A_CYCLE = 4;
    private static final double GIGABIT = 8;

    /** A link with a buffer before it, and a thread that compresses and writes. */
    private static final class Line {
        final CompressionRule rule = new CompressionRule(Compression.AUTO);
        final LaneRate rate = new LaneRate();
        final double writeNsPerByte = 0.2;
        double linkNsPerByte = GIGABIT;
        double compressNsPerByte = 2;
        double remaining = 0.5;
        double nowNs = 1_000;
        double queued;
        long trials;
        long trialNs;
        long compressedChunks;

        /** Sends chunks in cycles of a few; gives the nanoseconds that a plain byte took. */
        double send(final int chunks) {
            final double startNs = nowNs;
            int taken = 0;
            for (int chunk = 0; chunk < chunks; chunk++) {
                final int wire = encode();
                while (queued + wire > SOCKET_BUFFER) {
                    rate.add(taken, true, (long) nowNs);
                    taken = 0;
                    pass(20_000);
                }
                pass(wire * writeNsPerByte);
                queued += wire;
                taken += wire;
                if (chunk % CHUNKS_A_CYCLE == 0) {
                    rate.add(taken, false, (long) nowNs);
                    taken = 0;
                }
            }
            return (nowNs - startNs) / ((double) chunks * CHUNK);
        }

        private int encode() {
            if (!rule.compressNext(CHUNK, rate.bytesPerSecond(), (long) nowNs)) {
                return CHUNK;
            }
            final double ns = CHUNK * compressNsPerByte;
            pass(ns);
            final int wire = (int) (CHUNK * remaining);
            rule.onCompressed(CHUNK, wire, (long) ns);
            compressedChunks++;
            if (!rule.isCompressing()) {
                trials++;
                trialNs += (long) ns;
            }
            return wire;
        }

        private void pass(final double ns) {
            nowNs += ns;
            queued = Math.max(0, queued - ns / linkNsPerByte);
        }
    }

    @Test
    void shouldCompressWhatShrinksOnASlowLink() {
        final Line line = new Line();
        line.send(500);
        assertTrue(line.rule.isCompressing());
        assertEquals(GIGABIT / 2, line.send(2_000), GIGABIT / 20);
        assertEquals(125e6, line.rate.bytesPerSecond(), 5e6);
    }

    @Test
    void shouldNotCompressOnALinkThatIsFasterThanCompressing() {
        final Line line = new Line();
        line.linkNsPerByte = 0.4;
        line.send(20_000);
        assertFalse(line.rule.isCompressing());
        final double plain = line.send(20_000);
        assertTrue(plain < 0.4 * 1.03, () -> plain + " ns a byte");
        assertTrue(line.trialNs < 0.02 * line.nowNs, () -> line.trialNs + " ns for trials");
    }

    @Test
    void shouldCostNextToNothingWhenNothingShrinks() {
        final Line line = new Line();
        line.remaining = 1;
        line.send(500);
        final double ns = line.send(5_000);
        assertFalse(line.rule.isCompressing());
        assertTrue(line.trials > 2 && line.trials < 5_500 / 256, () -> line.trials + " trials");
        assertTrue(ns < GIGABIT * 1.03, () -> ns + " ns a byte");
    }

    @Test
    void shouldSoonTryAgainAfterAChunkThatShrankAndNotOftenAfterOneThatDidNot() {
        final Line line = new Line();
        line.remaining = 1;
        line.send(20_000);
        final long before = line.trials;
        line.send(8_192);
        assertTrue(line.trials - before <= 8_192 / 1_024 + 1, () -> line.trials - before + " trials");
        line.remaining = 0.5;
        line.send(1_500);
        assertTrue(line.rule.isCompressing());
    }

    @Test
    void shouldForgetAnInterruptionOfItsFirstTrial() {
        final Line line = new Line();
        line.compressNsPerByte = 60;
        while (line.compressedChunks == 0) {
            line.send(1);
        }
        line.compressNsPerByte = 2;
        line.send(8_000);
        assertTrue(line.rule.isCompressing());
    }

    @Test
    void shouldNotCompressWhileTheLinkTakesEverything() {
        final Line line = new Line();
        line.linkNsPerByte = 0.1;
        line.send(5_000);
        assertEquals(0, line.compressedChunks);
        assertEquals(0, line.rate.bytesPerSecond());
    }

    @Test
    void shouldNoticeThatTheLinkBecameFaster() {
        final Line line = new Line();
        line.send(2_000);
        assertTrue(line.rule.isCompressing());
        line.linkNsPerByte = 0.4;
        line.send(100_000);
        assertFalse(line.rule.isCompressing());
        assertTrue(line.send(20_000) < 0.5);
    }

    @Test
    void shouldNoticeThatFramesShrinkNoMoreOrAgain() {
        final Line line = new Line();
        line.send(500);
        line.remaining = 1;
        line.send(500);
        assertFalse(line.rule.isCompressing());
        line.remaining = 0.4;
        line.send(2_000);
        assertTrue(line.rule.isCompressing());
    }

    @Test
    void shouldLoseLittleByMeasuringAnewWhereCompressingIsTheSlowerPart() {
        final Line line = new Line();
        line.compressNsPerByte = 5;
        line.remaining = 0.3;
        line.send(2_000);
        final double ns = line.send(20_000);
        assertTrue(line.compressedChunks > 15_000, () -> line.compressedChunks + " of 22,000");
        assertTrue(ns < 5.5, () -> ns + " ns a byte, 5 where all is compressed, 8 where nothing is");
    }

    @Test
    void shouldTakeNoPauseForASlowLink() {
        final Line line = new Line();
        line.linkNsPerByte = 0.3;
        line.compressNsPerByte = 1;
        for (int frame = 0; frame < 200; frame++) {
            line.send(100);
            line.pass(50e6);
        }
        assertFalse(line.rule.isCompressing());
    }

    @Test
    void shouldDoAsItIsTold() {
        final CompressionRule on = new CompressionRule(Compression.ON);
        final CompressionRule off = new CompressionRule(Compression.OFF);
        for (int i = 0; i < 10; i++) {
            assertTrue(on.compressNext(CHUNK, 0, i));
            on.onCompressed(CHUNK, CHUNK, 1_000_000_000);
            assertFalse(off.compressNext(CHUNK, 1_000, i));
        }
    }
}
