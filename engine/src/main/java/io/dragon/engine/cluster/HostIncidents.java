package io.dragon.engine.cluster;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.engine.node.NodeReports;

/** Tells of what comes to a host and should not, once a minute however much it is. One thread. */
final class HostIncidents {
    static final long INTERVAL_NS = 60_000_000_000L;

    private final NodeReports reports;
    private final Kind intruders;
    private final Kind damaged;

    HostIncidents(final NodeReports reports, final long nowNs) {
        this.reports = reports;
        intruders = new Kind(nowNs);
        damaged = new Kind(nowNs);
    }

    /** Takes the counts as they are now; they begin at 0 again with what counts them. */
    void look(final long intrudersNow, final long damagedNow, final long nowNs) {
        final long strange = intruders.news(intrudersNow, nowNs);
        if (strange > 0) {
            tell(
                    IncidentKind.INTRUDER,
                    IncidentRule.NOT_AUTHENTIC,
                    strange + (strange == 1 ? " packet was" : " packets were")
                            + " of nobody of this system, and ignored");
        }
        final long chunks = damaged.news(damagedNow, nowNs);
        if (chunks > 0) {
            tell(
                    IncidentKind.FRAME_CORRUPT,
                    IncidentRule.CHECKSUM,
                    chunks + (chunks == 1 ? " chunk came damaged, and was" : " chunks came damaged, and were")
                            + " asked for again");
        }
    }

    private void tell(final IncidentKind kind, final IncidentRule rule, final String text) {
        reports.incident(kind, rule, 0, -1, text);
    }

    private static final class Kind {
        private long told;
        private long toldNs;

        private Kind(final long nowNs) {
            toldNs = nowNs - INTERVAL_NS;
        }

        /** How many there are to tell of; 0 while it is not time. */
        private long news(final long count, final long nowNs) {
            if (count < told) {
                told = 0;
            }
            if (count == told || nowNs - toldNs < INTERVAL_NS) {
                return 0;
            }
            final long news = count - told;
            told = count;
            toldNs = nowNs;
            return news;
        }
    }
}
