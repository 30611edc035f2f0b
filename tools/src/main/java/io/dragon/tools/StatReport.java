package io.dragon.tools;

import io.dragon.engine.frame.PoolStatus;
import io.dragon.tools.process.DriverFile;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is to be seen of a host without any master, for people: who lives, frame pools, errors, then every counter. */
final class StatReport {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String RATE = "/S";

    private final HostLook first;
    private final HostLook before;
    private final HostLook now;
    private final String filter;
    private final ZoneId zone;
    private final List<String> lines = new ArrayList<>();
    private final List<List<Object>> rows = new ArrayList<>();

    /**
     * @param first  a look long before: counters that have changed since come first; null to leave them in their order.
     * @param before the look before, which makes rates; null for none.
     * @param now    what is shown.
     * @param filter part of what is to be shown of processes, pools, errors and counters; empty for all.
     * @param zone   of the times shown.
     */
    StatReport(
            final HostLook first, final HostLook before, final HostLook now, final String filter, final ZoneId zone) {
        this.first = first;
        this.before = before;
        this.now = now;
        this.filter = filter.toLowerCase(Locale.ROOT);
        this.zone = zone;
    }

    /** Why the host is not as it should be; empty when its media driver lives. */
    static String trouble(final HostLook look, final Path aeronDirectory) {
        if (look.isDriven()) {
            return "";
        }
        for (final HostLook.Driver driver : look.drivers()) {
            return "The media driver in " + driver.directory() + " is dead (process " + driver.processId() + ", heard "
                    + ago(look, driver) + "): what it has left is shown. 'dragon-start' or 'dragon media-driver' starts"
                    + " another.";
        }
        return ClusterAccess.noDriver(aeronDirectory);
    }

    /** The whole of it, in as many lines as it takes. */
    List<String> lines() {
        drivers();
        parties();
        pools();
        now.remarks().forEach(lines::add);
        faults();
        now.drivers().forEach(this::counters);
        return lines;
    }

    private void drivers() {
        for (final HostLook.Driver driver : now.drivers()) {
            rows.add(List.of(
                    driver.directory(),
                    driver.isAlive() ? "alive" : "dead",
                    driver.processId(),
                    ago(now, driver),
                    driver.counters().stream()
                            .filter(counter -> CounterUnit.of(counter).equals(CounterUnit.EPOCH_MILLIS))
                            .count(),
                    driver.faults().stream().mapToLong(DriverFile.Fault::times).sum()));
        }
        table("MEDIA DRIVER", "STATE", "PID", "HEARD", "CLIENTS", "ERRORS");
    }

    private static String ago(final HostLook look, final HostLook.Driver driver) {
        return driver.heardMillis() == 0
                ? "never"
                : StatusReport.span(Math.max(0, look.millis() - driver.heardMillis())) + " ago";
    }

    private void parties() {
        for (final HostLook.Holder party : now.parties()) {
            add(
                    party.name(),
                    party.kind(),
                    party.isAlive() ? "alive" : "killed",
                    party.processId() == 0 ? "-" : party.processId());
        }
        table("PROCESS", "OF", "STATE", "PID");
    }

    private void pools() {
        final Map<Long, PoolStatus> olds = new HashMap<>();
        if (before != null) {
            before.pools().forEach(pool -> olds.put(pool.poolId(), pool));
        }
        for (final PoolStatus pool : now.pools()) {
            final PoolStatus old = olds.get(pool.poolId());
            add(
                    pool.ownerName(),
                    pool.ownerPid(),
                    pool.ownerAlive() ? pool.sealed() ? "sealed" : "alive" : "orphaned",
                    Tables.bytes(pool.fileBytes()),
                    pool.filling() + "+" + pool.readable() + " of " + pool.slotCount(),
                    pool.held(),
                    pool.read(),
                    pool.published(),
                    rate(old == null ? null : old.published(), pool.published()),
                    dropped(pool),
                    String.format("%016x", pool.poolId()));
        }
        table(
                "FRAME POOL OF",
                "PID",
                "STATE",
                "SIZE",
                "FILLING+READABLE",
                "HELD",
                "READ",
                "FRAMES",
                RATE,
                "DROPPED",
                "POOL");
    }

