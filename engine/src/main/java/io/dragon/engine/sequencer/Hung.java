package io.dragon.engine.sequencer;

import java.util.ArrayList;

/**
 * Workers that give no sign of moving: suspect, or dead by silence alone. Their slots stay pinned, so after a time the node
 * agent of their host is asked to end the process, and asked again until that incarnation is proven dead or moves.
 */
final class Hung {
    private static final int ASK_AGAIN_MS = 2_000;

    private final Core core;

    /** By id. */
    private final ArrayList<Party> workers = new ArrayList<>();

    Hung(final Core core) {
        this.core = core;
    }

    void begins(final Party worker, final long sinceMs) {
        if (worker.hungMs < 0) {
            worker.hungMs = sinceMs;
            worker.killAskedMs = Party.NEVER;
            enter(worker);
        }
    }

    /** Into the list; its state says since when. */
    void enter(final Party worker) {
        int index = workers.size();
        while (index > 0 && workers.get(index - 1).id > worker.id) {
            index--;
        }
        workers.add(index, worker);
    }

    /** It moves, or it is proven that it never will. */
    void ends(final Party worker) {
        if (worker.hungMs >= 0) {
            worker.hungMs = Party.NEVER;
            worker.killAskedMs = Party.NEVER;
            workers.remove(worker);
        }
    }

    /** Its node agent is new, or was away: whatever the worker missed because of that is no proof that it hangs. */
    void nodeCame(final Party node) {
        for (int i = 0; i < workers.size(); i++) {
            if (workers.get(i).nodeId == node.id) {
                workers.get(i).hungMs = core.upMs();
                workers.get(i).killAskedMs = Party.NEVER;
            }
        }
    }

    void check() {
        for (int i = 0; i < workers.size(); i++) {
            final Party worker = workers.get(i);
            final Party node = worker.nodeId == 0 ? null : core.parties.get(worker.nodeId);
            if (node != null && node.isAlive && isDue(worker)) {
                worker.killAskedMs = core.upMs();
                if (core.egress.owesKill(node, worker)) {
                    continue; // emitted again until the node has it, like any other event
                }
                final Outgoing kill = core.egress.outgoing(Outgoing.KILL);
                kill.subject = worker.id;
                kill.a = Integer.toUnsignedLong(worker.incarnation);
                kill.b = worker.processId;
                kill.c = core.upMs() - worker.hungMs;
                core.egress.add(node, kill);
            }
        }
    }

    private boolean isDue(final Party worker) {
        return core.upMs() - worker.hungMs >= core.config.get(Setting.HANG_KILL_AFTER_MS)
                && (worker.killAskedMs < 0 || core.upMs() - worker.killAskedMs >= ASK_AGAIN_MS);
    }

    /** Whether what was asked of a node still holds; it is not emitted again otherwise. */
    boolean holds(final Outgoing kill) {
        final Party worker = core.parties.get((int) kill.subject);
        return worker != null
                && worker.hungMs >= 0
                && Integer.toUnsignedLong(worker.incarnation) == kill.a
                && worker.killAskedMs >= 0;
    }
}
