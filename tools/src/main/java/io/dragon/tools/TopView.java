package io.dragon.tools;

import io.dragon.codecs.control.SupervisedState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Statistics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Two looks at a cluster as a page: what happens a second, and who does it. */
final class TopView {
    private static final int LEAST_REASONS = 3;

    private final TopLook now;
    private final ClusterStatus status;
    private final TopRates rates;
    private final String title;
    private final String trouble;
    private final Sort sort;
    private final Map<Integer, String> nodeNames = new HashMap<>();
    private final Map<Integer, String> workerNames = new HashMap<>();

    /** In which order workers stand; all but names: the largest first. */
    enum Sort {
        BUSY,
        NAME,
        TASKS,
        FAILED,
        LOAD,
        MEMORY,
        TEMPERATURE
    }

    /**
     * @param before  the look before, which makes rates; null for none.
     * @param now     what is shown.
     * @param title   of the page.
     * @param trouble why nothing newer is known; empty where it is.
     * @param sort    the order of workers.
     */
    TopView(final TopLook before, final TopLook now, final String title, final String trouble, final Sort sort) {
        this.now = now;
        this.status = now.status();
        this.rates = new TopRates(before, now);
        this.title = title;
        this.trouble = trouble;
        this.sort = sort;
        status.nodes().forEach(node -> nodeNames.put(node.id(), node.name()));
        status.workers().forEach(worker -> workerNames.put(worker.id(), worker.name()));
    }

    /**
     * The page.
     *
     * @param columns characters a line, into which names, devices and words are cut.
     * @param rows    lines; of workers and cameras as many are left out as it takes. 0: all are shown.
     */
    List<String> lines(final int columns, final int rows) {
        final List<String> head = head(rows == 0 ? Integer.MAX_VALUE : Math.max(LEAST_REASONS, rows / 4));
        final List<List<Object>> workers = workers();
        final List<List<Object>> cameras = cameras();
        final List<String> nodes = nodes(columns);
        int shownWorkers = workers.size();
        int shownCameras = cameras.size();
        final int others = head.size() + nodes.size();
        while (rows > 0
                && others + height(shownWorkers, workers) + height(shownCameras, cameras) > rows
                && Math.max(shownWorkers, shownCameras) > 1) {
            if (shownWorkers >= shownCameras) {
                shownWorkers--;
            } else {
                shownCameras--;
            }
        }
        final List<String> lines = new ArrayList<>(head);
        add(
                lines,
                columns,
                List.of(
                        "WORKER",
                        "NODE",
                        "DEVICE",
                        "STATE",
                        "LOAD",
                        "TASKS/S",
                        "FAILED/S",
                        "BUSY",
                        "MS/TASK",
                        "MEMORY FREE",
                        "TEMP"),
                workers,
                shownWorkers,
                2,
                0,
                3,
                1);
        lines.addAll(nodes);
        add(
                lines,
                columns,
                List.of(
                        "CAMERA",
                        "NODE",
                        "STATE",
                        "FRAMES/S",
                        "REFUSED/S",
                        "DROPPED/S",
                        "DROPPED",
                        "LAST STEP",
                        "WORKER"),
                cameras,
                shownCameras,
                0,
                8,
                1);
        return lines;
    }

    /** Lines of a table of which so many rows are shown, with the blank line before it. */
    private static int height(final int shown, final List<?> all) {
        return all.isEmpty() ? 0 : 2 + shown + (shown < all.size() ? 1 : 0);
    }

    private static void add(
            final List<String> lines,
            final int columns,
            final List<String> headers,
            final List<List<Object>> rows,
            final int shown,
            final int... cuttable) {
        if (!rows.isEmpty()) {
            lines.add("");
            lines.addAll(Tables.lines(headers, Tables.fitting(headers, rows.subList(0, shown), columns, cuttable)));
            if (shown < rows.size()) {
                lines.add("... and " + (rows.size() - shown) + " more");
            }
        }
    }

