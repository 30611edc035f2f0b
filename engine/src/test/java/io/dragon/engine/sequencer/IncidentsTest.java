package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import org.junit.jupiter.api.Test;

class IncidentsTest {
    private final Rig rig = new Rig(new SequencerConfig().set(Setting.INCIDENT_CAPACITY, 4));

    private Incidents incidents() {
        return rig.sequencer.core().incidents;
    }

    private long record(final String text) {
        return incidents()
                .record(IncidentKind.TASK_FAILED, IncidentRule.RETRIES_USED, null, Incidents.UNKNOWN_MS, 1, 2, text);
    }

    @Test
    void shouldKeepTheNewestUnderNumbersThatGrow() {
        for (int i = 1; i <= 10; i++) {
            assertEquals(i, record("fault " + i));
        }
        assertEquals(7, incidents().oldest());
        assertEquals(10, incidents().newest());
        assertNull(incidents().get(6));
        assertNull(incidents().get(11));
        assertEquals("fault 7", incidents().get(7).text);
        assertEquals("fault 10", incidents().get(10).text);
    }

    @Test
    void shouldCountWhatIsTheSameAsTheNewestOfItsSubject() {
        final Party other = new Party(7, Party.WORKER, "other");
        for (int i = 0; i < 10_000; i++) {
            rig.nowMs++;
            rig.sequencer.onTick(rig.nowMs);
            assertEquals(1, record("the same"));
            incidents().record(IncidentKind.TASK_FAILED, IncidentRule.RETRIES_USED, other, -1, 0, 0, "the same");
        }
        assertEquals(2, incidents().newest());
        final Incident first = incidents().get(1);
        assertEquals(9_999, first.repeated);
        assertEquals(10_000, first.moved);
        assertEquals(20_000, first.retried);
        assertEquals(first.timeMs + 9_999, first.lastMs);
        assertEquals(3, record("another"));
        assertEquals(4, record("the same"));
        other.incarnation++;
        assertEquals(
                5,
                incidents().record(IncidentKind.TASK_FAILED, IncidentRule.RETRIES_USED, other, -1, 0, 0, "the same"));
    }

    @Test
    void shouldComeThroughASnapshotWithWhateverIsKept() {
        rig.restart();
        for (int i = 1; i <= 6; i++) {
            record("fault \u20ac\ud83d\udc09 " + i);
            rig.restart();
            assertEquals("fault \u20ac\ud83d\udc09 " + i, incidents().get(i).text);
        }
        assertEquals(3, incidents().oldest());
        record("fault \u20ac\ud83d\udc09 6");
        assertEquals(1, incidents().get(6).repeated);
    }

    @Test
    void shouldKeepTheNewestWhenTheCapacityChanges() {
        for (int i = 1; i <= 5; i++) {
            record("fault " + i);
        }
        rig.settings(new SequencerConfig().set(Setting.INCIDENT_CAPACITY, 2));
        assertNull(incidents().get(3));
        assertEquals("fault 4", incidents().get(4).text);
        rig.settings(new SequencerConfig().set(Setting.INCIDENT_CAPACITY, 1_000));
        assertEquals("fault 5", incidents().get(5).text);
        for (int i = 0; i < 998; i++) {
            record("more " + i);
        }
        assertNotNull(incidents().get(4));
        rig.restart();
        record("one too many");
        assertNull(incidents().get(4));
        assertEquals(1_004, incidents().newest());
    }

    @Test
    void shouldCutTextsWhereTheyFitAndKeepTerminalsSafe() {
        assertEquals("a b", Incidents.fitting("a\u001bb"));
        assertEquals("a b", Incidents.fitting("a\ud83db"));
        assertEquals("x".repeat(127), Incidents.fitting("x".repeat(127) + "\u20ac"));
        assertEquals(32, Incidents.fitting("\ud83d\udc09".repeat(40)).length() / 2);
    }
}
