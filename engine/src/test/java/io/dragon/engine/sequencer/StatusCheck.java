package io.dragon.engine.sequencer;

import static io.dragon.engine.sequencer.Invariants.that;

import io.dragon.codecs.control.CameraPageDecoder;
import io.dragon.codecs.control.IncidentPageDecoder;
import io.dragon.codecs.control.LinkPageDecoder;
import io.dragon.codecs.control.MasterPageDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.StatusQueryDecoder;
import io.dragon.codecs.control.StatusSummaryDecoder;
import io.dragon.codecs.control.SupervisedPageDecoder;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.codecs.control.WorkerState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Holds the answer to a status query to the state: every entry, in order, none left out, more only where more follows. */
final class StatusCheck {
    static final int SECTIONS = 8;

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final StatusQueryDecoder query = new StatusQueryDecoder();

    void check(final LogEntry entry, final Core core) {
        query.wrapAndApplyHeader(entry.buffer, 0, header);
        Event reply = null;
        for (final Event each : entry.out) {
            if (each.template > StatusQueryDecoder.TEMPLATE_ID) {
                that(reply == null, "status: one answer");
                reply = each;
            }
        }
        that(reply != null, "status: an answer");
        that(reply.buffer.capacity() <= Sequencer.MAX_MESSAGE_LENGTH, "status: fits a message");
        that(reply.buffer.getLong(MessageHeaderDecoder.ENCODED_LENGTH) == query.correlationId(), "status: correlation");
        final long after = query.afterId();
        switch (query.section()) {
            case 1 -> workers(reply, after, core);
            case 2 -> nodes(reply, after, core);
            case 3 -> cameras(reply, after, core);
            case 4 -> incidents(reply, after, core);
            case 5 -> supervised(reply, after, core);
            case 6 -> masters(reply, after, core);
            case 7 -> links(reply, after, core);
            default -> summary(reply, core);
        }
    }

    private static void page(final int shown, final int hasMore, final int all) {
        that(shown <= all && hasMore == (shown < all ? 1 : 0), "status: more only where more follows");
        that(shown > 0 || all == 0, "status: a page is not empty");
    }

    private static List<Party> expected(final Core core, final int kind, final long after) {
        final List<Party> parties = new ArrayList<>();
        for (final Party party : core.parties.all) {
            if (party.kind == kind && Integer.toUnsignedLong(party.id) > after) {
                parties.add(party);
            }
        }
        return parties;
    }

    private static WorkerState state(final Party party) {
        if (!party.isAlive) {
            return party.hasLeft ? WorkerState.LEFT : WorkerState.DEAD;
        }
        if (party.suspect) {
            return WorkerState.SUSPECT;
        }
        return party.isUnfit() ? WorkerState.UNFIT : party.drained ? WorkerState.DRAINED : WorkerState.ALIVE;
    }

    private void summary(final Event reply, final Core core) {
        that(reply.is(StatusSummaryDecoder.TEMPLATE_ID), "status: a summary");
        final StatusSummaryDecoder told = new StatusSummaryDecoder().wrapAndApplyHeader(reply.buffer, 0, header);
        final long[] counters = core.counters;
        final long ended = told.tasksCompleted() + told.tasksFailed() + told.tasksCancelled() + told.tasksExpired();
        that(
                told.tasksSubmitted() == ended + told.tasksWaiting() + told.tasksReady() + told.tasksAssigned(),
                "status: the totals add up");
        that(
                told.tasksSubmitted() == counters[Counters.SUBMITTED]
                        && told.tasksCompleted() == counters[Counters.COMPLETED]
                        && told.commands() == counters[Counters.COMMANDS]
                        && told.incidents() == core.incidents.newest(),
                "status: the totals");
        int alive = 0;
        int drained = 0;
        for (final Party party : core.parties.all) {
            alive += party.kind == Party.WORKER && party.isAlive ? 1 : 0;
            drained += party.drained ? 1 : 0;
        }
        that(told.workersAlive() == alive && told.workersDrained() == drained, "status: the workers");
        told.unserved().forEach(each -> {
            final String type = each.taskType();
            that(
                    core.types.all.stream()
                            .anyMatch(known -> known.name.equals(type)
                                    && known.usable == 0
                                    && known.queued + known.parked.size == each.tasks()),
                    "status: types without a worker");
        });
        final long[] ends = {0};
        told.ends().forEach(each -> {
            that(each.reason() != Reason.NONE, "status: reasons of ends");
            ends[0] += each.tasks();
        });
        that(ends[0] == ended - told.tasksCompleted(), "status: each end has a reason");
    }

