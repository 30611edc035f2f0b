package io.dragon.engine.cluster;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PoolPlaceDecoder;
import io.dragon.codecs.control.RoutePageDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.node.Beacons;
import io.dragon.engine.node.HostAddress;
import io.dragon.engine.node.HostLine;
import io.dragon.engine.node.HostNetwork;
import io.dragon.engine.node.HostResources;
import io.dragon.engine.node.LinkView;
import io.dragon.engine.node.NodeReports;
import io.dragon.engine.node.ProbePeer;
import io.dragon.engine.transfer.TransferAgent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NoOpIdleStrategy;

/**
 * A host agent's dealings with other hosts while it is in office: tells the masters of its resources and links, learns from them of
 * the others and the ways to them, tells strangers where the masters are, and owns the threads that probe links and transfer frames.
 * Their ports are opened when there is another node: a system of one host opens none.
 */
final class OtherHosts implements AutoCloseable {
    // Closed when the office is left, it begins anew when it is taken again.

    static final long ROUTES_NS = 500_000_000;
    static final long REPORT_NS = 1_000_000_000;
    static final long LINKS_NS = 5_000_000_000L;

    private static final long PAGE_NS = 500_000_000;
    private static final long RETRY_NS = 2_000_000_000;
    private static final int QUESTIONS_A_CYCLE = 16;

    private final HostAgent.Context ctx;
    private final NetworkContext network;
    private final ErrorHandler errorHandler;
    private final HostReports reports;
    private final HostResources resources;
    private final HostIncidents incidents;
    private final RouteTable routes = new RouteTable();
    private final RoutePageDecoder routePage = new RoutePageDecoder();
    private final PoolPlaceDecoder poolPlace = new PoolPlaceDecoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private List<HostAddress> addresses = List.of();
    private Beacons beacons;
    private String told;
    private HostNetwork probes;
    private AgentRunner probesRunner;
    private TransferAgent transfer;
    private AgentRunner transferRunner;
    private int transferPort;
    private volatile int nodeId;
    private long correlationId;
    private long knownVersion = -1;
    private long pageVersion;
    private boolean isAsking;
    private boolean isFirstPage;
    private long askedNs;
    private long reportedNs;
    private long linksReportedNs;
    private long linkChanges;
    private long formerIntruders;
    private long formerRepeated;
    private long probesTriedNs;
    private long transferTriedNs;

