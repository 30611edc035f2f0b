package io.dragon.engine.node;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.engine.frame.LivenessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * One worker's name, and the process that bears it now, if any.
 *
 * <pre>
 *   STARTING --- registered ---> RUNNING
 *    ^    |                         |
 *    |    +--------- ended ---------+
 *    |                 v
 *    +-- wait -- BACKING_OFF, or GIVEN_UP after too many short lives        (STOPPED: in order, for good)
 * </pre>
 */
final class SupervisedWorker {
    /** How often a name that somebody else bears is looked at. */
    private static final long LOOK_NS = 200_000_000;

    private static final long CARD_LOOK_NS = 20_000_000;
    private static final long NS_PER_MS = 1_000_000;

    final String name;
    private final Supervisor.Context ctx;
    private final NodeReports reports;
    private final Path lockFile;
    private WorkerProcess process;
    private SupervisedState state;
    private String text;
    private long startedNs;
    private long startAtNs;
    private long killAtNs;
    private int starts;
    private int shortLives;
    private int partyId;
    private FileTime earlierCard;
    private long lookedNs;
    private String lastEnd;
    private long detectedMs;
    private boolean isHung;
    private boolean isStopping;

    SupervisedWorker(final String name, final Supervisor.Context ctx, final NodeReports reports, final long nowNs) {
        this.name = name;
        this.ctx = ctx;
        this.reports = reports;
        lockFile = ctx.directory().workerLock(name);
        startAtNs = nowNs;
        become(SupervisedState.STARTING, 0, "not started yet");
    }

    int doWork(final long nowNs) {
        if (process == null) {
            return !isStopping && nowNs - startAtNs >= 0 ? start(nowNs) : 0;
        }
        if (!process.isAlive()) {
            onEnd(nowNs);
            return 1;
        }
        if (isStopping && nowNs - killAtNs >= 0) {
            killAtNs = nowNs + ctx.stopTimeoutNs();
            ctx.log().accept(name + ": does not end within " + EndOfProcess.span(ctx.stopTimeoutNs()) + ", is killed");
            process.kill();
            return 1;
        }
        if (state == SupervisedState.STARTING && nowNs - lookedNs >= CARD_LOOK_NS && isRegistered(nowNs)) {
            become(
                    SupervisedState.RUNNING,
                    0,
                    lastEnd == null ? "registered" : "registered; the one before it: " + lastEnd);
            return 1;
        }
        return 0;
    }

    boolean isRunning() {
        return state == SupervisedState.RUNNING;
    }

    boolean isStopped() {
        return state == SupervisedState.STOPPED;
    }

    boolean hasProcess() {
        return process != null;
    }

    boolean isProcess(final long pid) {
        return process != null && process.pid() == pid;
    }

    /** Kills its process if that is the one that registered as this incarnation of this party. */
    void kill(final int workerId, final int incarnation, final long hungMs) {
        if (!isCardOf(workerId, incarnation)) {
            return;
        }
        if (!isHung) {
            isHung = true;
            tellKill(workerId, process.pid(), hungMs);
        }
        process.kill();
    }

    /** Kills what an earlier supervisor left under this name, and for whose end this one waits. */
    boolean killOrphan(final int workerId, final int incarnation, final long processId, final long hungMs) {
        // The handle first: it is of the process that is looked at, and does not kill another that gets its number.
        final ProcessHandle orphan = ProcessHandle.of(processId).orElse(null);
        if (process != null
                || orphan == null
                || !isCardOf(workerId, incarnation)
                || !isHolder(processId)
                || !Orphan.is(processId)) {
            return false;
        }
        tellKill(workerId, processId, hungMs);
        orphan.destroyForcibly();
        return true;
    }

    private boolean isCardOf(final int workerId, final int incarnation) {
        final PartyCard card = PartyCard.read(PartyCard.beside(lockFile));
        return card != null && card.partyId() == workerId && card.incarnation() == incarnation;
    }

    private void tellKill(final int workerId, final long processId, final long hungMs) {
        final String words = name + ": process " + processId + " hung for " + EndOfProcess.span(hungMs * NS_PER_MS)
                + " and is killed";
        ctx.log().accept(words);
        reports.incident(IncidentKind.WORKER_KILLED, IncidentRule.HANG_KILL_AFTER, workerId, hungMs, words);
    }

    /** Ends it in order, for good. */
    void stop(final long nowNs) {
        if (isStopping) {
            return;
        }
        isStopping = true;
        if (process == null) {
            become(SupervisedState.STOPPED, 0, "stopped in order");
        } else {
            killAtNs = nowNs + ctx.stopTimeoutNs();
            process.terminate();
        }
    }

