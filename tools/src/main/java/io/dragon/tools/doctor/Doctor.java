package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** All checks of a host, in the order in which they are shown. */
public final class Doctor {
    private final Host host;
    private final Needs needs;
    private final List<Check> checks;

    /**
     * A doctor who has not looked yet.
     *
     * @param host     the host.
     * @param needs    what its configuration asks for.
     * @param peers    other hosts to reach, HOST or HOST:PORT of its GPU server, beside those that the configuration names.
     * @param whyNoGpu why Dragon can use no GPU here, in one sentence; empty when it can.
     */
    public Doctor(final Host host, final Needs needs, final List<String> peers, final Supplier<String> whyNoGpu) {
        this.host = host;
        this.needs = needs;
        final List<Check> all = new ArrayList<>(List.of(
                new JavaCheck(),
                new SharedMemoryCheck(),
                new MemoryCheck(),
                new StateCheck(),
                new LimitsCheck(),
                new ProcessorCheck(),
                new ClockCheck(),
                new LoginCheck(),
                new InterfaceCheck(),
                new BufferCheck(),
                new MastersCheck(),
                new PortCheck(),
                new BroadcastCheck(),
                new RdmaCheck(),
                new GpuCheck(whyNoGpu),
                new LeftoverCheck()));
        all.add(new PeerCheck(peers));
        checks = List.copyOf(all);
    }

    /**
     * Looks at everything.
     *
     * @param told takes each finding as soon as it is there.
     * @return all of them, in their order.
     */
    public List<Finding> examine(final Consumer<Finding> told) {
        final List<Finding> all = new ArrayList<>();
        for (final Check check : checks) {
            List<Finding> found;
            try {
                found = check.look(host, needs);
            } catch (final RuntimeException ex) { // one check must not keep the others from being made
                found = List.of(Finding.note(check.name(), "cannot be looked at: " + ex));
            }
            found.forEach(told);
            all.addAll(found);
        }
        return all;
    }

    /**
     * The worst of some findings.
     *
     * @param findings any.
     * @return OK when there is neither a warning nor a fault.
     */
    public static Finding.Level worst(final List<Finding> findings) {
        Finding.Level worst = Finding.Level.OK;
        for (final Finding finding : findings) {
            worst = finding.level().compareTo(worst) > 0 && finding.level() != Finding.Level.NOTE
                    ? finding.level()
                    : worst;
        }
        return worst;
    }

    /**
     * The findings as a tree for JSON.
     *
     * @param findings any.
     * @return {@code result}, {@code faults}, {@code warnings} and {@code checks}.
     */
    public static Map<String, Object> json(final List<Finding> findings) {
        final Map<String, Object> root = new LinkedHashMap<>();
        root.put("result", worst(findings).label());
        root.put("faults", count(findings, Finding.Level.FAULT));
        root.put("warnings", count(findings, Finding.Level.WARNING));
        final List<Map<String, Object>> rows = new ArrayList<>();
        for (final Finding finding : findings) {
            final Map<String, Object> row = new LinkedHashMap<>();
            row.put("check", finding.check());
            row.put("level", finding.level().label());
            row.put("found", finding.found());
            row.put("expected", finding.expected());
            row.put("mend", finding.mend());
            rows.add(row);
        }
        root.put("checks", rows);
        return root;
    }

    /**
     * How many findings are of a level.
     *
     * @param findings any.
     * @param level    the level.
     * @return a count.
     */
    public static long count(final List<Finding> findings, final Finding.Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }
}
