package io.dragon.engine.client;

import io.dragon.codecs.control.CameraPageDecoder;
import io.dragon.codecs.control.CamerasAllocatedDecoder;
import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentPageDecoder;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.LinkPageDecoder;
import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.MasterPageDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RoutesOptimizedDecoder;
import io.dragon.codecs.control.StatusSummaryDecoder;
import io.dragon.codecs.control.SupervisedPageDecoder;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.cluster.ReplyListener;
import io.dragon.engine.config.DragonException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.agrona.DirectBuffer;

/** Asks the sequencer for what there is to see. Any thread but the agent's. */
final class ClusterView {
    private static final int ATTEMPTS = 3;
    private static final int SUMMARY = 0;
    private static final int WORKERS = 1;
    private static final int NODES = 2;
    private static final int CAMERAS = 3;
    private static final int INCIDENTS = 4;
    private static final int SUPERVISED = 5;
    private static final int MASTERS = 6;
    private static final int LINKS = 7;
    private static final long SNAPSHOT_LOOK_NS = 20_000_000;
    private static final double NANOS_PER_MILLI = 1e6;

    private static final long MOST_NUMBER = 0xFFFF_FFFEL;

    /** A dead worker is missed for so long: whoever lost one sees it for a working pause, and nobody sees it for ever. */
    static final long MISSED_MILLIS = 3_600_000;

