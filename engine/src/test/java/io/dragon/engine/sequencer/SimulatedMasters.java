package io.dragon.engine.sequencer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Members with one replicated log between them. The leader appends, the others follow as fast as chance lets them, and what a
 * majority has is committed. A new leader is one of a majority that has most; what only others had is gone.
 */
final class SimulatedMasters implements Simulation.Actor {
    private static final long ELECTION_US = 100_000;
    private static final long SESSION_TIMEOUT_US = 1_200_000;
    private static final long SESSION_CHECK_US = 100_000;

    /** A client's connection to the cluster, which outlives leaders. */
    static final class Session {
        final SimulatedProcess process;
        long heardUs;
        boolean isOpen = true;

        Session(final SimulatedProcess process, final long nowUs) {
            this.process = process;
            heardUs = nowUs;
        }
    }

    private final Simulation simulation;
    private final SplittableRandom random;
    final List<LogEntry> log = new ArrayList<>();
    final SimulatedMember[] members;
    private final int[] places;
    private final List<Session> sessions = new ArrayList<>();
    SimulatedMember leader;
    int commit;
    private int term;
    private long electionUs = Long.MAX_VALUE;
    private long tickUs;
    private long sessionCheckUs;

    SimulatedMasters(final Simulation simulation, final int count) {
        this.simulation = simulation;
        random = simulation.random;
        members = new SimulatedMember[count];
        places = new int[count];
        // Now and then a member that forgets between any two entries: its snapshot must be all that it needs.
        final int forgetful = random.nextInt(16) == 0 ? random.nextInt(count) : -1;
        for (int i = 0; i < count; i++) {
            members[i] = new SimulatedMember(i, simulation, this, i == forgetful ? 1 + random.nextInt(60) : 0);
        }
        sessions.add(null);
        electionUs = simulation.nowUs;
    }

    /** Whether the present leader can append and commit. */
    boolean isLed() {
        return leader != null && leader.isReachable();
    }

    // ---- the log

    private void append(final int kind, final long sessionId, final byte[] bytes) {
        log.add(new LogEntry(kind, sessionId, bytes, Simulation.EPOCH_MS + leader.clockOffsetMs + simulation.nowMs()));
        leader.received = log.size();
        advance();
    }

    void advance() {
        for (int i = 0; i < members.length; i++) {
            places[i] = members[i].received;
        }
        Arrays.sort(places);
        commit = Math.max(commit, places[(places.length - 1) / 2]);
    }

    void snapshot() {
        if (isLed()) {
            append(LogEntry.SNAPSHOT, 0, null);
        }
    }

    /** The masters were all away for a while, or the leader's clock was set. */
    void newSettings() {
        if (isLed()) {
            offerSettings();
            simulation.count(Covered.SETTINGS_CHANGED);
        }
    }

    private void offerSettings() {
        final SequencerConfig config =
                simulation.plan.config().set(Setting.MEMBER_ID, leader.id).set(Setting.LEADERSHIP_TERM_ID, term);
        append(LogEntry.SETTINGS, 0, Messages.settings(config));
    }

    // ---- leaders

    /** The leader cannot lead any more; some time later that is noticed. */
    void leaderLost() {
        electionUs = simulation.nowUs + ELECTION_US + random.nextInt(300_000);
    }

    /** Who starts again leads no more, not even when nobody has missed it. */
    void killed(final SimulatedMember member) {
        if (leader == member) {
            leader = null;
            leaderLost();
        }
    }

    /** The leader hands over: everybody has everything before it ends. */
    void handOver(final long awayUs) {
        for (final SimulatedMember member : members) {
            if (member.votes()) {
                member.received = log.size();
            }
        }
        advance();
        leader.kill(awayUs);
        electionUs = simulation.nowUs + 5_000;
    }

    private void elect() {
        SimulatedMember best = null;
        int votes = 0;
        for (final SimulatedMember member : members) {
            if (member.votes()) {
                votes++;
                if (best == null
                        || member.received > best.received
                        || member.received == best.received && random.nextBoolean()) {
                    best = member;
                }
            }
        }
        if (votes <= members.length / 2) {
            electionUs = simulation.nowUs + ELECTION_US;
            return;
        }
        electionUs = Long.MAX_VALUE;
        term++;
        truncate(best);
        leader = best;
        best.isLeader = true;
        best.leadsFrom = random.nextBoolean() ? best.applied : log.size();
        tickUs = simulation.nowUs;
        simulation.trace("member " + best.id + " leads term " + term + " from " + log.size());
        simulation.count(Covered.ELECTIONS);
        if (!simulation.isQuiet && random.nextInt(4) == 0) {
            simulation.plan.change(random);
            simulation.count(Covered.SETTINGS_CHANGED);
        }
        offerSettings();
        for (final SimulatedProcess process : simulation.processes) {
            process.newLeader();
        }
    }

