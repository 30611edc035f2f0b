package io.dragon.tools;

import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Statistics;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What is to be seen of a system, for people: the reasons first, in words, in 120 columns. */
final class StatusReport {
    private static final int WIDTH = 120;

    private final ClusterStatus status;
    private final List<MasterRow> masters;
    private final List<List<Object>> rows = new ArrayList<>();
    private PrintStream out;

    StatusReport(final ClusterStatus status, final List<MasterRow> masters) {
        this.status = status;
        this.masters = masters;
    }

    void print(final PrintStream to) {
        out = to;
        out.println("health: " + status.health().state().label());
        status.health().reasons().forEach(reason -> out.println("  " + reason));
        masters();
        nodes();
        workers();
        gpus();
        cameras();
        queues();
        totals();
    }

    private void masters() {
        for (final MasterRow master : masters) {
            final boolean leads = master.role().equals("leader");
            rows.add(List.of(
                    master.id(),
                    master.host(),
                    leads ? "leader, term " + status.leadership().term() : master.role(),
                    state(master),
                    master.processId() == 0 ? "-" : master.processId(),
                    master.position() == 0 ? "-" : master.position(),
                    master.election().equals("unknown") ? "-" : master.election(), // of another host
                    master.errors()));
        }
        table(List.of("MASTER", "HOST", "ROLE", "STATE", "PID", "LOG POSITION", "ELECTION", "ERRORS"), 1);
    }

    static String state(final MasterRow master) {
        return switch (master.state()) {
            case "unknown" -> "not heard of";
            case "dead" -> "away for " + span(master.silentMillis());
            case "left" -> "stopped";
            default -> master.state();
        };
    }

    private void nodes() {
        for (final ClusterStatus.Node node : status.nodes()) {
            final ClusterStatus.Resources resources = node.resources();
            rows.add(List.of(
                    node.name(),
                    node.host(),
                    state(node),
                    node.workers(),
                    node.cameras(),
                    processors(resources),
                    share(resources.memoryFreeBytes(), resources.memoryBytes()),
                    share(resources.sharedFreeBytes(), resources.sharedBytes()),
                    rate(resources.receivedBytesPerSecond()),
                    rate(resources.sentBytesPerSecond()),
                    resources.udpErrors() < 0 ? "-" : resources.udpErrors()));
        }
        table(
                List.of(
                        "NODE",
                        "HOST",
                        "STATE",
                        "WORKERS",
                        "CAMERAS",
                        "CPU",
                        "MEMORY FREE",
                        "SHARED FREE",
                        "IN/S",
                        "OUT/S",
                        "UDP LOST"),
                1,
                0);
        travels();
        links(status.links()).forEach(out::println);
    }

    static String state(final ClusterStatus.Node node) {
        return switch (node.state()) {
            case DEAD -> "lost for " + span(node.silentMillis());
            case LEFT -> "left";
            default -> "alive";
        };
    }

    static String processors(final ClusterStatus.Resources resources) {
        return resources.cpu() < 0 ? "-" : Math.round(100 * resources.cpu()) + "% of " + resources.cores();
    }

    /** Where nodes are reached, and what went between them; nothing where there is but one. */
    private void travels() {
        for (final ClusterStatus.Node node : status.nodes()) {
            final ClusterStatus.Traffic traffic = node.traffic();
            if (!node.addresses().isEmpty()) {
                line("  %s at %s", node.name(), String.join(", ", node.addresses()));
            }
            if (traffic.framesFetched() + traffic.framesServed() > 0) {
                line(
                        "  %s fetched %d frames (%s, %s each), served %d, %d of them for others%s",
                        node.name(),
                        traffic.framesFetched(),
                        Tables.bytes(traffic.bytesFetched()),
                        Tables.nanos(
                                traffic.framesFetched() == 0
                                        ? -1
                                        : (double) traffic.fetchNanos() / traffic.framesFetched()),
                        traffic.framesServed(),
                        traffic.framesRelayed(),
                        traffic.chunksRepeated() == 0
                                ? ""
                                : "; " + traffic.chunksRepeated()
                                        + " chunks asked for again, because they came damaged");
            }
            if (traffic.intruders() > 0) {
                line("  %s ignored %d packets that nobody of this system sent", node.name(), traffic.intruders());
            }
        }
    }

