package io.dragon.engine.client;

import io.dragon.codecs.control.CamerasAllocatedDecoder;
import io.dragon.codecs.control.RoutesOptimizedDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.config.DragonException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/** What the client's user asks of the whole cluster: how it is, the ways, the cameras' nodes, a snapshot. Any thread but the agent's. */
final class ClusterView {
    private static final int ATTEMPTS = 3;
    private static final long SNAPSHOT_LOOK_NS = 20_000_000;

    /** A dead worker is missed for so long: whoever lost one sees it for a working pause, and nobody sees it for ever. */
    static final long MISSED_MILLIS = 3_600_000;

    private final DragonClient client;
    private final ClientAgent agent;
    private final ClientState state;
    private final ClientCommandProxy proxy;
    private final Health.Thresholds thresholds;
    private final Duration timeout;
    private final StatusPages pages;
    private final NodeReasons nodeReasons = new NodeReasons();

    ClusterView(
            final DragonClient client,
            final ClientAgent agent,
            final ClientState state,
            final ClientCommandProxy proxy,
            final ClientContext ctx) {
        this.proxy = proxy;
        this.client = client;
        this.agent = agent;
        this.state = state;
        this.thresholds = ctx.thresholds();
        this.timeout = ctx.submitTimeout();
        this.pages = new StatusPages(client, agent, state, timeout);
    }

    List<Incident> incidents(final long afterNumber) {
        return pages.incidents(afterNumber);
    }

    Statistics statistics() {
        return pages.statistics(expected(pages.workers()), pages.nodes());
    }

    Health health() {
        if (!state.connected) {
            return Health.unreachable(agent.session().state());
        }
        try {
            return status(List.of()).health();
        } catch (final DragonException ex) {
            return Health.unreachable(ex.getMessage());
        }
    }

    ClusterStatus status() {
        return status(pages.cameras());
    }

    private ClusterStatus status(final List<ClusterStatus.Camera> cameras) {
        final List<ClusterStatus.Worker> workers = pages.workers();
        final List<ClusterStatus.Node> nodes = pages.nodes();
        final Statistics statistics = pages.statistics(expected(workers), nodes);
        final StatusPages.Masters masters = pages.masters();
        final List<ClusterStatus.Supervised> supervised = pages.supervised(nodes);
        final List<ClusterStatus.Link> links = pages.links(nodes);
        return new ClusterStatus(
                Health.of(statistics, thresholds, masters.all, workers, nodes, supervised, changes(nodes, links)),
                statistics,
                new ClusterStatus.Leadership(masters.leaderMemberId, masters.term),
                masters.all,
                workers,
                nodes,
                cameras,
                supervised,
                links);
    }

    /** What is not as it was, or as it should be, between the nodes. */
    private List<String> changes(final List<ClusterStatus.Node> nodes, final List<ClusterStatus.Link> links) {
        final List<String> changes =
                new ArrayList<>(LinkReasons.of(links, nodes, thresholds.degradedRoundTripMillis()));
        changes.addAll(nodeReasons.lostDatagrams(nodes));
        return changes;
    }

    NetworkTopology optimizeNetworkTopology() {
        return asked(this::optimize);
    }

    private NetworkTopology optimize() {
        final Answer<List<NetworkTopology>> reply = new Answer<>(new ArrayList<>()) {
            private final RoutesOptimizedDecoder decoder = new RoutesOptimizedDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id == RoutesOptimizedDecoder.TEMPLATE_ID) {
                    decoder.wrapAndApplyHeader(buffer, offset, header);
                    content.add(new NetworkTopology(
                            (int) decoder.nodes(),
                            (int) decoder.changed(),
                            (int) decoder.relayed(),
                            (int) decoder.unreachable(),
                            decoder.version()));
                    onEnd(true);
                }
            }
        };
        final ClientCommandProxy.Request request = new ClientCommandProxy.Request(Map.of(), reply);
        client.awaitTrue(() -> proxy.tryRequest(request), timeout);
        return reply.await(client, agent, "computing the routes", timeout).get(0);
    }

    /** Asking again changes nothing, and only the answer may have been lost. */
    private <T> T asked(final Supplier<T> question) {
        client.checkMayBlock();
        for (int attempt = 1; ; attempt++) {
            try {
                return question.get();
            } catch (final DragonException ex) {
                if (attempt == ATTEMPTS || Thread.currentThread().isInterrupted()) {
                    throw ex;
                }
            }
        }
    }

    long takeSnapshot(final Duration most) {
        final long deadlineNs = System.nanoTime() + most.toNanos();
        final long before = pages.masters().snapshotPosition;
        final AtomicReference<String> answer = new AtomicReference<>();
        agent.call(() -> agent.session().requestSnapshot(answer::set));
        if (!client.awaitTrue(() -> answer.get() != null, most)) {
            throw new DragonException(
                    DragonException.TIMED_OUT,
                    "No master answered within " + seconds(most) + " s whether it takes a snapshot: "
                            + agent.session().state() + ".");
        }
        if (!answer.get().isEmpty()) {
            throw new DragonException("No snapshot was taken: " + answer.get() + ".");
        }
        long position = pages.masters().snapshotPosition;
        while (position <= before) {
            final long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0) {
                throw new DragonException(
                        DragonException.TIMED_OUT,
                        "A snapshot was begun and has not ended within " + seconds(most)
                                + " s: look at the log of the leading master.");
            }
            LockSupport.parkNanos(Math.min(SNAPSHOT_LOOK_NS, leftNs));
            position = pages.masters().snapshotPosition;
        }
        return position;
    }

    private static String seconds(final Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1_000.0);
    }

    Map<Integer, Integer> allocateCameras(final Map<Integer, Integer> pairs) {
        client.checkMayBlock();
        if (pairs.size() > Commands.MAX_ALLOCATION) {
            throw new DragonException("cameras are allocated at most " + Commands.MAX_ALLOCATION
                    + " at a time, and these are " + pairs.size());
        }
        return pairs.isEmpty() ? Map.of() : asked(() -> allocate(pairs));
    }

    private Map<Integer, Integer> allocate(final Map<Integer, Integer> pairs) {
        final Answer<Map<Integer, Integer>> reply = new Answer<>(new TreeMap<>()) {
            private final CamerasAllocatedDecoder decoder = new CamerasAllocatedDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id == CamerasAllocatedDecoder.TEMPLATE_ID) {
                    for (final var camera :
                            decoder.wrapAndApplyHeader(buffer, offset, header).cameras()) {
                        content.put((int) camera.cameraId(), (int) camera.nodeId());
                    }
                    onEnd(true);
                }
            }
        };
        final ClientCommandProxy.Request allocation = new ClientCommandProxy.Request(new TreeMap<>(pairs), reply);
        client.awaitTrue(() -> proxy.tryRequest(allocation), timeout);
        return reply.await(client, agent, "allocating cameras", timeout);
    }

    /** The workers that should be there: not those that left in order, nor those dead for so long that none will come back. */
    static int expected(final List<ClusterStatus.Worker> workers) {
        int count = 0;
        for (final ClusterStatus.Worker worker : workers) {
            final boolean isGone = worker.state() == WorkerState.LEFT
                    || (worker.state() == WorkerState.DEAD && worker.silentMillis() > MISSED_MILLIS);
            count += isGone ? 0 : 1;
        }
        return count;
    }

    /** The pool of a living camera; 0 when there is none of that name. */
    long cameraPool(final String name) {
        for (final ClusterStatus.Camera camera : pages.cameras()) {
            if (camera.name().equals(name)) {
                return camera.poolId();
            }
        }
        return 0;
    }
}
