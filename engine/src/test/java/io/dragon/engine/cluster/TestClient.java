package io.dragon.engine.cluster;

import io.dragon.codecs.control.CancelTaskEncoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.engine.config.Timeouts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;

/** A client with its session and thread: sends commands, remembers every result. */
final class TestClient implements PartyListener, AutoCloseable {
    final ClusterSession session;
    final Party party;
    private final AgentRunner runner;
    private final CancelTaskEncoder cancel = new CancelTaskEncoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final MessageHeaderDecoder headerDecoder = new MessageHeaderDecoder();
    private final TaskResultDecoder result = new TaskResultDecoder();
    private final Set<Long> results = new HashSet<>();
    private final List<Long> order = new ArrayList<>();
    volatile int wanted;
    volatile int offered;
    volatile int received;
    volatile int distinct;
    volatile int registrations;
    volatile int fencings;
    volatile int connections;
    volatile int disconnections;
    volatile long lastReceivedNs;
    volatile long maxGapNs;

    TestClient(final String name, final ClusterSession.Context ctx) {
        session = new ClusterSession(ctx.name(name));
        party = session.register(PartyKind.CLIENT, name, new PartyOptions(), this);
        runner = new AgentRunner(
                new BackoffIdleStrategy(10, 10, 1_000, 1_000_000), ctx.errorHandler(), null, new SendingAgent());
        AgentRunner.startOnThread(runner);
    }

    static ClusterSession.Context context(final Scratch scratch, final MasterNode master, final Timeouts timeouts) {
        return new ClusterSession.Context()
                .aeronDirectoryName(master.aeronDirectoryName())
                .timeouts(timeouts)
                .errorHandler(scratch::onError);
    }

    /** Wants so many more commands to be sent. */
    void send(final int count) {
        wanted += count;
    }

    List<Long> order() {
        return order;
    }

    private final class SendingAgent implements org.agrona.concurrent.Agent {
        @Override
        public int doWork() {
            int workCount = session.doWork();
            while (offered < wanted && offerOne()) {
                workCount++;
            }
            return workCount;
        }

        @Override
        public String roleName() {
            return "test-client";
        }

        @Override
        public void onClose() {
            session.close();
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    private boolean offerOne() {
        cancel.wrapAndApplyHeader(party.scratch(), 0, header).taskId(party.nextSeq());
        if (party.offer(ControlMessages.HEADER + cancel.encodedLength()) > 0) {
            offered++;
            return true;
        }
        return false;
    }

    @Override
    public void onRegistered(final Party party) {
        registrations++;
    }

    @Override
    public void onFenced(final Party party) {
        fencings++;
    }

    @Override
    public void onConnected() {
        connections++;
    }

    @Override
    public void onDisconnected() {
        disconnections++;
    }

    @Override
    public void onEvent(
            final Party party, final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        if (templateId == TaskResultDecoder.TEMPLATE_ID) {
            result.wrapAndApplyHeader(buffer, offset, headerDecoder);
            final long nowNs = System.nanoTime();
            if (lastReceivedNs != 0) {
                maxGapNs = Math.max(maxGapNs, nowNs - lastReceivedNs);
            }
            lastReceivedNs = nowNs;
            received++;
            order.add(result.taskId());
            results.add(result.taskId());
            distinct = results.size();
        }
    }

    @Override
    public void close() {
        runner.close();
    }
}
