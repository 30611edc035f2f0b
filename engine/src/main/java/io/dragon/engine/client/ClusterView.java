package io.dragon.engine.client;

import io.dragon.codecs.control.CameraPageDecoder;
import io.dragon.codecs.control.CamerasAllocatedDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.StatusSummaryDecoder;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.cluster.ReplyListener;
import io.dragon.engine.config.DragonException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;

/** Asks the sequencer for what there is to see. Any thread but the agent's. */
final class ClusterView {
    private static final int SUMMARY = 0;
    private static final int WORKERS = 1;
    private static final int NODES = 2;
    private static final int CAMERAS = 3;
    private static final double NANOS_PER_MILLI = 1e6;

    /** A dead worker is missed for so long: whoever lost one sees it for a working pause, and nobody sees it for ever. */
    private static final long MISSED_MILLIS = 3_600_000;

    private final DragonClient client;
    private final ClientAgent agent;
    private final ClientState state;
    private final ClientCommandProxy proxy;
    private final Health.Thresholds thresholds;
    private final Duration timeout;

    ClusterView(
            final DragonClient client,
            final ClientAgent agent,
            final ClientState state,
            final ClientCommandProxy proxy,
            final DragonClient.Context ctx) {
        this.proxy = proxy;
        this.client = client;
        this.agent = agent;
        this.state = state;
        this.thresholds = ctx.thresholds();
        this.timeout = ctx.submitTimeout();
    }

    Statistics statistics() {
        return statistics(expected(workers()));
    }

    Health health() {
        if (!state.connected) {
            return Health.unreachable(agent.session().state());
        }
        try {
            return Health.of(statistics(), thresholds);
        } catch (final DragonException ex) {
            return Health.unreachable(ex.getMessage());
        }
    }

    ClusterStatus status() {
        final List<ClusterStatus.Worker> workers = workers();
        final Statistics statistics = statistics(expected(workers));
        return new ClusterStatus(Health.of(statistics, thresholds), statistics, workers, nodes(), cameras());
    }

    Map<Integer, Integer> allocateCameras(final Map<Integer, Integer> pairs) {
        client.checkMayBlock();
        if (pairs.size() > Commands.MAX_ALLOCATION) {
            throw new DragonException("cameras are allocated at most " + Commands.MAX_ALLOCATION
                    + " at a time, and these are " + pairs.size());
        }
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
        final ClientCommandProxy.Allocation allocation = new ClientCommandProxy.Allocation(new TreeMap<>(pairs), reply);
        client.awaitTrue(() -> proxy.tryAllocateCameras(allocation), timeout);
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

    private Statistics statistics(final int totalWorkers) {
        final Pages<List<Statistics>> reply = new Pages<>(new ArrayList<>()) {
            private final StatusSummaryDecoder decoder = new StatusSummaryDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id == StatusSummaryDecoder.TEMPLATE_ID) {
                    content.add(decode(decoder.wrapAndApplyHeader(buffer, offset, header), totalWorkers));
                }
            }
        };
        return ask(SUMMARY, reply).get(0);
    }

    private Statistics decode(final StatusSummaryDecoder from, final int totalWorkers) {
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
                new Statistics.Pipeline(from.framesAccepted(), from.bytesAccepted(), 1, 0),
                unserved(from));
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
                    final String name = worker.name();
                    final String device = worker.device();
                    content.add(new ClusterStatus.Worker(
                            (int) worker.partyId(),
                            (int) worker.incarnation(),
                            name,
                            device,
                            (int) worker.nodeId(),
                            worker.processId(),
                            worker.state(),
                            worker.assigned(),
                            worker.window(),
                            worker.completed(),
                            worker.failed(),
                            worker.meanExecutionNs() / NANOS_PER_MILLI,
                            worker.freeBytes(),
                            worker.silentMs()));
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
                    final String name = node.name();
                    final String host = node.host();
                    content.add(new ClusterStatus.Node(
                            (int) node.partyId(),
                            (int) node.incarnation(),
                            name,
                            host,
                            node.state(),
                            node.workers(),
                            node.cameras(),
                            node.silentMs()));
                }
            }
        };
        return ask(NODES, reply);
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
                            (int) camera.lastWorkerId()));
                }
            }
        };
        return ask(CAMERAS, reply);
    }

    private <T> T ask(final int section, final Pages<T> reply) {
        client.checkMayBlock();
        agent.call(() -> agent.session().query(section, reply));
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