    private int start(final long nowNs) {
        if (LivenessLock.isHeld(lockFile)) {
            waitForHolder(nowNs);
            return 1;
        }
        earlierCard = cardWritten();
        startedNs = nowNs;
        isHung = false;
        final boolean isRestart = starts++ > 0;
        try {
            process = ctx.launcher().launch(name);
        } catch (final IOException ex) {
            detectedMs = 0;
            await(nowNs, "cannot be started: " + ex.getMessage());
            return 1;
        }
        if (isRestart) {
            reports.incident(
                    IncidentKind.WORKER_RESTARTED,
                    IncidentRule.PROCESS_ENDED,
                    partyId,
                    detectedMs,
                    name + ": started again; " + lastEnd);
        }
        ctx.log().accept(name + ": started" + (isRestart ? " again" : "") + " as process " + process.pid());
        become(
                SupervisedState.STARTING,
                0,
                "started, not registered yet" + (lastEnd == null ? "" : "; the one before it: " + lastEnd));
        return 1;
    }

    private void onEnd(final long nowNs) {
        final WorkerProcess ended = process;
        final long livedNs = ended.endedNs() - startedNs;
        final String end = isHung ? "it hung and was killed" : EndOfProcess.words(ended.exitCode(), ended.lastWords());
        detectedMs = Math.max(0, nowNs - ended.endedNs()) / NS_PER_MS;
        isRegistered(nowNs); // who it was, if it got so far
        process = null;
        if (isStopping) {
            final String words = ended.exitCode() == 0 ? "stopped in order" : "stopped; " + end;
            ctx.log().accept(name + ": " + words);
            become(SupervisedState.STOPPED, 0, words);
            return;
        }
        if (livedNs >= ctx.restartRule().shortLifeNs()) {
            shortLives = 0;
        }
        await(nowNs, "ended after " + EndOfProcess.span(livedNs) + ": " + end);
    }

    /** For its next start, or for the pause of one that is given up. */
    private void await(final long nowNs, final String end) {
        lastEnd = end;
        final RestartRule rule = ctx.restartRule();
        final boolean isGivenUp = rule.isOver(shortLives);
        final long waitNs = rule.waitNs(shortLives, ctx.timeouts());
        shortLives = Math.min(rule.restarts(), shortLives + 1);
        startAtNs = nowNs + waitNs;
        if (isGivenUp) {
            final String words = name + ": given up for " + EndOfProcess.span(waitNs) + "; " + end;
            ctx.log().accept(words);
            reports.incident(IncidentKind.WORKER_GIVEN_UP, IncidentRule.PROCESS_ENDED, partyId, detectedMs, words);
            become(SupervisedState.GIVEN_UP, waitNs, end);
        } else {
            ctx.log().accept(name + ": " + end + "; started again in " + EndOfProcess.span(waitNs));
            become(SupervisedState.BACKING_OFF, waitNs, end);
        }
    }

    private void waitForHolder(final long nowNs) {
        startAtNs = nowNs + LOOK_NS;
        final String words = "waits for the end of " + holder() + ", which has this name";
        if (!words.equals(text)) {
            ctx.log().accept(name + ": " + words);
            become(SupervisedState.BACKING_OFF, LOOK_NS, words);
        }
    }

    private boolean isHolder(final long processId) {
        return LivenessLock.isHeld(lockFile) && holderId().equals(Long.toString(processId));
    }

    private String holder() {
        final String pid = holderId();
        return pid.matches("[0-9]{1,18}") ? "process " + pid : "another process";
    }

    /** What the holder of the lock wrote into it: its process id. */
    private String holderId() {
        try {
            return Files.readString(lockFile).trim();
        } catch (final IOException ex) {
            return "";
        }
    }

    /** Its process has left its card: what an earlier one left is not it, whatever it says. */
    private boolean isRegistered(final long nowNs) {
        lookedNs = nowNs;
        final FileTime written = cardWritten();
        final PartyCard card =
                written == null || written.equals(earlierCard) ? null : PartyCard.read(PartyCard.beside(lockFile));
        if (card == null) {
            return false;
        }
        partyId = card.partyId();
        return true;
    }

    private FileTime cardWritten() {
        try {
            return Files.getLastModifiedTime(PartyCard.beside(lockFile));
        } catch (final IOException ex) {
            return null;
        }
    }

    private void become(final SupervisedState next, final long waitNs, final String why) {
        state = next;
        text = why;
        reports.worker(name, next, Math.max(0, starts - 1), waitNs, process == null ? 0 : process.pid(), why);
    }

    @Override
    public String toString() {
        return name + ' ' + state + " (" + text + ')';
    }
}
