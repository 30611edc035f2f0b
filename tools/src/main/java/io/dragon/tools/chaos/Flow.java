package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The flow of tasks while something happens to the system: results are taken, what ended by itself is started again, all every 2 ms. One thread. */
final class Flow {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final SystemAccess access;
    private final Loaded cluster;
    private final Load load;
    private final Runnable view;
    private final Runnable fault;
    private final Map<String, Integer> ended = new TreeMap<>();

    /**
     * @param access  tells whether the run is to stop.
     * @param cluster what is under load.
     * @param load    the load.
     * @param view    looks at the system, before anything of it is mended.
     * @param fault   goes on with what happens to the system.
     */
    Flow(final SystemAccess access, final Loaded cluster, final Load load, final Runnable view, final Runnable fault) {
        this.access = access;
        this.cluster = cluster;
        this.load = load;
        this.view = view;
        this.fault = fault;
    }

    void step() {
        if (access.isStopRequested()) {
            throw new DragonException("The run was stopped.");
        }
        view.run();
        load.drain();
        final String name = cluster.mend();
        if (name != null) {
            ended.merge(name, 1, Integer::sum);
        }
        fault.run();
        LockSupport.parkNanos(POLL_NS);
    }

    void goOn(final long ns) {
        final long endNs = System.nanoTime() + ns;
        while (System.nanoTime() - endNs < 0) {
            step();
        }
    }

    /** Returns when a task has ended that was not known to have. */
    void await(final long mostNs) {
        final long deadlineNs = System.nanoTime() + mostNs;
        load.forget();
        while (load.ended().stream().noneMatch(each -> each.kind() == Ended.Kind.TASK)) {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new DragonException("No task ends though every process is in its place.");
            }
            step();
        }
    }

    /** Adds which processes ended that nobody had ended. */
    void remark(final List<String> remarks) {
        ended.forEach(
                (name, times) -> remarks.add(name + " ended by itself" + (times == 1 ? "" : " " + times + " times")));
    }
}