    private void workers(final Event reply, final long after, final Core core) {
        that(reply.is(WorkerPageDecoder.TEMPLATE_ID), "status: workers");
        final WorkerPageDecoder told = new WorkerPageDecoder().wrapAndApplyHeader(reply.buffer, 0, header);
        final List<Party> parties = expected(core, Party.WORKER, after);
        final int more = told.hasMore();
        int shown = 0;
        for (final WorkerPageDecoder.WorkersDecoder each : told.workers()) {
            final Party worker = parties.get(shown++);
            that(
                    each.partyId() == worker.id
                            && each.incarnation() == worker.incarnation
                            && each.nodeId() == worker.nodeId
                            && each.state() == state(worker)
                            && each.assigned() == worker.assigned.size
                            && each.window() == worker.window
                            && each.completed() == worker.completed
                            && each.failed() == worker.failed
                            && each.failuresInARow() == worker.failuresInARow
                            && each.stateForMs() >= 0
                            && each.silentMs() == core.upMs() - worker.heardMs
                            && each.name().equals(worker.name)
                            && each.device().equals(worker.device)
                            && each.deviceText().length() == (worker.told == null ? 0 : worker.told.textLength)
                            && each.deviceStateRaw() == (worker.told == null ? 0 : worker.told.state)
                            && each.temperatureCelsius() == (worker.told == null ? -1 : worker.told.facts[0])
                            && each.eccUncorrected() == (worker.told == null ? -1 : worker.told.facts[7]),
                    "status: a worker");
        }
        page(shown, more, parties.size());
    }

    private void nodes(final Event reply, final long after, final Core core) {
        that(reply.is(NodePageDecoder.TEMPLATE_ID), "status: nodes");
        final NodePageDecoder told = new NodePageDecoder().wrapAndApplyHeader(reply.buffer, 0, header);
        final List<Party> parties = expected(core, Party.NODE, after);
        final int more = told.hasMore();
        int shown = 0;
        for (final NodePageDecoder.NodesDecoder each : told.nodes()) {
            final Party node = parties.get(shown++);
            that(
                    each.partyId() == node.id
                            && each.incarnation() == node.incarnation
                            && each.state() == state(node)
                            && each.workers() + each.cameras() <= core.parties.alive.size()
                            && each.name().equals(node.name)
                            && each.host().equals(node.host)
                            && isAsTold(each, node.nodePlace),
                    "status: a node");
        }
        page(shown, more, parties.size());
    }

    private static boolean isAsTold(final NodePageDecoder.NodesDecoder each, final NodePlace place) {
        final String addresses = each.addresses();
        return place == null
                ? each.cores() == 0 && each.intruders() == -1 && addresses.isEmpty()
                : each.cores() == place.cores
                        && each.memoryBytes() == place.facts[0]
                        && each.framesFetched() == place.facts[NodePlace.FRAMES_FETCHED]
                        && each.intruders() == place.facts[NodePlace.FACTS - 1]
                        && addresses.equals(new String(place.addresses, StandardCharsets.US_ASCII));
    }

    private void links(final Event reply, final long after, final Core core) {
        that(reply.is(LinkPageDecoder.TEMPLATE_ID), "status: links");
        final LinkPageDecoder told = new LinkPageDecoder().wrapAndApplyHeader(reply.buffer, 0, header);
        final List<NodePlace[]> pairs = new ArrayList<>();
        for (final Party from : expected(core, Party.NODE, 0)) {
            for (final Party to : expected(core, Party.NODE, 0)) {
                final boolean isKnown = from != to
                        && from.nodePlace != null
                        && to.nodePlace != null
                        && from.nodePlace.links[to.nodePlace.index] != null
                        && (from.nodePlace.links[to.nodePlace.index].isTold()
                                || from.nodePlace.links[to.nodePlace.index].hop != Link.NONE);
                if (isKnown) {
                    pairs.add(new NodePlace[] {from.nodePlace, to.nodePlace});
                }
            }
        }
        final int more = told.hasMore();
        int shown = (int) Math.min(after, pairs.size());
        for (final LinkPageDecoder.LinksDecoder each : told.links()) {
            final NodePlace[] pair = pairs.get(shown++);
            final Link link = pair[0].links[pair[1].index];
            that(
                    each.fromNodeId() == pair[0].node.id
                            && each.toNodeId() == pair[1].node.id
                            && each.stateRaw() == link.state
                            && each.lossPermille() == link.lossPermille
                            && each.roundTripNs() == link.roundTripNs
                            && each.spikeNs() == link.spikeNs
                            && each.usualNs() == link.usualNs
                            && each.bytesPerSecond() == link.bytesPerSecond
                            && each.nextHopId() == (link.hop == Link.NONE ? 0 : core.topology.places[link.hop].node.id)
                            && each.sinceMs() >= 0,
                    "status: a link");
        }
        that(told.version() == core.routes.version(), "status: version of the routes");
        that(more == (shown < pairs.size() ? 1 : 0), "status: more only where more follows");
    }