    private List<String> head(final int mostReasons) {
        final List<String> lines = new ArrayList<>();
        lines.add(title);
        if (trouble.isEmpty()) {
            lines.add("health: " + status.health().state().label());
            final List<String> reasons = status.health().reasons();
            final boolean isCut = reasons.size() > mostReasons;
            reasons.stream().limit(isCut ? mostReasons - 1 : mostReasons).forEach(reason -> lines.add("  " + reason));
            if (isCut) {
                lines.add("  ... and " + (reasons.size() - mostReasons + 1) + " reasons more");
            }
        } else {
            lines.add("health: critical");
            lines.add("  " + trouble + "; below is what was known before");
        }
        lines.add("masters: " + now.masters().stream().map(this::master).collect(Collectors.joining(", ")));
        final Statistics totals = status.statistics();
        lines.add(String.format(
                Locale.ROOT,
                "tasks: %s/s completed, %s/s failed; %d wait for others, %d ready, %d with workers; %.2f ms in handlers, %s",
                rate(rates.tasks()),
                rate(rates.failed()),
                totals.tasksWaiting(),
                totals.tasksReady(),
                totals.tasksAssigned(),
                totals.avgExecutionTimeMillis(),
                Double.isNaN(rates.latencyMillis())
                        ? "latency -"
                        : String.format(Locale.ROOT, "latency about %.2f ms", rates.latencyMillis())));
        if (!status.cameras().isEmpty() || totals.framesAccepted() + totals.framesRefused() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "frames: %s/s (%s/s) taken, %s/s refused, %s/s dropped",
                    rate(rates.frames()),
                    Double.isNaN(rates.bytes()) ? "-" : Tables.bytes((long) rates.bytes()),
                    rate(rates.refused()),
                    rate(rates.dropped(status.cameras()))));
        }
        lines.add(String.format(
                Locale.ROOT,
                "workers: %d of %d alive, %d busy; nodes: %d",
                totals.workersAlive(),
                totals.totalWorkers(),
                totals.busyWorkers(),
                status.nodes().stream().filter(ClusterStatus.Node::isAlive).count()));
        return lines;
    }

    private String master(final MasterRow master) {
        final boolean isThere = master.state().equals("alive") || master.state().equals("unknown");
        final String does = isThere && master.role().equals("leader")
                ? "leads in term " + status.leadership().term()
                : master.state().equals("alive") ? "follows" : StatusReport.state(master);
        return master.id() + " " + does;
    }

    private List<List<Object>> workers() {
        final Map<String, ClusterStatus.Supervised> supervised = new HashMap<>();
        status.supervised().forEach(process -> supervised.put(process.name(), process));
        final List<List<Object>> rows = new ArrayList<>();
        for (final ClusterStatus.Worker worker :
                status.workers().stream().sorted(order()).toList()) {
            final TopRates.Work work = rates.of(worker);
            rows.add(List.of(
                    worker.name(),
                    nodeNames.getOrDefault(worker.nodeId(), "-"),
                    worker.device(),
                    StatusReport.state(worker, supervised.remove(worker.name())),
                    worker.assigned() + "/" + worker.window(),
                    rate(work.tasks()),
                    rate(work.failed()),
                    Double.isNaN(work.busy()) ? "-" : Math.round(100 * work.busy()) + "%",
                    worker.avgExecutionTimeMillis(),
                    StatusReport.rate(freeBytes(worker)),
                    worker.gpu().temperatureCelsius() < 0 ? "-" : worker.gpu().temperatureCelsius() + " C"));
        }
        for (final ClusterStatus.Supervised process : status.supervised()) {
            if (supervised.containsValue(process)
                    && process.state() != SupervisedState.STOPPED) { // not there yet, or no more
                rows.add(List.of(
                        process.name(),
                        process.node().isEmpty() ? "-" : process.node(),
                        "-",
                        StatusReport.supervision(process),
                        "-",
                        "-",
                        "-",
                        "-",
                        "-",
                        "-",
                        "-"));
            }
        }
        return rows;
    }

    private Comparator<ClusterStatus.Worker> order() {
        final Comparator<ClusterStatus.Worker> byName = Comparator.comparing(ClusterStatus.Worker::name);
        return sort == Sort.NAME
                ? byName
                : Comparator.comparingDouble(this::weight).reversed().thenComparing(byName);
    }

    private double weight(final ClusterStatus.Worker worker) {
        final TopRates.Work work = rates.of(worker);
        final double weight =
                switch (sort) {
                    case BUSY -> work.busy();
                    case TASKS -> work.tasks();
                    case FAILED -> work.failed();
                    case LOAD -> worker.window() == 0 ? 0 : (double) worker.assigned() / worker.window();
                    case MEMORY -> freeBytes(worker) < 0
                            ? Double.NaN
                            : -freeBytes(worker); // the least free is the most used
                    case TEMPERATURE -> worker.gpu().temperatureCelsius();
                    case NAME -> 0;
                };
        return Double.isNaN(weight) ? Double.NEGATIVE_INFINITY : weight;
    }

    private static long freeBytes(final ClusterStatus.Worker worker) {
        final ClusterStatus.Gpu gpu = worker.gpu();
        return gpu.memoryBytes() > 0 && gpu.memoryUsedBytes() >= 0
                ? gpu.memoryBytes() - gpu.memoryUsedBytes()
                : worker.freeBytes();
    }

    private List<List<Object>> cameras() {
        final Comparator<ClusterStatus.Camera> byName = Comparator.comparing(ClusterStatus.Camera::name);
        final Comparator<ClusterStatus.Camera> byLoss = Comparator.comparingDouble(
                camera -> -zeroIfUnknown(rates.of(camera).dropped())
                        - zeroIfUnknown(rates.of(camera).refused()));
        final List<List<Object>> rows = new ArrayList<>();
        for (final ClusterStatus.Camera camera : status.cameras().stream()
                .sorted(sort == Sort.NAME ? byName : byLoss.thenComparing(byName))
                .toList()) {
            final TopRates.Flow flow = rates.of(camera);
            rows.add(List.of(
                    camera.name(),
                    nodeNames.getOrDefault(camera.nodeId(), "-"),
                    StatusJson.word(camera.state()),
                    rate(flow.frames()),
                    rate(flow.refused()),
                    rate(flow.dropped()),
                    camera.dropped(),
                    camera.lastStep(),
                    workerNames.getOrDefault(camera.lastWorkerId(), "-")));
        }
        return rows;
    }

    private static double zeroIfUnknown(final double rate) {
        return Double.isNaN(rate) ? 0 : rate;
    }

    private List<String> nodes(final int columns) {
        final List<List<Object>> rows = new ArrayList<>();
        for (final ClusterStatus.Node node : status.nodes()) {
            final ClusterStatus.Resources resources = node.resources();
            rows.add(List.of(
                    node.name(),
                    StatusReport.state(node),
                    node.workers(),
                    node.cameras(),
                    StatusReport.processors(resources),
                    StatusReport.share(resources.memoryFreeBytes(), resources.memoryBytes()),
                    StatusReport.share(resources.sharedFreeBytes(), resources.sharedBytes()),
                    StatusReport.rate(resources.receivedBytesPerSecond()),
                    StatusReport.rate(resources.sentBytesPerSecond())));
        }
        final List<String> lines = new ArrayList<>();
        add(
                lines,
                columns,
                List.of("NODE", "STATE", "WORKERS", "CAMERAS", "CPU", "MEMORY FREE", "SHARED FREE", "IN/S", "OUT/S"),
                rows,
                rows.size(),
                0,
                1);
        lines.addAll(StatusReport.links(status.links()));
        return lines;
    }

    private static String rate(final double perSecond) {
        return Double.isNaN(perSecond) ? "-" : String.format(Locale.ROOT, "%.1f", perSecond);
    }
}
