package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.aeron.Aeron;
import io.aeron.Subscription;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.codecs.MessageHeaderDecoder;
import io.aeron.cluster.codecs.SessionConnectRequestDecoder;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.LongHashSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A member in an election takes an ask for a session and never answers it. */
@Timeout(120)
final class AskAgainTest {
    private final Scratch scratch = new Scratch();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldAskAgainLongBeforeAnAttemptIsOver() {
        final Path aeronDirectory = scratch.directory().resolve("aeron");
        scratch.closing(MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(aeronDirectory)
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)));
        final Aeron aeron =
                scratch.closing(Aeron.connect(new Aeron.Context().aeronDirectoryName(aeronDirectory.toString())));
        final String endpoint = "localhost:" + Scratch.freeBasePort();
        final Subscription member = aeron.addSubscription(
                "aeron:udp?endpoint=" + endpoint, AeronCluster.Configuration.INGRESS_STREAM_ID_DEFAULT);
        final ClusterSession session = scratch.closing(new ClusterSession(new ClusterSession.Context()
                .aeronDirectoryName(aeronDirectory.toString())
                .ingressEndpoints("0=" + endpoint)
                .name("asking")
                .timeouts(Timeouts.ci().with(Timeouts.Key.CONNECT, TimeUnit.MINUTES.toNanos(10)))
                .errorHandler(scratch::onError)));
        final LongHashSet asks = new LongHashSet();
        final MessageHeaderDecoder header = new MessageHeaderDecoder();
        final SessionConnectRequestDecoder ask = new SessionConnectRequestDecoder();

        scratch.await("three asks", () -> {
            session.doWork();
            member.poll(
                    (buffer, offset, length, frame) -> {
                        ask.wrapAndApplyHeader(buffer, offset, header);
                        asks.add(ask.correlationId());
                    },
                    10);
            return asks.size() == 3;
        });

        assertFalse(session.isConnected());
        assertEquals("connecting", session.state(), "it is one attempt");
    }
}