    private void truncate(final SimulatedMember best) {
        Invariants.that(best.received >= commit, "the model: a new leader has what was committed");
        while (log.size() > best.received) {
            final LogEntry gone = log.remove(log.size() - 1);
            if (gone.kind == LogEntry.COMMAND) {
                simulation.count(Covered.VANISHED);
            } else if (gone.kind == LogEntry.SESSION_CLOSED) {
                final Session session = sessions.get((int) gone.sessionId);
                session.isOpen = true;
                session.heardUs = simulation.nowUs;
            }
        }
        for (final SimulatedMember member : members) {
            member.received = Math.min(member.received, log.size());
        }
    }

    @Override
    public long dueUs() {
        if (isLed()) {
            return Math.min(tickUs, electionUs);
        }
        return electionUs == Long.MAX_VALUE ? simulation.nowUs : electionUs;
    }

    @Override
    public void act() {
        if (simulation.nowUs >= electionUs) {
            if (isLed()) {
                electionUs = Long.MAX_VALUE; // Back before anybody missed it.
            } else {
                elect();
            }
            return;
        }
        if (!isLed()) {
            leaderLost();
            return;
        }
        tickUs = simulation.nowUs + 1_000L * simulation.plan.config().get(Setting.TICK_MS);
        append(LogEntry.TICK, 0, null);
        if (simulation.nowUs >= sessionCheckUs) {
            sessionCheckUs = simulation.nowUs + SESSION_CHECK_US;
            closeSilentSessions();
        }
    }

    // ---- sessions

    /** A new session, or 0 when there is nobody to open it. */
    long open(final SimulatedProcess process) {
        if (!isLed() || !simulation.isReachable(process)) {
            return 0;
        }
        sessions.add(new Session(process, simulation.nowUs));
        return sessions.size() - 1;
    }

    private void closeSilentSessions() {
        for (int id = 1; id < sessions.size(); id++) {
            final Session session = sessions.get(id);
            if (session.isOpen && simulation.nowUs - session.heardUs > SESSION_TIMEOUT_US) {
                session.isOpen = false;
                append(LogEntry.SESSION_CLOSED, id, null);
                simulation.count(Covered.SESSIONS_CLOSED);
            }
        }
    }

    /** A message reaches the member that its sender takes for the leader. */
    void ingress(final SimulatedProcess process, final int memberId, final long sessionId, final byte[] bytes) {
        final Session session = sessions.get((int) sessionId);
        if (!isLed() || leader.id != memberId || !simulation.isReachable(process)) {
            simulation.count(Covered.VANISHED);
        } else if (!session.isOpen) {
            process.sessionLost();
        } else {
            session.heardUs = simulation.nowUs;
            append(LogEntry.COMMAND, sessionId, bytes);
        }
    }

    /** What a dead process had sent arrives over the session that it had. */
    boolean straggler(final long sessionId, final byte[] bytes) {
        if (isLed()) {
            append(LogEntry.COMMAND, sessionId, bytes);
        }
        return isLed();
    }

    void deliver(final SimulatedMember from, final long sessionId, final Event event) {
        final Session session = sessions.get((int) sessionId);
        if (from != leader) {
            simulation.count(Covered.OLD_LEADER_SPOKE);
        }
        if (session == null
                || session.process.sessionId != sessionId
                || !simulation.isReachable(session.process)
                || !simulation.isQuiet && random.nextInt(1_000) < simulation.plan.eventsLostPerMille) {
            simulation.count(Covered.EVENTS_LOST);
            return;
        }
        session.process.hear(from.id, event);
    }

    /** Nobody still lacks what it once acknowledged: a second lost disk could take what a majority had. */
    boolean areComplete() {
        for (final SimulatedMember member : members) {
            if (member.received < member.votesFrom) {
                return false;
            }
        }
        return true;
    }

    /** All members are where the log ends. */
    boolean isLevel() {
        for (final SimulatedMember member : members) {
            if (!member.isUp || member.applied != log.size()) {
                return false;
            }
        }
        return true;
    }
}
