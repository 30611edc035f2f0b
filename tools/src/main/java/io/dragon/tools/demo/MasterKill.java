package io.dragon.tools.demo;

import io.dragon.engine.cluster.CommandPulse;
import java.util.concurrent.TimeUnit;

/** kill -9 of the leading master, when the others noticed, and when the next command was sequenced. */
final class MasterKill implements Kill {
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final DemoHost host;
    private final Narrator narrator;
    private final CommandPulse pulse;
    private int member = -1;
    private long killedNs;
    private long detectedNs;
    private long nextLookNs;

    MasterKill(final DemoHost host, final Narrator narrator) {
        this.host = host;
        this.narrator = narrator;
        pulse = host.pulse();
    }

    @Override
    public void poll() {
        final long nowNs = System.nanoTime();
        if (nowNs - nextLookNs < 0) {
            return;
        }
        nextLookNs = nowNs + LOOK_NS;
        if (killedNs == 0) {
            member = host.leader();
            if (member >= 0 && pulse.sequenced() > 0) {
                killedNs = host.killMaster(member);
                pulse.mark();
                narrator.line("kill -9 of master-" + member + ", which led");
            }
        } else if (detectedNs == 0 && host.isElecting(member)) {
            detectedNs = nowNs;
        }
    }

    @Override
    public String kind() {
        return "master";
    }

    @Override
    public String name() {
        return "master-" + member;
    }

    @Override
    public long killedNs() {
        return killedNs;
    }

    @Override
    public double detectedMillis() {
        return detectedNs == 0 ? -1 : (detectedNs - killedNs) / 1e6;
    }

    @Override
    public double recoveredMillis(final Ledger ledger) {
        return pulse.silenceNs() < 0 ? -1 : pulse.silenceNs() / 1e6;
    }

    @Override
    public String recovery() {
        return "the next command was sequenced";
    }

    @Override
    public void close() {
        pulse.close();
    }
}