    private final DragonClient client;
    private final ClientAgent agent;
    private final ClientState state;
    private final ClientCommandProxy proxy;
    private final Health.Thresholds thresholds;
    private final Duration timeout;
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
    }

    Statistics statistics() {
        return statistics(expected(workers()), nodes());
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
        return status(cameras());
    }

    private ClusterStatus status(final List<ClusterStatus.Camera> cameras) {
        final List<ClusterStatus.Worker> workers = workers();
        final List<ClusterStatus.Node> nodes = nodes();
        final Statistics statistics = statistics(expected(workers), nodes);
        final MasterSection masters = masters();
        final List<ClusterStatus.Supervised> supervised = supervised(nodes);
        final List<ClusterStatus.Link> links = links(nodes);
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

    private List<ClusterStatus.Link> links(final List<ClusterStatus.Node> nodes) {
        final Map<Integer, String> names = new TreeMap<>();
        nodes.forEach(node -> names.put(node.id(), node.name()));
        final Pages<List<ClusterStatus.Link>> reply = new Pages<>(new ArrayList<>()) {
            private final LinkPageDecoder decoder = new LinkPageDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id == LinkPageDecoder.TEMPLATE_ID) {
                    decoder.wrapAndApplyHeader(buffer, offset, header)
                            .links()
                            .forEach(link -> content.add(ClusterView.decode(link, names)));
                }
            }
        };
        return nodes.size() < 2 ? List.of() : ask(LINKS, 0, reply);
    }

    private static ClusterStatus.Link decode(
            final LinkPageDecoder.LinksDecoder from, final Map<Integer, String> names) {
        return new ClusterStatus.Link(
                (int) from.fromNodeId(),
                names.getOrDefault((int) from.fromNodeId(), ""),
                (int) from.toNodeId(),
                names.getOrDefault((int) from.toNodeId(), ""),
                known(LinkState.values(), LinkState::value, from.stateRaw()),
                from.lossPermille() / 1_000.0,
                from.roundTripNs() / NANOS_PER_MILLI,
                from.bytesPerSecond(),
                (int) from.nextHopId(),
                names.getOrDefault((int) from.nextHopId(), ""),
                from.routeLatencyNs() / NANOS_PER_MILLI,
                from.sinceMs(),
                from.spikeNs() / NANOS_PER_MILLI,
                from.usualNs() / NANOS_PER_MILLI);
    }

    NetworkTopology optimizeNetworkTopology() {
        return asked(this::optimize);
    }

    private NetworkTopology optimize() {
        final Pages<List<NetworkTopology>> reply = new Pages<>(new ArrayList<>()) {
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
        return reply.await("computing the routes").get(0);
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

    List<Incident> incidents(final long afterNumber) {
        final Pages<List<Incident>> reply = new Pages<>(new ArrayList<>()) {
            private final IncidentPageDecoder decoder = new IncidentPageDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id == IncidentPageDecoder.TEMPLATE_ID) {
                    decoder.wrapAndApplyHeader(buffer, offset, header)
                            .incidents()
                            .forEach(incident -> content.add(ClusterView.decode(incident)));
                }
            }
        };
        return ask(INCIDENTS, Math.min(MOST_NUMBER, Math.max(0, afterNumber)), reply);
    }

    private static Incident decode(final IncidentPageDecoder.IncidentsDecoder from) {
        return new Incident(
                from.number(),
                from.timeMs(),
                from.lastMs(),
                known(IncidentKind.values(), IncidentKind::value, from.kindRaw()),
                known(IncidentRule.values(), IncidentRule::value, from.ruleRaw()),
                known(PartyKind.values(), PartyKind::value, from.subjectKindRaw()),
                (int) from.subjectId(),
                from.name(),
                from.detectedMs(),
                from.moved(),
                from.retried(),
                from.repeated(),
                from.text());
    }

    /** Later masters may know more than this program does: null then. */
    private static <T> T known(final T[] values, final ToIntFunction<T> value, final int raw) {
        for (int i = 0; i < values.length - 1; i++) { // the last is the null value
            if (value.applyAsInt(values[i]) == raw) {
                return values[i];
            }
        }
        return null;
    }

    private List<ClusterStatus.Supervised> supervised(final List<ClusterStatus.Node> nodes) {
        final Map<Integer, ClusterStatus.Node> byId = new TreeMap<>();
        nodes.forEach(node -> byId.put(node.id(), node));
        final Pages<List<ClusterStatus.Supervised>> reply = new Pages<>(new ArrayList<>()) {
            private final SupervisedPageDecoder decoder = new SupervisedPageDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id == SupervisedPageDecoder.TEMPLATE_ID) {
                    for (final var process :
                            decoder.wrapAndApplyHeader(buffer, offset, header).processes()) {
                        final ClusterStatus.Node node = byId.get((int) process.nodeId());
                        content.add(new ClusterStatus.Supervised(
                                (int) process.nodeId(),
                                node == null ? "" : node.name(),
                                node != null && node.state() == WorkerState.ALIVE,
                                process.name(),
                                known(SupervisedState.values(), SupervisedState::value, process.stateRaw()),
                                process.restarts(),
                                process.waitMs(),
                                process.processId(),
                                process.sinceMs(),
                                process.text()));
                    }
                }
            }
        };
        return ask(SUPERVISED, 0, reply);
    }

    private static final class MasterSection {
        private final List<ClusterStatus.Master> all = new ArrayList<>();
        private int leaderMemberId;
        private long term;
        private long snapshotPosition;
    }

    long takeSnapshot(final Duration most) {
        final long deadlineNs = System.nanoTime() + most.toNanos();
        final long before = masters().snapshotPosition;
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
        long position = masters().snapshotPosition;
        while (position <= before) {
            final long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0) {
                throw new DragonException(
                        DragonException.TIMED_OUT,
                        "A snapshot was begun and has not ended within " + seconds(most)
                                + " s: look at the log of the leading master.");
            }
            LockSupport.parkNanos(Math.min(SNAPSHOT_LOOK_NS, leftNs));
            position = masters().snapshotPosition;
        }
        return position;
    }

    private static String seconds(final Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1_000.0);
    }

    private MasterSection masters() {
        final Pages<MasterSection> reply = new Pages<>(new MasterSection()) {
            private final MasterPageDecoder decoder = new MasterPageDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id != MasterPageDecoder.TEMPLATE_ID) {
                    return;
                }
                decoder.wrapAndApplyHeader(buffer, offset, header);
                content.leaderMemberId = (int) decoder.leaderMemberId();
                content.term = decoder.leadershipTermId();
                content.snapshotPosition = decoder.snapshotPosition();
                for (final var master : decoder.masters()) {
                    final boolean isNumbered =
                            master.memberId() != MasterPageDecoder.MastersDecoder.memberIdNullValue();
                    final int memberId = isNumbered ? (int) master.memberId() : -1;
                    content.all.add(new ClusterStatus.Master(
                            (int) master.partyId(),
                            (int) master.incarnation(),
                            memberId,
                            master.name(),
                            master.host(),
                            master.state(),
                            memberId == content.leaderMemberId && master.state() == WorkerState.ALIVE,
                            master.processId(),
                            master.position(),
                            master.silentMs()));
                }
            }
        };
        return ask(MASTERS, 0, reply);
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
        final Pages<Map<Integer, Integer>> reply = new Pages<>(new TreeMap<>()) {
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
        return reply.await("allocating cameras");
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

    private Statistics statistics(final int totalWorkers, final List<ClusterStatus.Node> nodes) {
        final Pages<List<Statistics>> reply = new Pages<>(new ArrayList<>()) {
            private final StatusSummaryDecoder decoder = new StatusSummaryDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id == StatusSummaryDecoder.TEMPLATE_ID) {
                    content.add(decode(decoder.wrapAndApplyHeader(buffer, offset, header), totalWorkers, nodes));
                }
            }
        };
        return ask(SUMMARY, reply).get(0);
    }

    private Statistics decode(
            final StatusSummaryDecoder from, final int totalWorkers, final List<ClusterStatus.Node> nodes) {
        final Map<String, Long> unserved = unserved(from); // before what follows it in the message
        final Map<Reason, Long> ends = ends(from);
        return new Statistics(
                from.tasksSubmitted(),
                from.tasksCompleted(),
                from.tasksFailed(),
                from.tasksCancelled(),
                from.tasksExpired(),
                from.tasksRetried(),
                from.tasksReassigned(),
                from.tasksAbandoned(),
                from.completionsIgnored(),
                from.tasksWaiting(),
                from.tasksReady(),
                from.tasksAssigned(),
                (int) from.workersAlive(),
                (int) from.workersBusy(),
                totalWorkers,
                from.meanExecutionNs() / NANOS_PER_MILLI,
                state.latencyNs.get() / NANOS_PER_MILLI,
                from.tasksFailed() + from.tasksExpired() + from.refusals(),
                from.framesAccepted(),
                from.framesRefused(),
                from.bytesAccepted(),
                from.commands(),
                from.refusals(),
                NodeFacts.pipeline(from.framesAccepted(), from.bytesAccepted(), nodes),
                from.tasksSplit(),
                (int) from.workersDrained(),
                from.incidents(),
                ends,
                unserved,
                from.recentCompleted(),
                from.recentFailed());
    }

    private static Map<Reason, Long> ends(final StatusSummaryDecoder from) {
        final Map<Reason, Long> tasks = new EnumMap<>(Reason.class);
        for (final StatusSummaryDecoder.EndsDecoder end : from.ends()) {
            final Reason reason = known(Reason.values(), Reason::value, end.reasonRaw());
            if (reason != null) {
                tasks.put(reason, end.tasks());
            }
        }
        return Collections.unmodifiableMap(tasks);
    }

    private static Map<String, Long> unserved(final StatusSummaryDecoder from) {
        final Map<String, Long> tasks = new TreeMap<>();
        for (final StatusSummaryDecoder.UnservedDecoder type : from.unserved()) {
            final long count = type.tasks();
            tasks.put(type.taskType(), count);
        }
        return Collections.unmodifiableMap(tasks);
    }

    private List<ClusterStatus.Worker> workers() {
        final Pages<List<ClusterStatus.Worker>> reply = new Pages<>(new ArrayList<>()) {
            private final WorkerPageDecoder decoder = new WorkerPageDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id != WorkerPageDecoder.TEMPLATE_ID) {
                    return;
                }
                for (final var worker :
                        decoder.wrapAndApplyHeader(buffer, offset, header).workers()) {
                    content.add(WorkerFacts.decode(worker));
                }
            }
        };
        return ask(WORKERS, reply);
    }

    private List<ClusterStatus.Node> nodes() {
        final Pages<List<ClusterStatus.Node>> reply = new Pages<>(new ArrayList<>()) {
            private final NodePageDecoder decoder = new NodePageDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id != NodePageDecoder.TEMPLATE_ID) {
                    return;
                }
                for (final var node :
                        decoder.wrapAndApplyHeader(buffer, offset, header).nodes()) {
                    content.add(NodeFacts.decode(node));
                }
            }
        };
        return ask(NODES, reply);
    }

    /** The pool of a living camera; 0 when there is none of that name. */
    long cameraPool(final String name) {
        for (final ClusterStatus.Camera camera : cameras()) {
            if (camera.name().equals(name)) {
                return camera.poolId();
            }
        }
        return 0;
    }

    private List<ClusterStatus.Camera> cameras() {
        final Pages<List<ClusterStatus.Camera>> reply = new Pages<>(new ArrayList<>()) {
            private final CameraPageDecoder decoder = new CameraPageDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id != CameraPageDecoder.TEMPLATE_ID) {
                    return;
                }
                for (final var camera :
                        decoder.wrapAndApplyHeader(buffer, offset, header).cameras()) {
                    content.add(new ClusterStatus.Camera(
                            (int) camera.partyId(),
                            (int) camera.incarnation(),
                            camera.name(),
                            camera.state(),
                            (int) camera.nodeId(),
                            (int) camera.allocatedNodeId(),
                            camera.framesAccepted(),
                            camera.framesRefused(),
                            camera.dropped(),
                            camera.lastStep(),
                            (int) camera.lastWorkerId(),
                            camera.poolId()));
                }
            }
        };
        return ask(CAMERAS, reply);
    }

    private <T> T ask(final int section, final Pages<T> reply) {
        return ask(section, 0, reply);
    }

    private <T> T ask(final int section, final long after, final Pages<T> reply) {
        client.checkMayBlock();
        agent.call(() -> agent.session().query(section, after, reply));
        return reply.await("a look at the cluster");
    }

    /** Collects what comes; read by the asking thread once {@code ended} says so. */
    private abstract class Pages<T> implements ReplyListener {
        final MessageHeaderDecoder header = new MessageHeaderDecoder();
        final T content;
        private volatile boolean ended;
        private volatile boolean complete;

        Pages(final T content) {
            this.content = content;
        }

        @Override
        public void onEnd(final boolean all) {
            if (!ended) {
                complete = all;
                ended = true;
            }
        }

        T await(final String what) {
            if (!client.awaitTrue(() -> ended, timeout) || !complete) {
                throw new DragonException(
                        DragonException.TIMED_OUT,
                        "no master answered " + what + ": " + agent.session().state());
            }
            return content;
        }
    }
}
