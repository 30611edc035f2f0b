package io.dragon.tools.chaos;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing that goes wrong.
 *
 * @param kind    what.
 * @param target  what it befalls.
 * @param seconds how long it lasts, where it lasts.
 */
record Fault(Kind kind, Target target, int seconds) implements Mishap {
    private static final int[] PAUSES_S = {1, 5, 15};
    private static final int RESTART_S = 4;

    /** What goes wrong. */
    enum Kind {
        /** kill -9; started again when the system goes on without it. */
        KILL("kill"),
        /** kill -9; started again after some seconds, whatever the system has made of it. */
        RESTART("restart"),
        /** SIGSTOP, and SIGCONT after some seconds. */
        STOP("stop"),
        /** No room left in the folder of shared memory. */
        MEMORY_FULL("full"),
        /** No room left on the disk of a master's log. */
        DISK_FULL("disk-full"),
        /** Packets between the masters and everybody else get lost. */
        LOSS("loss"),
        /** Nothing: the load runs, and the masters are watched. */
        CALM("calm");

        private final String label;

        Kind(final String label) {
            this.label = label;
        }

        /** As options and tables write it. */
        String label() {
            return label;
        }
    }

    @Override
    public String label() {
        return switch (kind) {
            case STOP -> target.label() + "-stop-" + seconds;
            case CALM -> kind.label();
            default -> target.label() + '-' + kind.label();
        };
    }

    @Override
    public boolean isCalm() {
        return kind == Kind.CALM;
    }

    @Override
    public String words() {
        return switch (kind) {
            case KILL -> "kill -9";
            case RESTART -> "kill -9, back after " + seconds + " s";
            case STOP -> "SIGSTOP for " + seconds + " s";
            case MEMORY_FULL -> "shared memory full for " + seconds + " s";
            case DISK_FULL -> "log disk full for " + seconds + " s";
            case LOSS -> "5 % of packets lost for " + seconds + " s";
            case CALM -> "no fault for " + seconds + " s";
        };
    }

    /** No fault at all. It is only run when it is named: it takes its time, and nothing is to be seen in it. */
    static Fault calm(final int seconds) {
        return new Fault(Kind.CALM, Target.LEADER, seconds);
    }

    /** What runs in continuous integration: each target killed, stopped for 5 s, and back within 10 s. */
    static List<Fault> shortForm() {
        final List<Fault> faults = new ArrayList<>();
        for (final Target target : Target.PROCESSES) {
            faults.add(new Fault(Kind.KILL, target, 0));
            faults.add(new Fault(Kind.STOP, target, 5));
            if (target != Target.WORKER) { // the gpu-server starts it again at once
                faults.add(new Fault(Kind.RESTART, target, RESTART_S));
            }
        }
        faults.add(new Fault(Kind.MEMORY_FULL, Target.MEMORY, 3));
        faults.add(new Fault(Kind.DISK_FULL, Target.FOLLOWER, 5));
        faults.add(new Fault(Kind.LOSS, Target.NETWORK, 5));
        return faults;
    }

    /** Everything. */
    static List<Fault> longForm() {
        final List<Fault> faults = new ArrayList<>();
        for (final Target target : Target.PROCESSES) {
            faults.add(new Fault(Kind.KILL, target, 0));
            if (target != Target.WORKER) {
                faults.add(new Fault(Kind.RESTART, target, RESTART_S));
            }
            for (final int pause : PAUSES_S) {
                faults.add(new Fault(Kind.STOP, target, pause));
            }
        }
        faults.add(new Fault(Kind.MEMORY_FULL, Target.MEMORY, 10));
        faults.add(new Fault(Kind.DISK_FULL, Target.FOLLOWER, 10));
        faults.add(new Fault(Kind.DISK_FULL, Target.LEADER, 10));
        faults.add(new Fault(Kind.LOSS, Target.NETWORK, 20));
        return faults;
    }
}
