package io.dragon.engine.client;

import io.dragon.codecs.control.CameraPageDecoder;
import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentPageDecoder;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.LinkPageDecoder;
import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.MasterPageDecoder;
import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.StatusSummaryDecoder;
import io.dragon.codecs.control.SupervisedPageDecoder;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.codecs.control.WorkerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.agrona.DirectBuffer;

/** Asks the sequencer for its status, section by section, and reads the pages that it answers with. Any thread but the agent's. */
final class StatusPages {
    private static final int SUMMARY = 0;
    private static final int WORKERS = 1;
    private static final int NODES = 2;
    private static final int CAMERAS = 3;
    private static final int INCIDENTS = 4;
    private static final int SUPERVISED = 5;
    private static final int MASTERS = 6;
    private static final int LINKS = 7;
    private static final double NANOS_PER_MILLI = 1e6;

    private static final long MOST_NUMBER = 0xFFFF_FFFEL;

    private final DragonClient client;
    private final ClientAgent agent;
    private final ClientState state;
    private final Duration timeout;

    StatusPages(final DragonClient client, final ClientAgent agent, final ClientState state, final Duration timeout) {
        this.client = client;
        this.agent = agent;
        this.state = state;
        this.timeout = timeout;
    }

    Statistics statistics(final int totalWorkers, final List<ClusterStatus.Node> nodes) {
        final Answer<List<Statistics>> reply = new Answer<>(new ArrayList<>()) {
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

    List<ClusterStatus.Worker> workers() {
        final Answer<List<ClusterStatus.Worker>> reply = new Answer<>(new ArrayList<>()) {
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

    List<ClusterStatus.Node> nodes() {
        final Answer<List<ClusterStatus.Node>> reply = new Answer<>(new ArrayList<>()) {
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

    List<ClusterStatus.Camera> cameras() {
        final Answer<List<ClusterStatus.Camera>> reply = new Answer<>(new ArrayList<>()) {
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

    Masters masters() {
        final Answer<Masters> reply = new Answer<>(new Masters()) {
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

    List<ClusterStatus.Link> links(final List<ClusterStatus.Node> nodes) {
        final Map<Integer, String> names = new TreeMap<>();
        nodes.forEach(node -> names.put(node.id(), node.name()));
        final Answer<List<ClusterStatus.Link>> reply = new Answer<>(new ArrayList<>()) {
            private final LinkPageDecoder decoder = new LinkPageDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id == LinkPageDecoder.TEMPLATE_ID) {
                    decoder.wrapAndApplyHeader(buffer, offset, header)
                            .links()
                            .forEach(link -> content.add(StatusPages.decode(link, names)));
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

    List<Incident> incidents(final long afterNumber) {
        final Answer<List<Incident>> reply = new Answer<>(new ArrayList<>()) {
            private final IncidentPageDecoder decoder = new IncidentPageDecoder();

            @Override
            public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                if (id == IncidentPageDecoder.TEMPLATE_ID) {
                    decoder.wrapAndApplyHeader(buffer, offset, header)
                            .incidents()
                            .forEach(incident -> content.add(StatusPages.decode(incident)));
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

    List<ClusterStatus.Supervised> supervised(final List<ClusterStatus.Node> nodes) {
        final Map<Integer, ClusterStatus.Node> byId = new TreeMap<>();
        nodes.forEach(node -> byId.put(node.id(), node));
        final Answer<List<ClusterStatus.Supervised>> reply = new Answer<>(new ArrayList<>()) {
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

    private <T> T ask(final int section, final Answer<T> reply) {
        return ask(section, 0, reply);
    }

    private <T> T ask(final int section, final long after, final Answer<T> reply) {
        client.checkMayBlock();
        agent.call(() -> agent.session().query(section, after, reply));
        return reply.await(client, agent, "a look at the cluster", timeout);
    }

    /** The masters and their last snapshot. */
    static final class Masters {
        final List<ClusterStatus.Master> all = new ArrayList<>();
        int leaderMemberId;
        long term;
        long snapshotPosition;
    }
}