    static long dropped(final PoolStatus pool) {
        return pool.droppedBackPressured()
                + pool.droppedOverwritten()
                + pool.droppedTimedOut()
                + pool.droppedTooLarge();
    }

    private void faults() {
        for (final HostLook.Driver driver : now.drivers()) {
            for (final DriverFile.Fault fault : driver.faults()) {
                add(
                        fault.times(),
                        Tables.time(fault.lastMillis(), zone),
                        driver.directory().getFileName(),
                        firstLine(fault));
            }
        }
        table("TIMES", "LAST", "IN", "ERROR");
    }

    static String firstLine(final DriverFile.Fault fault) {
        return fault.text().lines().findFirst().orElse("").strip();
    }

    private void counters(final HostLook.Driver driver) {
        final Map<Integer, DriverFile.Counter> olds = counters(before, driver);
        final Map<Integer, DriverFile.Counter> firsts = counters(first, driver);
        final List<DriverFile.Counter> counters = new ArrayList<>(driver.counters());
        if (!firsts.isEmpty()) {
            counters.sort(Comparator.comparing(counter -> !isGrown(firsts.get(counter.id()), counter)));
        }
        for (final DriverFile.Counter counter : counters) {
            final DriverFile.Counter old = olds.get(counter.id());
            final String unit = CounterUnit.of(counter);
            final String meaning = CounterUnit.meaning(counter);
            final boolean isTime = unit.equals(CounterUnit.EPOCH_MILLIS);
            add(
                    isTime ? Math.max(0, now.millis() - counter.value()) : counter.value(),
                    isSame(old, counter) && CounterUnit.isAmount(unit) ? rate(old.value(), counter.value()) : "",
                    isTime ? "ms ago" : meaning.isEmpty() ? unit : meaning,
                    counter.client().isEmpty() ? "-" : counter.client(),
                    counter.label().strip());
        }
        table(
                "VALUE",
                RATE,
                "UNIT",
                "CLIENT",
                "COUNTER IN " + driver.directory().getFileName());
    }

    /** Those of the same driver in another look; none without one. */
    private static Map<Integer, DriverFile.Counter> counters(final HostLook look, final HostLook.Driver driver) {
        final Map<Integer, DriverFile.Counter> counters = new HashMap<>();
        if (look != null) {
            look.drivers().stream()
                    .filter(old -> old.directory().equals(driver.directory()) && old.processId() == driver.processId())
                    .forEach(old -> old.counters().forEach(counter -> counters.put(counter.id(), counter)));
        }
        return counters;
    }

    /** The number of one that is gone is given to another. */
    private static boolean isSame(final DriverFile.Counter old, final DriverFile.Counter counter) {
        return old != null && old.label().equals(counter.label());
    }

    private static boolean isGrown(final DriverFile.Counter old, final DriverFile.Counter counter) {
        return CounterUnit.isAmount(CounterUnit.of(counter))
                && (!isSame(old, counter) || old.value() != counter.value());
    }

    /** A difference each second; nothing where there is none, or it is not one. */
    private Object rate(final Long old, final long value) {
        if (old == null || before == null || now.nanos() <= before.nanos() || value < old) {
            return "";
        }
        final double perSecond = (value - old) * NANOS_PER_SECOND / (now.nanos() - before.nanos());
        return perSecond == 0 ? "" : String.format(Locale.ROOT, perSecond < 10 ? "%.1f" : "%.0f", perSecond);
    }

    private void add(final Object... cells) {
        final List<Object> row = new ArrayList<>(Arrays.asList(cells));
        if (filter.isEmpty()
                || row.stream()
                        .anyMatch(
                                cell -> cell.toString().toLowerCase(Locale.ROOT).contains(filter))) {
            rows.add(row);
        }
    }

    /** A section; a column of rates only where there is one to show. */
    private void table(final String... titles) {
        final List<String> headers = new ArrayList<>(List.of(titles));
        final int rates = headers.indexOf(RATE);
        if (before == null && rates >= 0) {
            headers.remove(rates);
            rows.forEach(row -> row.remove(rates));
        }
        if (!rows.isEmpty()) {
            if (!lines.isEmpty()) {
                lines.add("");
            }
            lines.addAll(Tables.lines(headers, rows));
        }
        rows.clear();
    }
}
