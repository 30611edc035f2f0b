package io.dragon.engine.node;

import io.dragon.codecs.control.SupervisedState;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps the worker processes of a host running: starts each, starts it again when it has ended, by the {@link RestartRule}, kills
 * it when the sequencer says that it hangs, and reports every change. A worker keeps its name through all its processes, so that
 * the sequencer sees one party with new incarnations. One thread; never blocks for longer than starting a process takes.
 */
public final class Supervisor {
    private final List<SupervisedWorker> workers = new ArrayList<>();
    private boolean isStopping;
    private long ends;

    /**
     * Starts nothing yet.
     *
     * @param ctx     whom, and how.
     * @param reports where changes are told.
     * @param nowNs   the time of the clock that {@link #doWork} is given, nanoseconds.
     */
    public Supervisor(final Context ctx, final NodeReports reports, final long nowNs) {
        ctx.conclude();
        for (final String name : ctx.names) {
            workers.add(new SupervisedWorker(name, ctx, reports, nowNs));
        }
        ctx.missing.forEach((name, why) -> reports.worker(name, SupervisedState.GIVEN_UP, 0, 0, 0, why));
    }

    /**
     * Looks after every worker.
     *
     * @param nowNs time of {@link System#nanoTime}.
     * @return how much there was to do: starts and ends.
     */
    public int doWork(final long nowNs) {
        int workCount = 0;
        for (final SupervisedWorker worker : workers) {
            final boolean ran = worker.hasProcess();
            workCount += worker.doWork(nowNs);
            ends += ran && !worker.hasProcess() ? 1 : 0;
        }
        return workCount;
    }

    /**
     * Processes that have ended, whatever the reason.
     *
     * @return their number so far.
     */
    public long ends() {
        return ends;
    }

    /**
     * The sequencer wants the process of a worker to be ended, because it hangs. Only the process of a worker of this supervisor is
     * touched, or one that bears the name of such a worker and was left by an earlier supervisor; and only as long as it is the
     * incarnation that is meant.
     *
     * @param workerId    party id.
     * @param incarnation of the worker that hangs.
     * @param processId   as the worker registered.
     * @param hungMs      for so long, milliseconds.
     * @return false when the process is none of this supervisor's.
     */
    public boolean kill(final int workerId, final int incarnation, final long processId, final long hungMs) {
        for (final SupervisedWorker worker : workers) {
            if (worker.isProcess(processId)) {
                worker.kill(workerId, incarnation, hungMs);
                return true;
            }
            if (worker.killOrphan(workerId, incarnation, processId, hungMs)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Ends every worker in order: each finishes the task in hand. {@link #doWork} has to go on until {@link #isStopped}.
     *
     * @param nowNs time of {@link System#nanoTime}.
     */
    public void stop(final long nowNs) {
        isStopping = true;
        workers.forEach(worker -> worker.stop(nowNs));
    }

    /**
     * Whether every worker has ended after {@link #stop}.
     *
     * @return false before that.
     */
    public boolean isStopped() {
        return isStopping && workers.stream().allMatch(SupervisedWorker::isStopped);
    }

    /**
     * Workers that there should be.
     *
     * @return their number.
     */
    public int size() {
        return workers.size();
    }

    /**
     * Workers whose process has registered with the sequencer and has not ended.
     *
     * @return their number.
     */
    public int running() {
        int count = 0;
        for (final SupervisedWorker worker : workers) {
            count += worker.isRunning() ? 1 : 0;
        }
        return count;
    }

    @Override
    public String toString() {
        return "Supervisor" + workers;
    }

    /** Whom a supervisor looks after, and how. */
    public static final class Context {
        private final List<String> names = new ArrayList<>();
        private final Map<String, String> missing = new LinkedHashMap<>();
        private WorkerLauncher launcher;
        private DragonDirectory directory;
        private RestartRule restartRule = RestartRule.DEFAULT;
        private Timeouts timeouts = Timeouts.dev();
        private long stopTimeoutNs = TimeUnit.SECONDS.toNanos(15);
        private Consumer<String> log = line -> {};

        /** No worker. */
        public Context() {}

        /**
         * Adds a worker.
         *
         * @param name its name, unique in the cluster, the same at every start of the host.
         * @return this.
         */
        public Context worker(final String name) {
            names.add(name);
            return this;
        }

        /**
         * Tells the cluster of a worker that there should be and that is not started, as of one that was given up.
         *
         * @param name its name.
         * @param why  in words.
         * @return this.
         */
        public Context missing(final String name, final String why) {
            missing.put(name, why);
            return this;
        }

        /**
         * What starts a process.
         *
         * @param launcher has to be set.
         * @return this.
         */
        public Context launcher(final WorkerLauncher launcher) {
            this.launcher = launcher;
            return this;
        }

        /** {@return what starts a process: has to be set} */
        public WorkerLauncher launcher() {
            return launcher;
        }

        /**
         * The host's Dragon directory, where workers have their locks.
         *
         * @param directory has to be set.
         * @return this.
         */
        public Context directory(final DragonDirectory directory) {
            this.directory = directory;
            return this;
        }

        /** {@return the host's Dragon directory, where workers have their locks: has to be set} */
        public DragonDirectory directory() {
            return directory;
        }

        /**
         * When a worker that has ended is started again.
         *
         * @param restartRule {@link RestartRule#DEFAULT} when it is not set.
         * @return this.
         */
        public Context restartRule(final RestartRule restartRule) {
            this.restartRule = restartRule;
            return this;
        }

        /** {@return when a worker that has ended is started again: {@link RestartRule#DEFAULT} when it is not set} */
        public RestartRule restartRule() {
            return restartRule;
        }

        /**
         * The timeouts, of which the schedule of attempts is used.
         *
         * @param timeouts a profile.
         * @return this.
         */
        public Context timeouts(final Timeouts timeouts) {
            this.timeouts = timeouts;
            return this;
        }

        /** {@return the timeouts, of which the schedule of attempts is used: a profile} */
        public Timeouts timeouts() {
            return timeouts;
        }

        /**
         * How long a worker may take to end in order, before it is killed: above the time that it gives the task in hand.
         *
         * @param stopTimeoutNs nanoseconds.
         * @return this.
         */
        public Context stopTimeoutNs(final long stopTimeoutNs) {
            this.stopTimeoutNs = stopTimeoutNs;
            return this;
        }

        /** {@return how long a worker may take to end in order, before it is killed: nanoseconds} */
        public long stopTimeoutNs() {
            return stopTimeoutNs;
        }

        /**
         * Takes one line for people about each start and end.
         *
         * @param log called on the supervisor's thread.
         * @return this.
         */
        public Context log(final Consumer<String> log) {
            this.log = log;
            return this;
        }

        /** {@return takes one line for people about each start and end: called on the supervisor's thread} */
        public Consumer<String> log() {
            return log;
        }

        void conclude() {
            if (launcher == null || directory == null) {
                throw new DragonException(
                        DragonException.WRONG_USAGE, "a supervisor needs a launcher and a Dragon directory");
            }
            if (names.stream().distinct().count() != names.size()) {
                throw new DragonException(
                        DragonException.WRONG_USAGE, "two workers of a supervisor have one name: " + names);
            }
        }
    }
}