    /** Those that are not as they should be, and those whose frames take another way. */
    static List<String> links(final List<ClusterStatus.Link> links) {
        return links.stream()
                .filter(link ->
                        link.state() == LinkState.DOWN || link.state() == LinkState.DEGRADED || link.isRelayed())
                .map(link -> String.format(
                        Locale.ROOT,
                        "  link %s to %s: %s; frames of %s come %s",
                        link.from(),
                        link.to(),
                        RoutesReport.state(link),
                        link.to(),
                        RoutesReport.way(link)))
                .toList();
    }

    static String share(final long free, final long total) {
        return free < 0 || total <= 0 ? "-" : Tables.bytes(free) + " of " + Tables.bytes(total);
    }

    static String rate(final long bytesPerSecond) {
        return bytesPerSecond < 0 ? "-" : Tables.bytes(bytesPerSecond);
    }

    private void workers() {
        final Map<String, ClusterStatus.Supervised> supervised = new HashMap<>();
        status.supervised().forEach(process -> supervised.put(process.name(), process));
        for (final ClusterStatus.Worker worker : status.workers()) {
            final ClusterStatus.Supervised process = supervised.remove(worker.name());
            rows.add(List.of(
                    worker.name(),
                    worker.device(),
                    worker.processId(),
                    state(worker, process),
                    process == null ? "-" : process.restarts(),
                    worker.assigned() + "/" + worker.window(),
                    worker.completed(),
                    worker.failed(),
                    worker.avgExecutionTimeMillis()));
        }
        for (final ClusterStatus.Supervised process : status.supervised()) {
            if (supervised.containsValue(process)) { // not registered yet
                rows.add(List.of(
                        process.name(),
                        "-",
                        process.processId() == 0 ? "-" : process.processId(),
                        supervision(process),
                        process.restarts(),
                        "-",
                        "-",
                        "-",
                        "-"));
            }
        }
        table(List.of("WORKER", "DEVICE", "PID", "STATE", "RESTARTS", "LOAD", "TASKS", "FAILED", "AVG MS"), 1, 0, 3);
        for (final ClusterStatus.Supervised process : status.supervised()) {
            final boolean isFine =
                    process.state() == SupervisedState.RUNNING || process.state() == SupervisedState.STOPPED;
            if (!isFine && !process.text().isEmpty()) {
                out.println("  " + process.name() + ": " + process.text());
            }
        }
    }

    /** Nothing where no worker has told of a GPU. */
    private void gpus() {
        for (final ClusterStatus.Worker worker : status.workers()) {
            final ClusterStatus.Gpu gpu = worker.gpu();
            if (gpu.isTold()) {
                rows.add(List.of(
                        worker.name(),
                        gpu.state() == null ? "unknown" : gpu.state().name().toLowerCase(Locale.ROOT),
                        gpu.temperatureCelsius() < 0 ? "-" : gpu.temperatureCelsius() + " C",
                        gpu.utilisation() < 0 ? "-" : Math.round(100 * gpu.utilisation()) + "%",
                        share(gpu.memoryUsedBytes(), gpu.memoryBytes()),
                        watts(gpu),
                        gpu.eccCorrected() < 0 ? "-" : gpu.eccCorrected(),
                        gpu.eccUncorrected() < 0 ? "-" : gpu.eccUncorrected()));
            }
        }
        if (rows.isEmpty()) {
            return;
        }
        table(
                List.of(
                        "GPU OF",
                        "HEALTH",
                        "TEMPERATURE",
                        "BUSY",
                        "MEMORY USED",
                        "POWER",
                        "ECC CORRECTED",
                        "ECC NOT CORRECTED"),
                0);
        for (final ClusterStatus.Worker worker : status.workers()) {
            if (!worker.gpu().text().isEmpty()) {
                out.println("  " + worker.name() + ": " + worker.gpu().text());
            }
        }
    }

    private static String watts(final ClusterStatus.Gpu gpu) {
        if (gpu.powerWatts() < 0) {
            return "-";
        }
        return Math.round(gpu.powerWatts())
                + (gpu.powerLimitWatts() < 0 ? " W" : " of " + Math.round(gpu.powerLimitWatts()) + " W");
    }

