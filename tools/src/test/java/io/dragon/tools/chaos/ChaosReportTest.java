package io.dragon.tools.chaos;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.client.Passport;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.agrona.collections.LongArrayList;
import org.junit.jupiter.api.Test;

/** What a run says of itself. */
final class ChaosReportTest {
    private static final Fault KILL = new Fault(Fault.Kind.KILL, Target.WORKER, 0);

    private static FaultLine line(final double recoveredMillis, final Counts counts) {
        return new FaultLine(
                KILL,
                "w1",
                50,
                "status",
                recoveredMillis,
                900,
                20,
                -1,
                0,
                70,
                2,
                0,
                List.of("worker w1 died"),
                counts,
                "");
    }

    private static ChaosReport report(final FaultLine... lines) {
        Counts total = Counts.NONE;
        for (final FaultLine each : lines) {
            total = total.plus(each.counts());
        }
        final ChaosSettings settings =
                new ChaosSettings(true, List.of(), 1, 0, 600, 7, 0, 3, 2, 1, 40, 30, 5, "ci", false, 1);
        return new ChaosReport(
                settings, List.of(lines), Map.of(), Map.of(), total, new Availability(System.nanoTime(), 1));
    }

    @Test
    void shouldBeGoodOnlyWhenNothingIsLostDoubledOrFailedAndAllWorksAgain() {
        assertTrue(report(line(80, new Counts(9, 9, 0, 0, 0))).isGood());
        assertFalse(report(line(80, new Counts(9, 8, 0, 1, 0))).isGood());
        assertFalse(report(line(80, new Counts(9, 9, 0, 0, 1))).isGood());
        assertFalse(report(line(80, new Counts(9, 8, 1, 0, 0))).isGood());
        assertFalse(report(line(-1, new Counts(9, 9, 0, 0, 0))).isGood());
    }

    @Test
    void shouldNotBeGoodWhenSomebodyWasElectedForNoReason() {
        for (int elections = 0; elections < 2; elections++) {
            final FaultLine calm = new FaultLine(
                    Fault.calm(600),
                    "-",
                    -1,
                    "",
                    0,
                    0,
                    0,
                    130,
                    elections,
                    140,
                    0,
                    0,
                    List.of(),
                    new Counts(9, 9, 0, 0, 0),
                    "");
            assertEquals(elections == 0, report(calm).isGood());
        }
    }

    @Test
    void shouldFindTheLongestTimeWithoutACommand() {
        final LongArrayList moments = new LongArrayList();
        assertEquals(1_000, CalmRun.longestGapNs(moments, -500, 500), "none at all");
        for (final long each : new long[] {0, -400, 420, -900, 130, 900}) {
            moments.addLong(each);
        }
        assertEquals(400, CalmRun.longestGapNs(moments, -500, 500), "in the middle, in any order");
        assertEquals(580, CalmRun.longestGapNs(moments, -500, 1_480), "up to the end");
    }

    @Test
    void shouldWriteWhatTheContractNames() {
        final Object first =
                ((List<?>) report(line(80, new Counts(9, 9, 0, 0, 0))).json().get("faults")).get(0);
        final Map<?, ?> fault = (Map<?, ?>) first;

        assertEquals("worker-kill", fault.get("kind"));
        assertEquals("w1", fault.get("target"));
        assertEquals(50.0, fault.get("detectedMillis"));
        assertEquals(80.0, fault.get("recoveredMillis"));
        for (final String count : List.of("lost", "duplicated", "retried", "failed")) {
            assertEquals(0L, fault.get(count), count);
        }
    }

    @Test
    void shouldGiveTheMiddleAndTheWorstOfRepeatedFaults() {
        final Counts clean = new Counts(1, 1, 0, 0, 0);
        final String text =
                report(line(300, clean), line(100, clean), line(200, clean)).text();

        assertTrue(text.contains("worker-kill, 3 times, recovered: p50 200 ms, max 300 ms (3 values)"), text);
    }

    @Test
    void shouldNameEveryFaultOnce() {
        assertEquals(
                Fault.longForm().size(),
                new HashSet<>(Fault.longForm().stream().map(Fault::label).toList()).size());
        for (final Fault fault : Fault.shortForm()) {
            assertTrue(Chaos.labels().contains(fault.label()), fault.label());
        }
    }

    @Test
    void shouldCountTheSecondsInWhichWorkWasDone() {
        final Availability availability = new Availability(0, 500_000_000L);
        for (final long deliveredNs : new long[] {100_000_000L, 900_000_000L, 3_500_000_000L}) {
            final Passport passport = new Passport(0, 0, 1, 0, 0, 0, 0, 0, 0, deliveredNs);
            availability.note(new Ended(Ended.Kind.TASK, 0, -1, -1, 1, 1, passport));
        }

        assertEquals(0.5, availability.share(4_200_000_000L), 1e-9);
        assertEquals(1 / 3.0, availability.inTime(), 1e-9);
    }

    @Test
    void shouldMakeTheSameBytesFromTheSameNumber() {
        assertArrayEquals(Content.of(42, 64), Content.of(42, 64));
        assertNotEquals(Content.checksum(Content.of(42, 64), 64), Content.checksum(Content.of(43, 64), 64));
    }
}
