package io.dragon.benchmarks.system;

import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.cluster.codecs.CloseReason;
import io.aeron.cluster.service.ClientSession;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredService;
import io.aeron.logbuffer.Header;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What a sequencer costs that decides nothing: messages of who asks go to who answers, and back. */
final class ForwardService implements ClusteredService {
    private final UnsafeBuffer stamped = new UnsafeBuffer(new byte[Payload.LENGTH]);
    private Cluster cluster;
    private ClientSession answerer;
    private ClientSession asker;

    @Override
    public void onStart(final Cluster startedIn, final Image snapshot) {
        cluster = startedIn;
    }

    @Override
    public void onSessionMessage(
            final ClientSession session,
            final long timestamp,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Header header) {
        switch (buffer.getByte(offset)) {
            case Payload.ANSWERER -> answerer = session;
            case Payload.QUESTION -> {
                asker = session;
                stamped.putBytes(0, buffer, offset, length);
                stamped.putLong(Payload.SEQUENCED, System.nanoTime());
                forward(answerer, stamped, 0, length);
            }
            default -> forward(asker, buffer, offset, length);
        }
    }

    private void forward(final ClientSession to, final DirectBuffer buffer, final int offset, final int length) {
        if (to == null) {
            return;
        }
        cluster.idleStrategy().reset();
        while (to.offer(buffer, offset, length) < 0) {
            cluster.idleStrategy().idle();
        }
    }

    @Override
    public void onSessionOpen(final ClientSession session, final long timestamp) {}

    @Override
    public void onSessionClose(final ClientSession session, final long timestamp, final CloseReason closeReason) {}

    @Override
    public void onTimerEvent(final long correlationId, final long timestamp) {}

    @Override
    public void onTakeSnapshot(final ExclusivePublication snapshotPublication) {}

    @Override
    public void onRoleChange(final Cluster.Role newRole) {}

    @Override
    public void onTerminate(final Cluster terminated) {}
}
