package io.dragon.engine.cluster;

import io.aeron.cluster.ElectionState;

/** What a member of the masters does, in words. */
final class MemberWords {
    private MemberWords() {}

    static String of(final MasterContext ctx, final MasterMember member) {
        final ElectionState election = member.isRunning() ? member.counters().election() : null;
        if (election == null) {
            return "ended";
        }
        final MasterAddresses addresses = ctx.addresses();
        final int all = addresses.hosts().size();
        final int here = Math.min(all, 1 + member.counters().others());
        return switch (election) {
            case CLOSED -> member.counters().isLeader() ? "leads" : "follows the leader";
            case INIT, CANVASS, NOMINATE, CANDIDATE_BALLOT, FOLLOWER_BALLOT -> here < addresses.quorum()
                    ? waiting(addresses, ctx.memberId(), here)
                    : "elects a leader with the others: " + here + " of " + all + " masters are here";
            case LEADER_LOG_REPLICATION -> "waits until a majority of the masters has its log";
            case LEADER_REPLAY, FOLLOWER_REPLAY -> "replays its log";
            case FOLLOWER_LOG_REPLICATION,
                    FOLLOWER_CATCHUP_INIT,
                    FOLLOWER_CATCHUP_AWAIT,
                    FOLLOWER_CATCHUP -> "catches up with the log of the leader";
            default -> "takes its place among the masters";
        };
    }

    static String waiting(final MasterAddresses addresses, final int memberId, final int here) {
        return "waits for other masters: " + here + " of " + addresses.hosts().size() + " is here, "
                + addresses.quorum() + " are needed; the others are " + addresses.others(memberId);
    }
}
