package io.dragon.tools;

import io.dragon.engine.client.Incident;
import java.io.PrintStream;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;

/** Incidents for people: one line each in 120 columns, with {@code details} another one that says more. */
final class IncidentReport {
    private static final int WHAT = 44;
    private static final int RULE = 19;
    private static final String LINE = "%-19s  %-" + WHAT + "s  %-" + RULE + "s  %9s  %5s  %7s  %5s";

    private final ZoneId zone;
    private final boolean hasDetails;
    private final PrintStream out;

    IncidentReport(final PrintStream out, final ZoneId zone, final boolean hasDetails) {
        this.out = out;
        this.hasDetails = hasDetails;
        this.zone = zone;
    }

    void printHeader() {
        line("WHEN", "WHAT", "SEEN BY", "AFTER", "MOVED", "RETRIED", "TIMES");
    }

    void print(final List<Incident> incidents) {
        for (final Incident incident : incidents) {
            line(
                    Tables.time(incident.timeMillis(), zone),
                    StatusReport.cut(incident.what(), WHAT),
                    StatusReport.cut(incident.how(), RULE),
                    incident.detectedMillis() < 0 ? "-" : StatusReport.span(incident.detectedMillis()),
                    incident.moved(),
                    incident.retried(),
                    incident.repeated() + 1);
            if (hasDetails && !incident.text().isEmpty()) {
                out.println("  " + StatusReport.cut(incident.text(), 118));
            }
        }
    }

    private void line(final Object... cells) {
        out.println(String.format(Locale.ROOT, LINE, cells).stripTrailing());
    }
}
