package io.dragon.engine.node;

import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyDeadEncoder;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.LivenessLock;
import java.io.File;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Finds parties whose lock is free, and reports each once. */
final class DeathProbe {
    private static final long NS_PER_MS = 1_000_000;

    private record Report(PartyCard card, long seq) {}

    private final File[] folders;
    private final HostLine line;
    private final PartyDeadEncoder partyDead = new PartyDeadEncoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final Map<Path, Report> reports = new HashMap<>();
    private long reported;

    /** When a lock was last found held; nanoseconds. */
    private Map<Path, Long> held = new HashMap<>();

    private Map<Path, Long> heldNow = new HashMap<>();

    DeathProbe(final DragonDirectory directory, final HostLine line) {
        this.line = line;
        folders = folders(directory);
    }

    private static File[] folders(final DragonDirectory directory) {
        return new File[] {
            directory.workerLock("x").getParent().toFile(),
            directory.partyLock("x").getParent().toFile()
        };
    }

    static void forgetTheDead(final DragonDirectory directory) {
        for (final File folder : folders(directory)) {
            for (final File card : cards(folder)) {
                if (!LivenessLock.isHeld(PartyCard.lockBeside(card.toPath())) && !card.delete()) {
                    return; // who cannot delete one cannot delete the others
                }
            }
        }
    }

    private static File[] cards(final File folder) {
        final File[] cards = folder.listFiles((parent, name) -> name.endsWith(PartyCard.SUFFIX));
        return cards == null ? new File[0] : cards;
    }

    long reported() {
        return reported;
    }

    /** There is a new incarnation of this agent: what the old one said may be lost. */
    void forget() {
        reports.clear();
    }

    int probe(final long nowNs) {
        int workCount = 0;
        for (final File folder : folders) {
            for (final File card : cards(folder)) {
                workCount += probe(card.toPath(), nowNs);
            }
        }
        final Map<Path, Long> before = held;
        held = heldNow;
        heldNow = before;
        heldNow.clear();
        return workCount;
    }

    private int probe(final Path file, final long nowNs) {
        final Path lock = PartyCard.lockBeside(file);
        if (isHeld(file, lock, nowNs)) {
            return 0; // most often, and the card need not be read
        }
        // The card, and then the lock again: one that is free after it was read belonged to the incarnation that the
        // card
        // names.
        final PartyCard card = PartyCard.read(file);
        if (card == null || isHeld(file, lock, nowNs)) {
            return 0;
        }
        final Long heldNs = held.get(file);
        final Report report = reports.get(file);
        if (report == null || !report.card().equals(card)) {
            final long seq = report(card, heldNs == null ? 0 : Math.max(1, (nowNs - heldNs) / NS_PER_MS));
            if (seq > 0) {
                reports.put(file, new Report(card, seq));
                reported++;
            } else if (heldNs != null) {
                heldNow.put(file, heldNs);
            }
        } else if (line.acknowledgedSeq() >= report.seq()) {
            reports.remove(file);
            clear(file, card);
        }
        return 1;
    }

    private boolean isHeld(final Path file, final Path lock, final long nowNs) {
        final boolean isHeld = LivenessLock.isHeld(lock);
        if (isHeld) {
            heldNow.put(file, nowNs);
        }
        return isHeld;
    }

    private long report(final PartyCard card, final long detectedMs) {
        partyDead
                .wrapAndApplyHeader(line.scratch(), 0, header)
                .partyId(card.partyId() & 0xFFFF_FFFFL)
                .incarnation(card.incarnation() & 0xFFFF_FFFFL)
                .detectedMs(detectedMs);
        return line.offer(MessageHeaderEncoder.ENCODED_LENGTH + partyDead.encodedLength());
    }

    /** While nobody can take the lock, so that a successor of the same name finds either these files or none. */
    private void clear(final Path file, final PartyCard card) {
        // where a successor holds it, that one will overwrite the card
        LivenessLock.whileFree(PartyCard.lockBeside(file), () -> {
            if (card.equals(PartyCard.read(file)) && !file.toFile().delete()) {
                reports.remove(file);
            }
        });
    }
}
