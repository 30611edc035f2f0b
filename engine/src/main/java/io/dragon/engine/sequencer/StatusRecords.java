package io.dragon.engine.sequencer;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentPageEncoder;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.MasterPageEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.SupervisedPageEncoder;
import io.dragon.codecs.control.SupervisedState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.agrona.MutableDirectBuffer;

/** Pages of incidents by number, of supervised processes by number, and of the masters by party id. */
final class StatusRecords {
    private static final long UNKNOWN_MEMBER = MasterPageEncoder.MastersEncoder.memberIdNullValue();
    private static final String MEMBER_PREFIX = "member-";
    private static final int MOST_DIGITS = 5;
    private static final int GROUP_HEADER = 4;
    private static final int STRING_HEADERS = 4;
    private static final long MOST_COUNT = 0xFFFF_FFFEL;

    private final Core core;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final IncidentPageEncoder incidents = new IncidentPageEncoder();
    private final SupervisedPageEncoder supervised = new SupervisedPageEncoder();
    private final MasterPageEncoder masters = new MasterPageEncoder();

    StatusRecords(final Core core) {
        this.core = core;
    }

    private MutableDirectBuffer claim() {
        return core.sink.claim(Sequencer.MAX_MESSAGE_LENGTH);
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int length(final int block, final String first, final String second) {
        return block + STRING_HEADERS + bytes(first).length + bytes(second).length;
    }

    private static int room(final int fixed) {
        return Sequencer.MAX_MESSAGE_LENGTH - MessageHeaderEncoder.ENCODED_LENGTH - fixed - GROUP_HEADER;
    }

    void incidents(final long correlationId, final long after) {
        final long first = Math.max(core.incidents.oldest(), after + 1);
        int room = room(IncidentPageEncoder.BLOCK_LENGTH);
        long next = first;
        for (; next <= core.incidents.newest(); next++) {
            final Incident incident = core.incidents.get(next);
            room -= length(IncidentPageEncoder.IncidentsEncoder.sbeBlockLength(), incident.name, incident.text);
            if (room < 0) {
                break;
            }
        }
        incidents
                .wrapAndApplyHeader(claim(), 0, header)
                .correlationId(correlationId)
                .hasMore((short) (next <= core.incidents.newest() ? 1 : 0))
                .total(core.incidents.newest());
        final IncidentPageEncoder.IncidentsEncoder entries = incidents.incidentsCount((int) Math.max(0, next - first));
        for (long number = first; number < next; number++) {
            put(entries.next(), core.incidents.get(number));
        }
        core.sink.reply(core.session, incidents.limit());
    }

    private static void put(final IncidentPageEncoder.IncidentsEncoder entry, final Incident incident) {
        final byte[] name = bytes(incident.name);
        final byte[] text = bytes(incident.text);
        entry.number(incident.number)
                .timeMs(incident.timeMs)
                .kind(IncidentKind.get((short) incident.kind))
                .rule(IncidentRule.get((short) incident.rule))
                .subjectKind(
                        incident.subjectKind == 0 ? PartyKind.NULL_VAL : PartyKind.get((short) incident.subjectKind))
                .subjectId(Integer.toUnsignedLong(incident.subjectId))
                .detectedMs(incident.detectedMs)
                .moved(Math.min(MOST_COUNT, incident.moved))
                .retried(Math.min(MOST_COUNT, incident.retried))
                .repeated(Math.min(MOST_COUNT, incident.repeated))
                .lastMs(incident.lastMs)
                .putName(name, 0, name.length)
                .putText(text, 0, text.length);
    }

    void supervised(final long correlationId, final long after) {
        final ArrayList<SupervisedProcess> all = core.supervision.all;
        int first = 0;
        while (first < all.size() && all.get(first).number <= after) {
            first++;
        }
        int room = room(SupervisedPageEncoder.BLOCK_LENGTH);
        int next = first;
        for (; next < all.size(); next++) {
            final SupervisedProcess process = all.get(next);
            room -= length(SupervisedPageEncoder.ProcessesEncoder.sbeBlockLength(), process.name, process.text);
            if (room < 0) {
                break;
            }
        }
        supervised
                .wrapAndApplyHeader(claim(), 0, header)
                .correlationId(correlationId)
                .hasMore((short) (next < all.size() ? 1 : 0));
        final SupervisedPageEncoder.ProcessesEncoder entries = supervised.processesCount(next - first);
        for (int i = first; i < next; i++) {
            final SupervisedProcess process = all.get(i);
            final byte[] name = bytes(process.name);
            final byte[] text = bytes(process.text);
            entries.next()
                    .number(process.number)
                    .nodeId(process.node.id)
                    .state(SupervisedState.get((short) process.state))
                    .restarts(Integer.toUnsignedLong(process.restarts))
                    .waitMs(Integer.toUnsignedLong(process.waitMs))
                    .processId(process.processId)
                    .sinceMs(core.upMs() - process.sinceMs)
                    .putName(name, 0, name.length)
                    .putText(text, 0, text.length);
        }
        core.sink.reply(core.session, supervised.limit());
    }

    void masters(final long correlationId, final int afterId) {
        final ArrayList<Party> page = new ArrayList<>();
        int room = room(MasterPageEncoder.BLOCK_LENGTH);
        boolean hasMore = false;
        for (int i = 0; i < core.parties.all.size() && !hasMore; i++) {
            final Party party = core.parties.all.get(i);
            if (party.kind == Party.MASTER && Integer.compareUnsigned(party.id, afterId) > 0) {
                room -= length(MasterPageEncoder.MastersEncoder.sbeBlockLength(), party.name, party.host);
                hasMore = room < 0;
                if (!hasMore) {
                    page.add(party);
                }
            }
        }
        masters.wrapAndApplyHeader(claim(), 0, header)
                .correlationId(correlationId)
                .hasMore((short) (hasMore ? 1 : 0))
                .leaderMemberId(core.config.get(Setting.MEMBER_ID))
                .leadershipTermId(core.config.get(Setting.LEADERSHIP_TERM_ID))
                .snapshotPosition(0); // of its log: the shell's to know
        final MasterPageEncoder.MastersEncoder entries = masters.mastersCount(page.size());
        for (final Party party : page) {
            final byte[] name = bytes(party.name);
            final byte[] host = bytes(party.host);
            entries.next()
                    .partyId(party.id)
                    .incarnation(Integer.toUnsignedLong(party.incarnation))
                    .memberId(memberId(party.name))
                    .state(Status.state(party))
                    .processId(party.processId)
                    .position(party.progress)
                    .silentMs(core.upMs() - party.heardMs)
                    .putName(name, 0, name.length)
                    .putHost(host, 0, host.length);
        }
        core.sink.reply(core.session, masters.limit());
    }

    /** The number in {@code member-N}. */
    private static long memberId(final String name) {
        final int digits = name.length() - MEMBER_PREFIX.length();
        if (!name.startsWith(MEMBER_PREFIX) || digits < 1 || digits > MOST_DIGITS) {
            return UNKNOWN_MEMBER;
        }
        long id = 0;
        for (int i = MEMBER_PREFIX.length(); i < name.length(); i++) {
            final int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return UNKNOWN_MEMBER;
            }
            id = 10 * id + digit;
        }
        return id;
    }
}
