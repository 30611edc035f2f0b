package io.dragon.tools.demo;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.Statistics;
import io.dragon.worker.voxel.SceneJudge;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What came out of the demo: for a person, for a program, and as a verdict. */
public final class DemoReport {
    private static final double MAX_MEDIAN_ERROR_VOXELS = 1.5;
    private static final double MAX_MISSED = 0.1;
    private static final long KILL_GRACE_NS = TimeUnit.SECONDS.toNanos(2);

    private final DemoSettings settings;
    private final Ledger ledger;
    private final SceneJudge verdict;
    private final JobHandle.Report job;
    private final ClusterStatus status;
    private final Kill kill;
    private final int balls;
    private final Balance balance;
    private final Map<String, Long> refusals = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();

    DemoReport(
            final DemoSettings settings,
            final Ledger ledger,
            final DemoScene.Judge judge,
            final JobHandle.Report job,
            final ClusterStatus status,
            final List<CameraGroup.Counts> counts,
            final Kill kill,
            final boolean stopped) {
        this.settings = settings;
        this.ledger = ledger;
        this.verdict = judge.verdict();
        this.job = job;
        this.status = status;
        this.kill = kill;
        this.balls = DemoScene.of(settings).balls();
        long published = 0;
        long dropped = 0;
        long nearTheKill = 0;
        for (final CameraGroup.Counts group : counts) {
            published += group.published();
            dropped += group.dropped();
            group.refused().forEach((reason, count) -> refusals.merge(reason, count, Long::sum));
            for (final long timeNs : group.dropTimesNs()) {
                if (kill != null && timeNs - kill.killedNs() >= 0 && timeNs - kill.killedNs() <= KILL_GRACE_NS) {
                    nearTheKill++;
                }
            }
        }
        balance = new Balance(
                stopped ? 0 : (long) settings.steps() * settings.cameras(),
                published,
                dropped,
                refusals.values().stream().mapToLong(Long::longValue).sum(),
                nearTheKill,
                ledger.framesCompleted(),
                ledger.framesFailed(),
                ledger.duplicated(),
                Math.max(ledger.stepsMissing(), job == null ? 0 : job.steps() - ledger.steps()));
        judge(stopped);
    }

    private void judge(final boolean stopped) {
        if (stopped) {
            faults.add("stopped before the end");
        }
        if (job == null) {
            faults.add("the job did not end in time");
        }
        faults.addAll(balance.faults(kill != null));
        check(failed() == 0, failed() + " tasks failed: " + words(ledger.failures()));
        check(kill == null || kill.killedNs() != 0, "no " + settings.kill() + " was there to be killed");
        check(kill == null || kill.detectedMillis() >= 0, "the death of the " + settings.kill() + " was not noticed");
        final long positions = (long) verdict.steps() * balls;
        check(positions > 0, "no step was reconstructed");
        check(
                verdict.missed() <= MAX_MISSED * positions,
                verdict.missed() + " of " + positions + " true positions not found");
        check(
                verdict.medianErrorVoxels() <= MAX_MEDIAN_ERROR_VOXELS,
                String.format(Locale.ROOT, "median error of %.2f voxels", verdict.medianErrorVoxels()));
    }

    private void check(final boolean holds, final String fault) {
        if (!holds) {
            faults.add(fault);
        }
    }

    private long failed() {
        return ledger.framesFailed() + ledger.stepsFailed();
    }

    /**
     * Whether everything that was promised holds.
     *
     * @return true for exit code 0.
     */
    public boolean isGood() {
        return faults.isEmpty();
    }

