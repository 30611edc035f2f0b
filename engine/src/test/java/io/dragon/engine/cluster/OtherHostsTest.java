package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RegisterPoolEncoder;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.node.HostAddress;
import io.dragon.engine.transfer.RouteView;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Node agents of several hosts, all on this one, with a real master. */
final class OtherHostsTest {
    private final Scratch scratch = new Scratch();
    private final ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();

    @AfterEach
    void after() {
        scratch.close();
    }

    private MasterNode master() {
        return scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(scratch.directory().resolve("aeron"))
                .basePort(Scratch.freeBasePort())
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .errorHandler(scratch::onError)));
    }

    private HostAgent agent(final MasterNode master, final String name) {
        return new HostAgent(new HostAgent.Context()
                .dragonDirectory(scratch.directory().resolve(name))
                .name(name)
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)
                .network(new NetworkContext()
                        .probePort(0)
                        .secret("a secret of sixteen bytes".getBytes())
                        .log(said::add)
                        .interfaces(() -> List.of(new HostAddress("lo", InetAddress.getLoopbackAddress(), 8))))
                .session(TestClient.context(scratch, master, Timeouts.ci())
                        .name(name)
                        .host("host-of-" + name)));
    }

    private AgentRunner start(final HostAgent agent) {
        final AgentRunner runner =
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, agent));
        AgentRunner.startOnThread(runner);
        return runner;
    }

    private static boolean isUp(final HostAgent agent, final int others) {
        return agent.otherHosts().links().stream()
                        .filter(link -> link.state() == LinkState.UP && link.roundTripNs() > 0)
                        .count()
                == others;
    }

    @Test
    void shouldMeetTheOtherHostsAndKnowWhereTheirPoolsAre() {
        final MasterNode master = master();
        final HostAgent a = agent(master, "a");
        start(a);
        scratch.await("the first in office", a::isInOffice);
        final HostAgent b = agent(master, "b");
        final AgentRunner ofB = start(b);
        final HostAgent c = agent(master, "c");
        start(c);
        scratch.await("links", () -> isUp(a, 2) && isUp(b, 2) && isUp(c, 2));
        final RouteTable routes = a.otherHosts().routes();
        final int idOfB = routes.routes().values().stream()
                .filter(route -> route.name().equals("b"))
                .findFirst()
                .orElseThrow()
                .nodeId();
        scratch.await("the way to it", () -> routes.nextHop(idOfB) == idOfB);
        assertEquals("127.0.0.1", routes.address(idOfB));
        assertEquals(0, routes.port(idOfB), "it takes part in no transfer");
        assertFalse(routes.isDead(idOfB));

        final long poolId = 0x7766_5544_3322_1100L;
        assertEquals(RouteView.UNKNOWN, routes.nodeOf(poolId));
        scratch.await("that nobody has it", () -> routes.nodeOf(poolId) == RouteView.NOWHERE);
        register(master, poolId, "host-of-b");
        scratch.await("that b has it", () -> routes.nodeOf(poolId) == idOfB);

        final long version = routes.version();
        ofB.close();
        // down, or on a machine that stood still meanwhile at once away with the host
        scratch.await("the end of the link", () -> a.otherHosts().links().stream()
                .noneMatch(link -> link.nodeId() == idOfB && link.state() != LinkState.DOWN));
        scratch.await("its death", () -> routes.isDead(idOfB));
        assertTrue(routes.version() > version);
        assertEquals(idOfB, routes.nodeOf(poolId), "its place does not change");
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    @Test
    void shouldOpenNoPortWhileItIsAlone() {
        final MasterNode master = master();
        final HostAgent alone = agent(master, "alone");
        start(alone);
        scratch.await("to be in office", alone::isInOffice);
        scratch.await(
                "the masters' answer",
                () -> alone.otherHosts().routes().routes().size() == 1);
        assertTrue(alone.otherHosts().links().isEmpty());
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("host-network")));
    }

    private void register(final MasterNode master, final long poolId, final String host) {
        final ClusterSession session = new ClusterSession(
                TestClient.context(scratch, master, Timeouts.ci()).name("owner").host(host));
        final PartyListener owner = new PartyListener() {
            @Override
            public void onRegistered(final Party party) {
                final RegisterPoolEncoder registerPool = new RegisterPoolEncoder();
                registerPool
                        .wrapAndApplyHeader(party.scratch(), 0, new MessageHeaderEncoder())
                        .poolId(poolId)
                        .slotCount(4)
                        .slotLength(4_096);
                party.offer(MessageHeaderEncoder.ENCODED_LENGTH + registerPool.encodedLength());
            }

            @Override
            public void onFenced(final Party party) {}

            @Override
            public void onEvent(
                    final Party party,
                    final int templateId,
                    final DirectBuffer buffer,
                    final int offset,
                    final int length) {}
        };
        session.register(PartyKind.CLIENT, "owner", new PartyOptions(), owner);
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, session)));
    }
}