    private void cameras(final Event reply, final long after, final Core core) {
        that(reply.is(CameraPageDecoder.TEMPLATE_ID), "status: cameras");
        final CameraPageDecoder told = new CameraPageDecoder().wrapAndApplyHeader(reply.buffer, 0, header);
        final List<Party> parties = expected(core, Party.CAMERA, after);
        final int more = told.hasMore();
        int shown = 0;
        for (final CameraPageDecoder.CamerasDecoder each : told.cameras()) {
            final Party camera = parties.get(shown++);
            that(
                    each.partyId() == camera.id
                            && each.state() == state(camera)
                            && each.allocatedNodeId() == camera.allocatedNodeId
                            && each.framesAccepted() == camera.framesAccepted
                            && each.framesRefused() == camera.framesRefused
                            && each.name().equals(camera.name),
                    "status: a camera");
        }
        page(shown, more, parties.size());
    }

    private void incidents(final Event reply, final long after, final Core core) {
        that(reply.is(IncidentPageDecoder.TEMPLATE_ID), "status: incidents");
        final IncidentPageDecoder told = new IncidentPageDecoder().wrapAndApplyHeader(reply.buffer, 0, header);
        that(told.total() == core.incidents.newest(), "status: all incidents");
        final long first = Math.max(core.incidents.oldest(), after + 1);
        final int more = told.hasMore();
        int shown = 0;
        for (final IncidentPageDecoder.IncidentsDecoder each : told.incidents()) {
            final Incident incident = core.incidents.get(first + shown++);
            that(
                    incident != null
                            && each.number() == incident.number
                            && each.timeMs() == incident.timeMs
                            && each.lastMs() == incident.lastMs
                            && each.kindRaw() == incident.kind
                            && each.ruleRaw() == incident.rule
                            && each.subjectId() == incident.subjectId
                            && each.moved() == incident.moved
                            && each.retried() == incident.retried
                            && each.repeated() == incident.repeated
                            && each.name().equals(incident.name)
                            && each.text().equals(incident.text),
                    "status: an incident");
        }
        page(shown, more, (int) Math.max(0, core.incidents.newest() - first + 1));
    }

    private void supervised(final Event reply, final long after, final Core core) {
        that(reply.is(SupervisedPageDecoder.TEMPLATE_ID), "status: supervised processes");
        final SupervisedPageDecoder told = new SupervisedPageDecoder().wrapAndApplyHeader(reply.buffer, 0, header);
        final List<SupervisedProcess> all = new ArrayList<>(core.supervision.all);
        all.removeIf(process -> process.number <= after);
        final int more = told.hasMore();
        int shown = 0;
        for (final SupervisedPageDecoder.ProcessesDecoder each : told.processes()) {
            final SupervisedProcess process = all.get(shown++);
            that(
                    each.number() == process.number
                            && each.nodeId() == process.node.id
                            && each.state().value() == process.state
                            && each.restarts() == process.restarts
                            && each.sinceMs() >= 0
                            && each.name().equals(process.name)
                            && each.text().equals(process.text)
                            && process.text.getBytes(StandardCharsets.UTF_8).length <= Incidents.MOST_TEXT,
                    "status: a supervised process");
        }
        page(shown, more, all.size());
    }

    private void masters(final Event reply, final long after, final Core core) {
        that(reply.is(MasterPageDecoder.TEMPLATE_ID), "status: masters");
        final MasterPageDecoder told = new MasterPageDecoder().wrapAndApplyHeader(reply.buffer, 0, header);
        that(
                told.leaderMemberId() == core.config.get(Setting.MEMBER_ID)
                        && told.leadershipTermId() == core.config.get(Setting.LEADERSHIP_TERM_ID),
                "status: the leader");
        final List<Party> parties = expected(core, Party.MASTER, after);
        final int more = told.hasMore();
        int shown = 0;
        for (final MasterPageDecoder.MastersDecoder each : told.masters()) {
            final Party master = parties.get(shown++);
            that(
                    each.partyId() == master.id
                            && each.incarnation() == master.incarnation
                            && each.state() == state(master)
                            && each.position() == master.progress
                            && master.name.equals("member-" + each.memberId())
                            && each.name().equals(master.name)
                            && each.host().equals(master.host),
                    "status: a master");
        }
        page(shown, more, parties.size());
    }
}