    /**
     * For a person.
     *
     * @return a few lines.
     */
    public String text() {
        final StringBuilder text = new StringBuilder();
        final Statistics statistics = status.statistics();
        line(
                text,
                "Frames   published %d, completed %d, dropped %d, lost %d, duplicated %d; %.1f a second",
                balance.published(),
                ledger.framesCompleted(),
                balance.droppedOrRefused(),
                balance.lost(),
                ledger.duplicated(),
                ledger.framesPerSecond());
        line(
                text,
                "Tasks    submitted %d, completed %d, failed %d, retried %d",
                statistics.tasksSubmitted(),
                statistics.tasksCompleted(),
                statistics.tasksFailed(),
                retried());
        line(
                text,
                "Voxels   %d steps, error against the truth: median %.2f, max %.2f voxels; missed %d of %d",
                verdict.steps(),
                verdict.medianErrorVoxels(),
                verdict.maxErrorVoxels(),
                verdict.missed(),
                (long) verdict.steps() * balls);
        if (ledger.stepsIncomplete() > 0) {
            line(text, "         %d steps ran without all cameras", ledger.stepsIncomplete());
        }
        if (!refusals.isEmpty()) {
            line(text, "         frames given back by the sequencer: %s", words(refusals));
        }
        for (final ClusterStatus.Worker worker : status.workers()) {
            line(
                    text,
                    "Worker   %-10s %6d tasks, %7.2f ms each  %s",
                    worker.name(),
                    worker.completed(),
                    worker.avgExecutionTimeMillis(),
                    worker.device());
        }
        if (kill != null && kill.killedNs() != 0) {
            line(
                    text,
                    "Fault    kill -9 of %s: noticed after %.0f ms, %s after %.0f ms",
                    kill.name(),
                    kill.detectedMillis(),
                    kill.recovery(),
                    kill.recoveredMillis(ledger));
        }
        text.append("Latency of a frame, stage by stage\n")
                .append(ledger.latencies().text());
        line(text, "Picture  %s", settings.picture());
        if (isGood()) {
            line(text, "Nothing lost, nothing twice, the truth found.");
        } else {
            faults.forEach(fault -> line(text, "NOT GOOD %s", fault));
        }
        return text.toString();
    }

    /** As in "3 times NO_JOB, once OVERLOADED". */
    static String words(final Map<String, Long> counts) {
        return counts.entrySet().stream()
                .map(each -> (each.getValue() == 1 ? "once " : each.getValue() + " times ") + each.getKey())
                .collect(Collectors.joining(", "));
    }

    private static void line(final StringBuilder text, final String format, final Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private long retried() {
        return status.statistics().tasksRetried() + status.statistics().tasksReassigned();
    }

    /**
     * Every latency, as a log of HdrHistogram: one interval for each stage, tagged with its name.
     *
     * @param log nanoseconds.
     */
    public void writeHistograms(final PrintStream log) {
        ledger.latencies().write(log);
    }

    /**
     * For a program, as the command line contract gives it.
     *
     * @return nested maps and lists.
     */
    public Map<String, Object> json() {
        final Statistics statistics = status.statistics();
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put(
                "frames",
                map(
                        "published",
                        balance.published(),
                        "completed",
                        ledger.framesCompleted(),
                        "dropped",
                        balance.droppedOrRefused(),
                        "lost",
                        balance.lost(),
                        "duplicated",
                        ledger.duplicated()));
        json.put(
                "tasks",
                map(
                        "submitted",
                        statistics.tasksSubmitted(),
                        "completed",
                        statistics.tasksCompleted(),
                        "failed",
                        failed(),
                        "retried",
                        retried()));
        json.put("latencyMicros", ledger.latencies().json());
        json.put("framesPerSecond", ledger.framesPerSecond());
        json.put(
                "voxel",
                map(
                        "steps",
                        verdict.steps(),
                        "medianErrorVoxels",
                        finite(verdict.medianErrorVoxels()),
                        "maxErrorVoxels",
                        finite(verdict.maxErrorVoxels()),
                        "missed",
                        verdict.missed()));
        final List<Object> faultList = new ArrayList<>();
        if (kill != null && kill.killedNs() != 0) {
            faultList.add(map(
                    "kind",
                    kill.kind(),
                    "target",
                    kill.name(),
                    "detectedMillis",
                    kill.detectedMillis(),
                    "recoveredMillis",
                    kill.recoveredMillis(ledger),
                    "lost",
                    balance.lost(),
                    "duplicated",
                    ledger.duplicated()));
        }
        json.put("faults", faultList);
        json.put("nodes", status.nodes());
        final Map<Integer, String> nodes = new LinkedHashMap<>();
        status.nodes().forEach(node -> nodes.put(node.id(), node.name()));
        final Map<Integer, String> workers = new LinkedHashMap<>();
        status.workers().forEach(worker -> workers.put(worker.id(), worker.name()));
        json.put(
                "cameras",
                status.cameras().stream()
                        .map(camera -> map(
                                "id",
                                camera.name(),
                                "node",
                                nodes.get(camera.allocatedNodeId()),
                                "worker",
                                workers.get(camera.lastWorkerId())))
                        .toList());
        json.put(
                "workers",
                status.workers().stream()
                        .map(worker -> map("id", worker.name(), "device", worker.device(), "tasks", worker.completed()))
                        .toList());
        json.put("picture", settings.picture().toString());
        json.put("notGood", faults);
        return json;
    }

    private static Object finite(final double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static Map<String, Object> map(final Object... pairs) {
        final Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
