package io.dragon.tools.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.tools.chaos.HostFault.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What a fault between hosts has to show, and how soon. */
final class HostProofTest {
    private static final HostProof STRICT = new HostProof(1);
    private static final HostProof SLACK = new HostProof(2);
    private static final HostProof.Evidence NOTHING = new HostProof.Evidence(0, 0, 0, 0, -1);
    private static final Counts CLEAN = new Counts(9, 9, 0, 0, 0);

    private static HostFault fault(final Kind kind) {
        return new HostFault(kind, 1, 4);
    }

    private static FaultLine line(
            final Kind kind, final double recoveredMillis, final Counts counts, final HostProof.Evidence seen) {
        return new FaultLine(
                fault(kind),
                "host-b",
                50,
                "status",
                recoveredMillis,
                9_000,
                20,
                -1,
                0,
                70,
                2,
                0,
                List.of(),
                counts,
                "",
                STRICT.missed(fault(kind), 50, recoveredMillis),
                STRICT.unproven(fault(kind), seen));
    }

    private static ChaosReport report(final FaultLine line) {
        final ChaosSettings settings =
                new ChaosSettings(true, List.of(), 1, 0, 600, 7, 3, 1, 1, 2, 40, 30, 5, "ci", false, 1);
        return new ChaosReport(
                settings, List.of(line), Map.of(), Map.of(), line.counts(), new Availability(System.nanoTime(), 1));
    }

    @Test
    void shouldMissAMarkOneMillisecondLater() {
        for (final Kind kind : List.of(Kind.CUT, Kind.NETWORK)) {
            assertEquals(List.of(), STRICT.missed(fault(kind), -1, 3_000));
            assertEquals(1, STRICT.missed(fault(kind), -1, 3_001).size());
        }
        assertEquals(List.of(), STRICT.missed(fault(Kind.GONE), -1, 5_000));
        assertEquals(1, STRICT.missed(fault(Kind.GONE), -1, 5_001).size());
    }

    @Test
    void shouldCountUntilAHostIsFoundAndNotUntilItsFirstTask() {
        assertEquals(List.of(), STRICT.missed(fault(Kind.FOUND), 3_000, 50_000));
        assertEquals(1, STRICT.missed(fault(Kind.FOUND), 3_001, 3_001).size());
    }

    @Test
    void shouldTakeTwiceAsLongWhereMarksCountTwice() {
        assertEquals(List.of(), SLACK.missed(fault(Kind.CUT), -1, 6_000));
        assertEquals(1, SLACK.missed(fault(Kind.CUT), -1, 6_001).size());
        assertTrue(SLACK.words().contains("each counted 2 times: frames flow another way within 6.0 s"), SLACK::words);
        assertFalse(STRICT.words().contains("counted"), STRICT::words);
    }

    @Test
    void shouldTellTheFaultWhatWasSeenAndWhatWasExpected() {
        assertEquals(
                List.of("mark missed: link-cut: frames flowed another way after 55.0 s, expected within 3.0 s."),
                STRICT.missed(fault(Kind.CUT), -1, 55_000));
        assertEquals(
                List.of("mark missed: host-found: it was never seen that the host was found, expected within 3.0 s."),
                STRICT.missed(fault(Kind.FOUND), -1, 2_000));
    }

    @Test
    void shouldHaveNoMarkWhereNothingIsToHappenSoon() {
        for (final Kind kind : List.of(Kind.LOSS, Kind.DELAY, Kind.FLIPPED, Kind.INTRUDER)) {
            assertEquals(List.of(), STRICT.missed(fault(kind), -1, 50_000));
        }
    }

    @Test
    void shouldTellAMarkMissedFromALoss() {
        final HostProof.Evidence seen = new HostProof.Evidence(0, 0, 0, 5, 2);
        final ChaosReport late = report(line(Kind.CUT, 55_000, CLEAN, seen));
        final ChaosReport lost = report(line(Kind.CUT, 1_000, new Counts(9, 8, 0, 1, 0), seen));

        assertTrue(late.isGood());
        assertFalse(late.isInTime());
        assertTrue(late.text().contains("after 55.0 s, expected within 3.0 s."), late.text());
        assertFalse(lost.isGood());
        assertTrue(lost.isInTime());
    }

    @Test
    void shouldNotBeGoodWhenWhatHadToBeCountedWasNot() {
        for (final Kind kind : List.of(Kind.FLIPPED, Kind.INTRUDER, Kind.LOSS, Kind.CUT)) {
            final FaultLine line = line(kind, 100, CLEAN, NOTHING);
            assertFalse(report(line).isGood(), kind::name);
            for (final String sentence : line.unproven()) {
                assertTrue(sentence.startsWith("not proven: " + line.fault().label() + ": "), sentence);
                assertTrue(line.text().contains(sentence), line.text());
            }
        }
        assertTrue(report(line(Kind.FLIPPED, 100, CLEAN, new HostProof.Evidence(0, 1, 0, 0, -1)))
                .isGood());
        assertTrue(report(line(Kind.INTRUDER, 100, CLEAN, new HostProof.Evidence(0, 0, 1, 0, -1)))
                .isGood());
        assertTrue(report(line(Kind.LOSS, 100, CLEAN, new HostProof.Evidence(1, 0, 0, 0, -1)))
                .isGood());
        assertTrue(report(line(Kind.CUT, 100, CLEAN, new HostProof.Evidence(0, 0, 0, 1, 1)))
                .isGood());
    }

    @Test
    void shouldWantTheAnswerOfRoutesWhileTheLinkIsCut() {
        assertEquals(
                List.of("not proven: link-cut: 'dragon routes --optimize' gave no answer while the link was cut."),
                STRICT.unproven(fault(Kind.CUT), new HostProof.Evidence(0, 0, 0, 3, -1)));
        assertEquals(
                1,
                STRICT.unproven(fault(Kind.CUT), new HostProof.Evidence(0, 0, 0, 3, 0))
                        .size());
    }

    @Test
    void shouldWantNoPacketDroppedWhereNoneIsToBeLost() {
        assertEquals(List.of(), STRICT.unproven(new HostFault(Kind.LOSS, 0, 4), NOTHING));
    }

    @Test
    void shouldReadWaysMadeAndInForceFromTheAnswerOfRoutes() {
        final JsonMapper mapper = new JsonMapper();
        assertEquals(2, RoutesAsked.waysRelayed(mapper.readTree("{\"relayed\":2,\"optimized\":{\"relayed\":3}}")));
        assertEquals(0, RoutesAsked.waysRelayed(mapper.readTree("{\"relayed\":2,\"optimized\":{\"relayed\":0}}")));
        assertEquals(-1, RoutesAsked.waysRelayed(mapper.readTree("{\"relayed\":2}")));
    }
}
