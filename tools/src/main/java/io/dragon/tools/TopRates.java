package io.dragon.tools;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Statistics;
import java.util.HashMap;
import java.util.Map;

/** What happened between two looks, a second. Not a number wherever it cannot be told: without a look before, or where counting began anew. */
final class TopRates {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MILLIS_PER_SECOND = 1e3;

    private final Statistics now;
    private final Statistics before;
    private final double seconds;
    private final Map<Long, ClusterStatus.Worker> workers = new HashMap<>();
    private final Map<Long, ClusterStatus.Camera> cameras = new HashMap<>();

    /**
     * A worker.
     *
     * @param tasks  completed a second.
     * @param failed a second.
     * @param busy   share of the time in handlers, about: tasks times their mean time; 0 to 1.
     */
    record Work(double tasks, double failed, double busy) {}

    /**
     * A camera.
     *
     * @param frames  taken by jobs, a second.
     * @param refused not taken, a second.
     * @param dropped by itself, a second.
     */
    record Flow(double frames, double refused, double dropped) {}

    /**
     * @param before the look before; null for none.
     * @param now    the newer look.
     */
    TopRates(final TopLook before, final TopLook now) {
        this.now = now.status().statistics();
        this.before = before == null ? null : before.status().statistics();
        seconds = before == null ? 0 : (now.nanos() - before.nanos()) / NANOS_PER_SECOND;
        if (before != null) {
            before.status().workers().forEach(worker -> workers.put(key(worker.id(), worker.incarnation()), worker));
            before.status().cameras().forEach(camera -> cameras.put(key(camera.id(), camera.incarnation()), camera));
        }
    }

    private static long key(final int id, final int incarnation) {
        return (long) id << Integer.SIZE | incarnation & 0xFFFF_FFFFL;
    }

    double seconds() {
        return seconds;
    }

    /** Tasks completed a second. */
    double tasks() {
        return before == null ? Double.NaN : perSecond(before.tasksCompleted(), now.tasksCompleted());
    }

    /** Tasks that failed or expired, a second. */
    double failed() {
        return before == null
                ? Double.NaN
                : perSecond(before.tasksFailed() + before.tasksExpired(), now.tasksFailed() + now.tasksExpired());
    }

    /** Frames taken by jobs, a second. */
    double frames() {
        return before == null ? Double.NaN : perSecond(before.framesAccepted(), now.framesAccepted());
    }

    /** Bytes of these. */
    double bytes() {
        return before == null ? Double.NaN : perSecond(before.bytesAccepted(), now.bytesAccepted());
    }

    /** Frames not taken by jobs, a second. */
    double refused() {
        return before == null ? Double.NaN : perSecond(before.framesRefused(), now.framesRefused());
    }

    /** Frames that cameras dropped themselves, a second. */
    double dropped(final Iterable<ClusterStatus.Camera> all) {
        double dropped = before == null ? Double.NaN : 0;
        for (final ClusterStatus.Camera camera : all) {
            final double one = of(camera).dropped();
            dropped += Double.isNaN(one) ? 0 : one;
        }
        return dropped;
    }

    /**
     * Milliseconds from submit to end of a task, about: by Little's law, the tasks there are over those that end a second; and not less than
     * a handler takes.
     */
    double latencyMillis() {
        final double ended = before == null ? Double.NaN : perSecond(ended(before), ended(now));
        return ended > 0
                ? Math.max(now.avgExecutionTimeMillis(), (open(before) + open(now)) / 2.0 / ended * MILLIS_PER_SECOND)
                : Double.NaN;
    }

    private static long ended(final Statistics totals) {
        return totals.tasksCompleted() + totals.tasksFailed() + totals.tasksCancelled() + totals.tasksExpired();
    }

    private static long open(final Statistics totals) {
        return totals.queueDepth() + totals.tasksAssigned();
    }

    Work of(final ClusterStatus.Worker worker) {
        final ClusterStatus.Worker was = workers.get(key(worker.id(), worker.incarnation()));
        if (was == null) {
            return new Work(Double.NaN, Double.NaN, Double.NaN);
        }
        final double tasks = perSecond(was.completed(), worker.completed());
        final double failed = perSecond(was.failed(), worker.failed());
        final boolean isAtOneTask = tasks + failed == 0 && was.assigned() > 0 && worker.assigned() > 0;
        return new Work(
                tasks,
                failed,
                isAtOneTask ? 1 : Math.min(1, (tasks + failed) * worker.avgExecutionTimeMillis() / MILLIS_PER_SECOND));
    }

    Flow of(final ClusterStatus.Camera camera) {
        final ClusterStatus.Camera was = cameras.get(key(camera.id(), camera.incarnation()));
        return was == null
                ? new Flow(Double.NaN, Double.NaN, Double.NaN)
                : new Flow(
                        perSecond(was.framesAccepted(), camera.framesAccepted()),
                        perSecond(was.framesRefused(), camera.framesRefused()),
                        perSecond(was.dropped(), camera.dropped()));
    }

    private double perSecond(final long was, final long is) {
        return seconds <= 0 || is < was ? Double.NaN : (is - was) / seconds;
    }
}
