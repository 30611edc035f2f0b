package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.cluster.client.ClusterException;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.node.StrangerCount;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What strangers send to the masters does not fill their logs. */
final class StrangerErrorsTest {
    private static final int INGRESS_STREAM = 101;

    private final Scratch scratch = new Scratch();
    private final List<Throwable> others = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final AtomicCounter counter = new AtomicCounter(new UnsafeBuffer(new byte[128]), 0);
    private long nowNs;

    @AfterEach
    void after() {
        scratch.close();
    }

    /** The memory of a closed counter is not there any more: counting in it ended the process. */
    @Test
    void shouldPassErrorsOnWithoutCountingThemOnceItsCounterIsClosed() {
        final StrangerErrors errors = new StrangerErrors(others::add, () -> counter, error -> {}, () -> nowNs);
        errors.onError(new ClusterException("first"));
        assertEquals(1, counter.get());
        counter.close();
        errors.onError(new ClusterException("second"));
        assertEquals(1, counter.get());
        assertEquals(2, others.size());
    }

    @Test
    void shouldTellOnceAMinuteHoweverManyNumbersAStrangerThinksOf() {
        final StrangerErrors errors =
                new StrangerErrors(others::add, () -> counter, error -> told.add(error.getMessage()), () -> nowNs);
        for (int i = 0; i < 60_000; i++) {
            nowNs += 1_000_000;
            errors.onError(new ClusterException("expected schemaId=111, actual=" + i));
        }
        assertEquals(1, told.size());
        assertTrue(told.get(0).startsWith("1 message was of nobody of this system"), told.toString());
        nowNs += StrangerCount.INTERVAL_NS;
        errors.onError(new ClusterException("expected schemaId=111, actual=7"));
        assertEquals(2, told.size());
        assertTrue(told.get(1).startsWith("60000 messages were"), told.toString());
        assertTrue(others.isEmpty());
        final ClusterException own = new ClusterException("something else");
        errors.onError(own);
        errors.onError(new IllegalStateException());
        assertEquals(own, others.get(0));
        assertEquals(2, others.size());
    }

    @Test
    void shouldKeepAMasterThatAStrangerSpeaksToAndItsLog() {
        final int basePort = Scratch.freeBasePort();
        final MasterNode master = scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(scratch.directory().resolve("aeron"))
                .basePort(basePort)
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .service(new EchoService())
                .errorHandler(scratch::onError)));
        try (Aeron aeron = Aeron.connect(new Aeron.Context()
                        .aeronDirectoryName(master.aeronDirectoryName())
                        .errorHandler(scratch::onError));
                ExclusivePublication stranger = aeron.addExclusivePublication(
                        "aeron:udp?term-length=256k|endpoint=localhost:" + basePort, INGRESS_STREAM)) {
            final UnsafeBuffer message = new UnsafeBuffer(new byte[64]);
            for (int i = 0; i < 50; i++) {
                new MessageHeaderEncoder()
                        .wrap(message, 0)
                        .schemaId(1_000 + i)
                        .templateId(1)
                        .version(1);
                scratch.await("the stranger to be heard", () -> stranger.offer(message, 0, 64) > 0);
            }
            scratch.await("it to be said", () -> !scratch.errors().isEmpty());
            final TestClient client =
                    scratch.closing(new TestClient("c", TestClient.context(scratch, master, Timeouts.ci())));
            client.send(10);
            scratch.await("results", () -> client.received == 10);
            final List<String> lines =
                    scratch.errors().stream().map(Throwable::getMessage).toList();
            assertEquals(1, lines.size(), lines.toString());
            assertTrue(lines.get(0).startsWith("1 message was of nobody of this system"), lines.toString());
        }
    }
}
