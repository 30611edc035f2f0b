package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.CancelTaskEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.StatusSummaryDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.engine.config.Timeouts;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClusterSessionTest {
    private final Scratch scratch = new Scratch();
    private final EchoService echo = new EchoService();
    private final Timeouts timeouts = Timeouts.ci();
    private final CancelTaskEncoder cancel = new CancelTaskEncoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();

    @AfterEach
    void after() {
        scratch.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDeliverEveryResultOnceOverIpcAndUdp(final boolean isIpc) {
        final long startNs = System.nanoTime();
        final MasterNode master = master();
        final ClusterSession.Context ctx = TestClient.context(scratch, master, timeouts);
        if (!isIpc) {
            ctx.ingressEndpoints(master.ingressEndpoints());
        }
        final TestClient client = scratch.closing(new TestClient("one", ctx));
        scratch.await("registered", () -> client.party.isActive());
        System.out.println(
                "launch to registered, ipc=" + isIpc + ": " + (System.nanoTime() - startNs) / 1_000_000 + " ms");
        client.send(3_000);
        scratch.await("all results", () -> client.distinct == 3_000);
        assertEquals(3_000, client.received);
        assertEquals(0, client.party.gaps());
    }

    @Test
    void shouldRecoverLostEventsAndRefusedCommands() {
        echo.loseEveryEvent = 97;
        echo.refuseEvery = 211;
        final MasterNode master = master();
        final TestClient client =
                scratch.closing(new TestClient("lossy", TestClient.context(scratch, master, timeouts)));
        client.send(2_000);
        scratch.await("all results", () -> client.distinct == 2_000);
        assertTrue(client.party.gaps() > 0, "events were lost");
        assertTrue(echo.resumes > 0, "and asked for again");
        assertTrue(echo.outOfOrder > 0, "commands were refused");
        assertEquals(2_000, echo.commands, "each command was taken once");
    }

    @Test
    void shouldRegisterAnewAfterItWasFenced() {
        final MasterNode master = master();
        final TestClient client =
                scratch.closing(new TestClient("fenced", TestClient.context(scratch, master, timeouts)));
        client.send(100);
        scratch.await("results", () -> client.distinct == 100);
        echo.isFencing = true;
        scratch.await("fenced", () -> client.fencings == 1);
        scratch.await("registered again", () -> client.registrations == 2);
        client.send(50);
        scratch.await("results of the new incarnation", () -> client.distinct == 150);
        assertEquals(101, client.order().get(100), "numbers go on");
    }

    @Test
    void shouldRetryARegistrationUnderTheSameNumberAndBeginANewOneUnderAnother() {
        echo.ignoreRegisters = 3;
        final MasterNode master = master();
        final Timeouts hasty = timeouts.with(Timeouts.Key.REGISTER_RETRY, TimeUnit.MILLISECONDS.toNanos(50));
        final TestClient client =
                scratch.closing(new TestClient("unheard", TestClient.context(scratch, master, hasty)));
        scratch.await("registered", () -> client.party.isActive());
        final List<Long> tried = List.copyOf(echo.registerIds);
        assertTrue(tried.size() >= 4, () -> tried + ": three were not answered");
        assertEquals(1, new HashSet<>(tried).size());
        echo.isFencing = true;
        client.send(1);
        scratch.await("registered again", () -> client.registrations == 2);
        assertEquals(2, new HashSet<>(echo.registerIds).size());
    }

    @Test
    void shouldGoOnWhenAListenerThrows() {
        final MasterNode master = master();
        final List<Throwable> errors = new CopyOnWriteArrayList<>();
        final ClusterSession session = scratch.closing(
                new ClusterSession(TestClient.context(scratch, master, timeouts).errorHandler(errors::add)));
        final AtomicInteger events = new AtomicInteger();
        final PartyListener broken = new PartyListener() {
            @Override
            public void onRegistered(final Party party) {
                throw new IllegalStateException("registered");
            }

            @Override
            public void onFenced(final Party party) {
                throw new IllegalStateException("fenced");
            }

            @Override
            public void onEvent(
                    final Party party,
                    final int templateId,
                    final DirectBuffer buffer,
                    final int offset,
                    final int length) {
                if (templateId == TaskResultDecoder.TEMPLATE_ID) {
                    events.incrementAndGet();
                    throw new IndexOutOfBoundsException("event");
                }
            }

            @Override
            public void onConnected() {
                throw new AssertionError("connected");
            }
        };
        final Party first = session.register(PartyKind.CLIENT, "first", new PartyOptions(), broken);
        final Party second = session.register(PartyKind.CLIENT, "second", new PartyOptions(), broken);
        awaitWorking(session, "both registered", () -> first.isActive() && second.isActive());
        for (int i = 0; i < 5; i++) {
            cancel.wrapAndApplyHeader(first.scratch(), 0, header).taskId(first.nextSeq());
            first.offer(ControlMessages.HEADER + cancel.encodedLength());
        }
        awaitWorking(session, "every event, once", () -> events.get() == 5 && first.acknowledgedSeq() == 5);
        echo.isFencing = true;
        awaitWorking(session, "fenced", () -> !first.isActive() || !second.isActive());
        awaitWorking(session, "registered again", () -> first.isActive() && second.isActive());
        assertEquals(0, session.malformed());
        assertEquals(3, echo.registrations, "two, and the one that was fenced; there was one connection");
        final List<String> told = errors.stream().map(Throwable::getMessage).toList();
        final List<String> expected = new ArrayList<>(Collections.nCopies(2, "connected"));
        expected.addAll(Collections.nCopies(2, "registered"));
        expected.addAll(Collections.nCopies(5, "event"));
        expected.addAll(List.of("fenced", "registered"));
        assertEquals(expected, told);
    }

    private void awaitWorking(final ClusterSession session, final String what, final BooleanSupplier condition) {
        scratch.await(what, () -> {
            session.doWork();
            return condition.getAsBoolean();
        });
    }

    /** A leader that ended took a question with it, and a look at the cluster failed although the masters were there. */
    @Test
    void shouldAskAgainWhatWasNotAnsweredAndTakeOneAnswer() {
        echo.ignoreQueries = 2;
        shouldAnswerQueriesAndGiveUpOnNone();
        assertTrue(echo.ignoreQueries < 0, "all of them were asked");
    }

    @Test
    void shouldAnswerQueriesAndGiveUpOnNone() {
        final MasterNode master = master();
        final TestClient client =
                scratch.closing(new TestClient("asking", TestClient.context(scratch, master, timeouts)));
        final AtomicInteger pages = new AtomicInteger();
        final AtomicInteger ends = new AtomicInteger();
        client.session.query(0, new ReplyListener() {
            @Override
            public void onReply(final int templateId, final DirectBuffer buffer, final int offset, final int length) {
                assertEquals(StatusSummaryDecoder.TEMPLATE_ID, templateId);
                pages.incrementAndGet();
            }

            @Override
            public void onEnd(final boolean complete) {
                ends.addAndGet(complete ? 1 : 100);
            }
        });
        scratch.await("the end of the answer", () -> ends.get() == 1);
        assertEquals(1, pages.get());
    }

    @Test
    void shouldLeaveInOrder() {
        final MasterNode master = master();
        final TestClient client =
                scratch.closing(new TestClient("leaving", TestClient.context(scratch, master, timeouts)));
        client.send(10);
        scratch.await("results", () -> client.distinct == 10);
        client.session.execute(client.party::unregister);
        scratch.await("left", () -> client.party.isEnded());
        assertEquals(11, echo.commands);
    }

    @Test
    void shouldAllocateNothingPerCommandAndEvent() {
        final MasterNode master = master();
        final CountingListener listener = new CountingListener();
        final ClusterSession session = scratch.closing(
                new ClusterSession(TestClient.context(scratch, master, timeouts).name("lean")));
        final Party party = session.register(PartyKind.CLIENT, "lean", new PartyOptions(), listener);
        final IdleStrategy idle = new BackoffIdleStrategy(10, 10, 1_000, 100_000);
        exchange(session, party, listener, idle, 20_000);
        final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long id = Thread.currentThread().getId();
        final long before = threads.getThreadAllocatedBytes(id);
        exchange(session, party, listener, idle, 20_000);
        final long allocated = threads.getThreadAllocatedBytes(id) - before;
        System.out.println("allocated for 20,000 commands and events: " + allocated + " bytes");
        assertTrue(allocated < 20_000, "allocated " + allocated + " bytes");
    }

    private void exchange(
            final ClusterSession session,
            final Party party,
            final CountingListener listener,
            final IdleStrategy idle,
            final int count) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        final long target = listener.events + count;
        int offered = 0;
        while (listener.events < target) {
            int workCount = session.doWork();
            while (offered < count && offerOne(party)) {
                offered++;
                workCount++;
            }
            idle.idle(workCount);
            assertTrue(System.nanoTime() - deadlineNs < 0, session.state());
        }
    }

    private boolean offerOne(final Party party) {
        cancel.wrapAndApplyHeader(party.scratch(), 0, header).taskId(1);
        return party.offer(MessageHeaderEncoder.ENCODED_LENGTH + cancel.encodedLength()) > 0;
    }

    private static final class CountingListener implements PartyListener {
        private long events;

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
                final int length) {
            events++;
        }
    }

    private MasterNode master() {
        final MasterContext ctx = new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(scratch.directory().resolve("aeron"))
                .basePort(Scratch.freeBasePort())
                .timeouts(timeouts)
                .logTermLength(1 << 20)
                .service(echo)
                .errorHandler(scratch::onError);
        return scratch.closing(MasterNode.launch(ctx));
    }
}