    static String state(final ClusterStatus.Worker worker, final ClusterStatus.Supervised process) {
        final String own =
                switch (worker.state()) {
                    case ALIVE -> "alive";
                    case SUSPECT -> "hung for " + span(worker.stateMillis());
                    case DRAINED -> "drained for " + span(worker.stateMillis()) + ", " + worker.failuresInARow()
                            + " failures in a row";
                    case UNFIT -> "unfit for " + span(worker.stateMillis());
                    case DEAD -> "dead for " + span(worker.silentMillis());
                    case LEFT -> "left";
                    default -> "unknown";
                };
        final boolean isSaid = process == null
                || process.state() == SupervisedState.RUNNING
                || process.state() == SupervisedState.STOPPED;
        return isSaid ? own : own + ", " + supervision(process);
    }

    static String supervision(final ClusterStatus.Supervised process) {
        if (!process.isNodeAlive()) {
            return "its node is lost";
        }
        if (process.state() == null) {
            return "unknown";
        }
        return switch (process.state()) {
            case STARTING -> "starting for " + span(process.sinceMillis());
            case BACKING_OFF -> "starts in " + span(Math.max(0, process.waitMillis() - process.sinceMillis()));
            case GIVEN_UP -> "given up";
            case STOPPED -> "stopped";
            default -> "running";
        };
    }

    private void cameras() {
        status.cameras()
                .forEach(camera -> rows.add(List.of(
                        camera.name(),
                        camera.state() == null
                                ? "unknown"
                                : camera.state().name().toLowerCase(Locale.ROOT),
                        camera.framesAccepted(),
                        camera.framesRefused(),
                        camera.dropped(),
                        camera.lastStep())));
        table(List.of("CAMERA", "STATE", "ACCEPTED", "REFUSED", "DROPPED", "LAST STEP"), 0);
    }

    private void queues() {
        final Statistics totals = status.statistics();
        out.println();
        line(
                "queues: %d waiting for other tasks, %d ready for a worker, %d with a worker",
                totals.tasksWaiting(), totals.tasksReady(), totals.tasksAssigned());
        totals.unserved()
                .forEach((type, tasks) -> line("  %d of type '%s', which no worker runs", tasks, cut(type, 48)));
        line(
                "tasks: %d completed, %d failed, %d tried again, %d moved, %d split, %.1f %% success since the start",
                totals.tasksCompleted(),
                totals.tasksFailed(),
                totals.tasksRetried(),
                totals.tasksReassigned(),
                totals.tasksSplit(),
                100 * totals.successRate());
        if (!totals.ends().isEmpty()) {
            line(
                    "  ended otherwise: %s",
                    totals.ends().entrySet().stream()
                            .map(end -> end.getValue() + " "
                                    + end.getKey()
                                            .name()
                                            .toLowerCase(Locale.ROOT)
                                            .replace('_', ' '))
                            .collect(Collectors.joining(", ")));
        }
    }

    private void totals() {
        final Statistics totals = status.statistics();
        line(
                "frames: %d processed, %s, %.0f %% without a copy%s",
                totals.pipeline().framesProcessed(),
                Tables.bytes(totals.pipeline().bytesTransferred()),
                100 * totals.pipeline().zeroCopyRatio(),
                totals.pipeline().framesFetched() == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "; %d brought from other hosts, %.2f ms each, %d by way of a third",
                                totals.pipeline().framesFetched(),
                                totals.pipeline().avgTransferTimeMillis(),
                                totals.pipeline().framesRelayed()));
        line(
                "workers: %d busy of %d, %.2f ms in handlers; errors: %d; incidents: %d%s",
                totals.busyWorkers(),
                totals.totalWorkers(),
                totals.avgExecutionTimeMillis(),
                totals.errors(),
                totals.incidents(),
                totals.incidents() == 0 ? "" : " (dragon status --incidents)");
    }

    private void line(final String format, final Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }

    private void table(final List<String> headers, final int... cuttable) {
        out.println();
        if (rows.isEmpty()) {
            out.println("no " + headers.get(0).toLowerCase(Locale.ROOT) + "s");
        } else {
            Tables.print(out, headers, Tables.fitting(headers, rows, WIDTH, cuttable));
        }
        rows.clear();
    }

    static String cut(final String text, final int length) {
        return text.length() <= length ? text : text.substring(0, length - 2) + "..";
    }

    static String span(final long millis) {
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 120_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
        }
        return millis < 2 * 3_600_000 ? millis / 60_000 + " min" : millis / 3_600_000 + " h";
    }
}