    OtherHosts(final HostAgent.Context ctx, final HostLine line, final NodeReports nodeReports, final long nowNs) {
        this.ctx = ctx;
        network = ctx.network();
        errorHandler = ctx.errorHandler();
        reports = new HostReports(line);
        resources = new HostResources(DragonDirectory.of(ctx.dragonDirectory()).pools());
        incidents = new HostIncidents(nodeReports, nowNs);
        correlationId = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE / 2) + 1;
        askedNs = nowNs - ROUTES_NS;
        reportedNs = nowNs - REPORT_NS;
        linksReportedNs = nowNs - LINKS_NS;
        probesTriedNs = nowNs - RETRY_NS;
        transferTriedNs = nowNs - RETRY_NS;
    }

    /** The node has an incarnation: everything is told and asked anew. */
    void onRegistered(final int id, final long nowNs) {
        nodeId = id;
        knownVersion = -1;
        isAsking = false;
        askedNs = nowNs - ROUTES_NS;
        reportedNs = nowNs - REPORT_NS;
        linksReportedNs = nowNs - LINKS_NS;
        knowPeers();
    }

    /** While connected, whether registered or not. */
    int tellStrangers(final String ingressEndpoints) {
        if (network.discovery() == null || ingressEndpoints == null) {
            return 0;
        }
        if (!ingressEndpoints.equals(told)) {
            closeBeacons();
            told = ingressEndpoints;
            beacons = new Beacons(network.discovery(), ingressEndpoints);
        }
        return beacons.doWork();
    }

    /** What time drives; only while the line takes commands. */
    int doWork(final long nowNs) {
        int workCount = askForRoutes(nowNs) + askForPools(nowNs) + reportLinks(nowNs);
        if (nowNs - reportedNs >= REPORT_NS) {
            reportedNs = nowNs;
            resources.sample(nowNs);
            addresses = network.presentAddresses();
            meetOthers(nowNs);
            reports.node(resources, transfer, transferPort, probes == null ? 0 : probes.port(), intruders(), addresses);
            incidents.look(
                    intruders() + (transfer == null ? 0 : transfer.counters().intruders()),
                    formerRepeated + (transfer == null ? 0 : transfer.counters().chunksRepeated()),
                    nowNs);
            workCount++;
        }
        return workCount;
    }

    /** Of all parts that it ever had: a count that fell back would be told again. */
    private long intruders() {
        return formerIntruders
                + (probes == null ? 0 : probes.intruders())
                + (beacons == null ? 0 : beacons.intruders());
    }

    private int askForRoutes(final long nowNs) {
        if (nowNs - askedNs < (isAsking ? PAGE_NS : ROUTES_NS)) {
            return 0;
        }
        ask(0, nowNs);
        return 1;
    }

    private void ask(final int afterId, final long nowNs) {
        isAsking = true;
        isFirstPage = afterId == 0;
        askedNs = nowNs;
        if (isFirstPage) {
            routes.begin();
        }
        reports.routeQuery(++correlationId, afterId == 0 ? knownVersion : -1, afterId);
    }

    private int askForPools(final long nowNs) {
        int workCount = 0;
        for (long poolId = routes.nextQuestion(nowNs); poolId != 0; poolId = routes.nextQuestion(nowNs)) {
            if (!reports.poolQuery(poolId) || ++workCount == QUESTIONS_A_CYCLE) {
                break;
            }
        }
        routes.forgetNowhere(nowNs);
        return workCount;
    }

    private int reportLinks(final long nowNs) {
        if (probes == null) {
            return 0;
        }
        final long changes = probes.changes();
        final boolean isChanged = changes != linkChanges;
        if (!isChanged && nowNs - linksReportedNs < LINKS_NS) {
            return 0;
        }
        final List<LinkView> links = probes.links();
        final Map<Integer, Integer> inUse = new HashMap<>();
        links.forEach(link -> inUse.put(link.nodeId(), link.address()));
        routes.addressesInUse(inUse);
        if (reports.links(links, transfer)) {
            linkChanges = changes;
            linksReportedNs = nowNs;
            if (isChanged) {
                askedNs = nowNs - ROUTES_NS; // the ways may be others now
            }
        }
        return 1;
    }

    /** Takes a message of the masters; false when it is none of these. */
    boolean onMessage(final int templateId, final DirectBuffer buffer, final int offset, final long nowNs) {
        if (templateId == RoutePageDecoder.TEMPLATE_ID) {
            onRoutePage(routePage.wrapAndApplyHeader(buffer, offset, header), nowNs);
        } else if (templateId == PoolPlaceDecoder.TEMPLATE_ID) {
            poolPlace.wrapAndApplyHeader(buffer, offset, header);
            routes.onPlace(poolPlace.poolId(), (int) poolPlace.nodeId(), nowNs);
        } else {
            return false;
        }
        return true;
    }

    private void onRoutePage(final RoutePageDecoder page, final long nowNs) {
        if (page.correlationId() != correlationId) {
            return; // of a question that was given up
        }
        isAsking = false;
        final long version = page.version();
        if (version == knownVersion) {
            return;
        }
        final boolean hasMore = page.hasMore() == 1;
        final int lastId = routes.add(page);
        pageVersion = isFirstPage ? version : pageVersion;
        if (hasMore && lastId != 0) {
            ask(lastId, nowNs);
            return;
        }
        knownVersion =
                version == pageVersion ? version : -1; // what changed between two pages is told by the next round
        if (routes.commit()) {
            knowPeers();
            meetOthers(nowNs);
        }
    }

    private List<RouteTable.Route> others() {
        final List<RouteTable.Route> others = new ArrayList<>();
        for (final RouteTable.Route route : routes.routes().values()) {
            if (route.nodeId() != nodeId && route.state() != WorkerState.LEFT) {
                others.add(route);
            }
        }
        return others;
    }

    /** Somebody is there to be probed and to exchange frames with. */
    private void meetOthers(final long nowNs) {
        if (others().isEmpty()) {
            return;
        }
        if (probesRunner != null && probesRunner.isClosed()) {
            closeProbes();
        }
        if (probes == null && nowNs - probesTriedNs >= RETRY_NS) {
            probesTriedNs = nowNs;
            openProbes();
        }
        if (transferRunner != null && transferRunner.isClosed()) {
            closeTransfer();
        }
        if (transfer == null && network.transfer() != null && nowNs - transferTriedNs >= RETRY_NS) {
            transferTriedNs = nowNs;
            openTransfer();
        }
    }

    private void openProbes() {
        try {
            probes = new HostNetwork(network.probePort(), network.secret(), ctx.nanoClock(), network.log());
            probesRunner = new AgentRunner(NoOpIdleStrategy.INSTANCE, errorHandler, null, probes);
            AgentRunner.startOnThread(probesRunner);
            knowPeers();
        } catch (final IOException ex) {
            errorHandler.onError(ex);
        }
    }

    private void openTransfer() {
        try {
            final var context = network.transfer()
                    .get()
                    .directory(DragonDirectory.of(ctx.dragonDirectory()))
                    .aeronDirectoryName(ctx.session().aeronDirectoryName())
                    .nodeId(() -> nodeId)
                    .routes(routes)
                    .errorHandler(errorHandler)
                    .log(network.log());
            transfer = new TransferAgent(context);
            transferPort = context.port();
            transferRunner = new AgentRunner(ctx.session().runProfile().idleStrategy(), errorHandler, null, transfer);
            AgentRunner.startOnThread(transferRunner);
        } catch (final RuntimeException ex) {
            closeTransfer();
            errorHandler.onError(ex);
        }
    }

    private void knowPeers() {
        if (probes == null) {
            return;
        }
        final List<ProbePeer> peers = new ArrayList<>();
        for (final RouteTable.Route route : others()) {
            if (route.probePort() > 0 && !route.addresses().isEmpty()) {
                peers.add(new ProbePeer(route.nodeId(), literals(route.addresses()), route.probePort()));
            }
        }
        probes.know(nodeId, peers);
    }

    private static List<InetAddress> literals(final List<String> addresses) {
        final List<InetAddress> literals = new ArrayList<>();
        for (final String address : addresses) {
            try {
                literals.add(InetAddress.getByName(address)); // numbers only: nothing is looked up
            } catch (final UnknownHostException ex) {
                return literals; // what follows would have another place than in the report
            }
        }
        return literals;
    }

    /** What the ways to other nodes are, for tests and figures. */
    RouteTable routes() {
        return routes;
    }

    /** The ways to other nodes as probed last. */
    List<LinkView> links() {
        return probes == null ? List.of() : probes.links();
    }

    /** Null while there is no other node, or it is switched off. */
    TransferAgent transfer() {
        return transfer;
    }

    private void closeBeacons() {
        if (beacons != null) {
            formerIntruders += beacons.intruders();
            beacons.onClose();
            beacons = null;
        }
    }

    private void closeProbes() {
        CloseHelper.close(errorHandler, probesRunner);
        probesRunner = null;
        formerIntruders += probes == null ? 0 : probes.intruders();
        probes = null;
        linkChanges = 0;
    }

    private void closeTransfer() {
        CloseHelper.close(errorHandler, transferRunner);
        transferRunner = null;
        formerIntruders += transfer == null ? 0 : transfer.counters().intruders();
        formerRepeated += transfer == null ? 0 : transfer.counters().chunksRepeated();
        transfer = null;
        transferPort = 0;
    }

    @Override
    public void close() {
        closeTransfer();
        closeProbes();
        closeBeacons();
        told = null;
    }
}
