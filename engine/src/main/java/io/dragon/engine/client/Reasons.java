package io.dragon.engine.client;

import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.codecs.control.WorkerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is wrong with the parts of a cluster, one sentence each; a few are named, the rest is counted. */
final class Reasons {
    private static final int MOST_NAMED = 4;

    /** A worker that has not registered for so long does not start. */
    private static final long START_MILLIS = 30_000;

    private Reasons() {}

    static String span(final long millis) {
        return millis < 1_000 ? millis + " ms" : String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }

    static List<String> masters(final List<ClusterStatus.Master> masters) {
        final List<String> away = new ArrayList<>();
        int count = 0;
        for (final ClusterStatus.Master master : masters) {
            if (master.memberId() >= 0) {
                count++;
                if (!master.isAlive()) {
                    away.add(master.name());
                }
            }
        }
        if (away.isEmpty()) {
            return List.of();
        }
        final int spare = count - away.size() - (count / 2 + 1);
        return List.of(away.size() + " of " + count + " masters " + (away.size() == 1 ? "is" : "are") + " away ("
                + String.join(", ", away) + ")"
                + (spare <= 0 && count > 1 ? ": one more and nothing is sequenced" : ""));
    }

    static List<String> nodes(final List<ClusterStatus.Node> nodes) {
        final List<String> lost = new ArrayList<>();
        for (final ClusterStatus.Node node : nodes) {
            if (node.state() == WorkerState.DEAD && node.silentMillis() <= ClusterView.MISSED_MILLIS) {
                lost.add("node " + node.name() + " is lost: not heard for " + span(node.silentMillis()));
            }
        }
        return few(lost, "nodes are lost");
    }

    /** Which workers are being started; empty when none is, or when that takes too long. */
    static String starting(final List<ClusterStatus.Supervised> supervised) {
        final List<String> names = new ArrayList<>();
        for (final ClusterStatus.Supervised process : supervised) {
            final boolean isComing =
                    process.state() == SupervisedState.STARTING || process.state() == SupervisedState.RUNNING;
            if (process.isNodeAlive() && isComing && process.sinceMillis() < START_MILLIS) {
                names.add(process.name());
            }
        }
        return names.isEmpty()
                ? ""
                : (names.size() == 1 ? "worker " : "workers ")
                        + String.join(", ", names.subList(0, Math.min(MOST_NAMED, names.size())))
                        + (names.size() > MOST_NAMED ? " and " + (names.size() - MOST_NAMED) + " more" : "")
                        + (names.size() == 1 ? " is" : " are") + " being started";
    }

    static List<String> workers(
            final List<ClusterStatus.Worker> workers, final List<ClusterStatus.Supervised> supervised) {
        final List<String> drained = new ArrayList<>();
        final List<String> hung = new ArrayList<>();
        final List<String> givenUp = new ArrayList<>();
        final List<String> unfit = new ArrayList<>();
        final List<String> weak = new ArrayList<>();
        for (final ClusterStatus.Worker worker : workers) {
            if (worker.state() == WorkerState.DRAINED) {
                drained.add("worker " + worker.name() + " is drained: " + worker.failuresInARow()
                        + " failures in a row, gets one task now and then");
            } else if (worker.state() == WorkerState.SUSPECT) {
                hung.add("worker " + worker.name() + " hangs for " + span(worker.stateMillis()) + " and gets no tasks");
            } else if (worker.state() == WorkerState.UNFIT) {
                unfit.add("worker " + worker.name() + " gets no tasks for " + span(worker.stateMillis()) + ": "
                        + worker.gpu().text());
            } else if (worker.state() == WorkerState.ALIVE && worker.gpu().state() == DeviceState.DEGRADED) {
                weak.add("worker " + worker.name() + ": " + worker.gpu().text());
            }
        }
        for (final ClusterStatus.Supervised process : supervised) {
            if (process.isNodeAlive() && process.state() == SupervisedState.GIVEN_UP) {
                givenUp.add(
                        "worker " + process.name() + " of node " + process.node() + " was given up: " + process.text());
            }
        }
        final List<String> all = new ArrayList<>(few(hung, "workers hang and get no tasks"));
        all.addAll(few(unfit, "workers get no tasks because of their devices"));
        all.addAll(few(drained, "workers are drained"));
        all.addAll(few(weak, "workers have a device that is not well"));
        all.addAll(few(givenUp, "workers were given up by their supervisors"));
        return all;
    }

    static List<String> few(final List<String> reasons, final String more) {
        if (reasons.size() <= MOST_NAMED) {
            return reasons;
        }
        final List<String> named = new ArrayList<>(reasons.subList(0, MOST_NAMED - 1));
        named.add("and " + (reasons.size() - named.size()) + " more " + more);
        return named;
    }
}
