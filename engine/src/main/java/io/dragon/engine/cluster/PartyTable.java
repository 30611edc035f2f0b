package io.dragon.engine.cluster;

import io.dragon.codecs.control.FencedDecoder;
import io.dragon.codecs.control.RegisterRefusedDecoder;
import io.dragon.codecs.control.RegisteredDecoder;
import org.agrona.DirectBuffer;
import org.agrona.collections.ArrayUtil;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.NanoClock;

/** The parties of one session: what drives them, and which of them a message from the cluster is for. Session's thread only. */
final class PartyTable {
    private final ClusterSession session;
    private final NanoClock nanoClock;
    private final Int2ObjectHashMap<Party> partyById = new Int2ObjectHashMap<>();
    private final RegisteredDecoder registered = new RegisteredDecoder();
    private final FencedDecoder fenced = new FencedDecoder();
    private Party[] parties = {};

    PartyTable(final ClusterSession session, final NanoClock nanoClock) {
        this.session = session;
        this.nanoClock = nanoClock;
    }

    void add(final Party party) {
        parties = ArrayUtil.add(parties, party);
    }

    /** A snapshot: parties that are added or removed change another array. */
    Party[] all() {
        return parties;
    }

    boolean isAnyLeaving() {
        for (final Party party : parties) {
            if (party.isLeaving()) {
                return true;
            }
        }
        return false;
    }

    /** Only while connected. */
    int poll(final long nowNs) {
        int workCount = 0;
        final Party[] parties = this.parties;
        for (final Party party : parties) {
            workCount += party.doWork(nowNs);
            if (party.isEnded()) {
                remove(party);
            }
        }
        return workCount;
    }

    void onConnected(final long nowNs) {
        for (final Party party : parties) {
            party.onConnected(nowNs);
            session.guard(party.listener()::onConnected);
        }
    }

    void onDisconnected() {
        for (final Party party : parties) {
            session.guard(party.listener()::onDisconnected);
        }
    }

    void onNewLeader(final long nowNs) {
        for (final Party party : parties) {
            party.onConnected(nowNs);
        }
    }

    /** Takes a message that is for parties; false when it is too short to be for one. */
    boolean onMessage(final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        switch (templateId) {
            case RegisteredDecoder.TEMPLATE_ID -> onRegistered(buffer, offset);
            case RegisterRefusedDecoder.TEMPLATE_ID -> onRegisterRefused(buffer, offset);
            case FencedDecoder.TEMPLATE_ID -> onFenced(buffer, offset);
            default -> {
                if (length < ControlMessages.RECIPIENT_END) {
                    return false;
                }
                final Party party = partyById.get(ControlMessages.recipientPartyId(buffer, offset));
                if (party != null) {
                    party.onEvent(templateId, buffer, offset, length, nanoClock.nanoTime());
                }
            }
        }
        return true;
    }

    private void onRegistered(final DirectBuffer buffer, final int offset) {
        registered.wrap(
                buffer,
                offset + ControlMessages.HEADER,
                ControlMessages.blockLength(buffer, offset),
                ControlMessages.version(buffer, offset));
        for (final Party party : parties) {
            if (party.awaits(registered.correlationId())) {
                partyById.remove(party.id());
                partyById.put((int) registered.partyId(), party);
                party.onRegistered(registered, nanoClock.nanoTime());
                return;
            }
        }
    }

    private void onRegisterRefused(final DirectBuffer buffer, final int offset) {
        final RegisterRefusedDecoder refused = new RegisterRefusedDecoder();
        refused.wrap(
                buffer,
                offset + ControlMessages.HEADER,
                ControlMessages.blockLength(buffer, offset),
                ControlMessages.version(buffer, offset));
        for (final Party party : parties) {
            if (party.awaits(refused.correlationId())) {
                party.onRefused(refused.reason(), refused.reason() + ": " + refused.text(), nanoClock.nanoTime());
                return;
            }
        }
    }

    private void onFenced(final DirectBuffer buffer, final int offset) {
        fenced.wrap(
                buffer,
                offset + ControlMessages.HEADER,
                ControlMessages.blockLength(buffer, offset),
                ControlMessages.version(buffer, offset));
        final Party party = partyById.get((int) fenced.partyId());
        if (party != null) {
            party.onFenced((int) fenced.incarnation(), nanoClock.nanoTime());
        }
    }

    private void remove(final Party party) {
        parties = ArrayUtil.remove(parties, party);
        party.onEnded();
        if (partyById.get(party.id()) == party) {
            partyById.remove(party.id());
        }
    }
}
