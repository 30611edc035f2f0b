package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.CommandAckEncoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.RegisteredEncoder;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told is counted by the numbers that the teller gives away; it has no connection. */
final class DriverLossReportTest {
    @TempDir
    Path folder;

    private final DriverLossReport report = new DriverLossReport();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Party.MAX_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private ClusterSession session;
    private long nowNs = 1_000_000_000;

    private Party party(final PartyKind kind, final String name) {
        if (session == null) {
            session = new ClusterSession(new ClusterSession.Context()
                    .aeronDirectoryName(folder.resolve("aeron").toString())
                    .timeouts(Timeouts.ci())
                    .nanoClock(() -> nowNs));
        }
        return session.register(kind, name, new PartyOptions(), new PartyListener() {
            @Override
            public void onRegistered(final Party party) {}

            @Override
            public void onFenced(final Party party) {}

            @Override
            public void onEvent(
                    final Party party,
                    final int templateId,
                    final DirectBuffer buffer,
                    final int offset,
                    final int length) {}
        });
    }

    private void register(final Party party, final int id, final int incarnation, final long lastSeq) {
        if (party.isActive()) {
            party.onFenced(party.incarnation(), nowNs);
        }
        new RegisteredEncoder()
                .wrapAndApplyHeader(buffer, 0, header)
                .correlationId(1)
                .partyId(id)
                .incarnation(incarnation)
                .lastSeq(lastSeq)
                .lastEvent(0)
                .clusterTimeMs(0)
                .maxUnacknowledged(Party.WINDOW)
                .maxOpenTasks(0)
                .kind(party.kind());
        party.onRegistered(new RegisteredDecoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderDecoder()), nowNs);
        assertTrue(party.isActive());
    }

    private void acknowledge(final Party party, final long seq) {
        final CommandAckEncoder ack = new CommandAckEncoder().wrapAndApplyHeader(buffer, 0, header);
        ack.recipient()
                .partyId(party.id())
                .incarnation(party.incarnation())
                .event(0)
                .ackSeq(seq);
        party.onEvent(CommandAckEncoder.TEMPLATE_ID, buffer, 0, ControlMessages.HEADER + ack.encodedLength(), nowNs);
        assertEquals(seq, party.acknowledgedSeq());
    }

    private void lose() {
        report.onLost(DriverWatch.Loss.DIED, 50, nowNs);
        nowNs += 1_000_000_000;
    }

    /** How much it tells now. */
    private long told(final Party... parties) {
        long before = 0;
        long after = 0;
        for (final Party party : parties) {
            before += party.nextSeq();
        }
        report.poll(parties, nowNs);
        for (final Party party : parties) {
            after += party.nextSeq();
        }
        return after - before;
    }

    @Test
    void shouldTellOnceWhatIsAcknowledged() {
        final Party node = party(PartyKind.NODE, "n");
        lose();
        assertEquals(0, told(node), "not registered");
        register(node, 1, 1, 4);
        assertEquals(2, told(node));
        acknowledge(node, 6);
        assertEquals(0, told(node));
        register(node, 1, 2, 6);
        assertEquals(0, told(node));
        register(node, 1, 7, 0);
        assertEquals(0, told(node));
    }

    @Test
    void shouldTellAgainWhatTheIncarnationBeforeDidNotGetThrough() {
        final Party node = party(PartyKind.NODE, "n");
        register(node, 1, 1, 4);
        lose();
        assertEquals(2, told(node));
        register(node, 1, 2, 5);
        assertEquals(1, told(node), "the loss is known to the masters, its answer was lost");
        register(node, 1, 3, 5);
        assertEquals(1, told(node));
        acknowledge(node, 6);
        assertEquals(0, told(node));
        register(node, 1, 4, 6);
        assertEquals(0, told(node));
    }

    @Test
    void shouldTellAgainWhatOnlyTheNumbersOfAnotherOfItsNameSeemToAcknowledge() {
        final Party worker = party(PartyKind.WORKER, "w");
        register(worker, 3, 1, 0);
        lose();
        assertEquals(2, told(worker));
        acknowledge(worker, 1);
        assertEquals(0, told(worker));
        register(worker, 3, 3, 40); // the second was another process, which has sent commands
        assertEquals(1, told(worker), "the return: who knows whether the masters had it");
        acknowledge(worker, 41);
        assertEquals(0, told(worker));
    }

    /** What it sends first as whoever it is now has nothing to do with what it said before. */
    @Test
    void shouldNotTakeTheFirstCommandsOfANewIncarnationForItsOwn() {
        final Party node = party(PartyKind.NODE, "n");
        register(node, 1, 1, 4);
        lose();
        assertEquals(2, told(node));
        register(node, 1, 2, 4);
        for (int i = 0; i < 2; i++) {
            final CommandAckEncoder command = new CommandAckEncoder().wrapAndApplyHeader(node.scratch(), 0, header);
            assertEquals(5 + i, node.offer(ControlMessages.HEADER + command.encodedLength()));
        }
        acknowledge(node, 6);
        assertEquals(2, told(node));
    }

    @Test
    void shouldTellAgainAsSomebodyElseWhatIsNotAcknowledged() {
        final Party node = party(PartyKind.NODE, "n");
        final Party worker = party(PartyKind.WORKER, "w");
        register(node, 1, 1, 0);
        lose();
        assertEquals(2, told(node, worker));
        acknowledge(node, 1);
        assertEquals(0, told(node, worker));
        node.unregister();
        register(worker, 2, 1, 0);
        assertEquals(1, told(node, worker), "only the return is not known to have got through");
    }
}
