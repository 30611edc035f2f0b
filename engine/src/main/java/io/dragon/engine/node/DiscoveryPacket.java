package io.dragon.engine.node;

import io.dragon.codecs.discovery.BeaconDecoder;
import io.dragon.codecs.discovery.BeaconEncoder;
import io.dragon.codecs.discovery.MessageHeaderDecoder;
import io.dragon.codecs.discovery.MessageHeaderEncoder;
import io.dragon.codecs.discovery.SeekDecoder;
import io.dragon.codecs.discovery.SeekEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A datagram of discovery: made, and judged when one came. Every one of a system has the same length, so that no answer is longer
 * than its question. One thread.
 */
final class DiscoveryPacket {
    /** Of a message with its header, without its seal. */
    static final int LENGTH = MessageHeaderEncoder.ENCODED_LENGTH + BeaconEncoder.BLOCK_LENGTH;

    /** What a datagram is. */
    enum Verdict {
        BEACON(false),
        SEEK(false),
        OWN(false),
        TWICE(false),
        OTHER_SYSTEM(false),
        MALFORMED(true),
        /** Not with our secret, or with one where we have none. */
        NOT_SIGNED(true),
        WRONG_TIME(true),
        USED_BEFORE(true);

        private final boolean isIntruder;

        Verdict(final boolean isIntruder) {
            this.isIntruder = isIntruder;
        }

        /** Whether nobody of this system can have sent it now. */
        boolean isIntruder() {
            return isIntruder;
        }
    }

    private final Seal seal;
    private final String cluster;
    private final long senderId;
    private final EpochClock clock;
    private final ReplayGuard guard = new ReplayGuard();
    private final byte[] out;
    private final UnsafeBuffer outBuffer;
    private final UnsafeBuffer inBuffer = new UnsafeBuffer(0, 0);
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final BeaconEncoder beaconEncoder = new BeaconEncoder();
    private final SeekEncoder seekEncoder = new SeekEncoder();
    private final BeaconDecoder beacon = new BeaconDecoder();
    private final SeekDecoder seek = new SeekDecoder();
    private long number;
    private String masters;
    private long clockDifferenceMs;

    DiscoveryPacket(final byte[] secret, final String cluster, final long senderId, final EpochClock clock) {
        if (BeaconEncoder.BLOCK_LENGTH != SeekEncoder.BLOCK_LENGTH) {
            throw new IllegalStateException("an answer is as long as its question");
        }
        seal = new Seal(secret);
        this.cluster = cluster;
        this.senderId = senderId;
        this.clock = clock;
        out = new byte[length()];
        outBuffer = new UnsafeBuffer(out);
    }

    /** Of every datagram of this system, bytes. */
    int length() {
        return LENGTH + seal.length();
    }

    /** Whether there is room for a text in a beacon. */
    static boolean fits(final String masters) {
        return masters.getBytes(StandardCharsets.UTF_8).length <= BeaconEncoder.mastersEncodingLength();
    }

    /** A beacon with a number of its own, to be sent once. */
    ByteBuffer beacon(final String masters) {
        beaconEncoder
                .wrapAndApplyHeader(outBuffer, 0, headerEncoder)
                .senderId(senderId)
                .number(++number)
                .epochMs(clock.time())
                .cluster(cluster)
                .masters(masters);
        seal.put(out, LENGTH);
        return ByteBuffer.wrap(out);
    }

    /** A question with a number of its own, to be sent once. */
    ByteBuffer seek() {
        seekEncoder
                .wrapAndApplyHeader(outBuffer, 0, headerEncoder)
                .senderId(senderId)
                .number(++number)
                .epochMs(clock.time())
                .cluster(cluster)
                .padding("");
        seal.put(out, LENGTH);
        return ByteBuffer.wrap(out);
    }

    /** Judges a datagram; after BEACON {@link #masters()} is what it tells. */
    Verdict judge(final byte[] datagram, final int length) {
        if (length < LENGTH || datagram.length < length) {
            return Verdict.MALFORMED;
        }
        inBuffer.wrap(datagram, 0, length);
        header.wrap(inBuffer, 0);
        final int template = header.templateId();
        if (header.schemaId() != BeaconDecoder.SCHEMA_ID
                || header.blockLength() != BeaconDecoder.BLOCK_LENGTH
                || (template != BeaconDecoder.TEMPLATE_ID && template != SeekDecoder.TEMPLATE_ID)) {
            return Verdict.MALFORMED;
        }
        // Both begin alike.
        seek.wrap(inBuffer, MessageHeaderDecoder.ENCODED_LENGTH, SeekDecoder.BLOCK_LENGTH, header.version());
        return seek.cluster().equals(cluster) ? judgeOwn(datagram, length, template) : Verdict.OTHER_SYSTEM;
    }

    private Verdict judgeOwn(final byte[] datagram, final int length, final int template) {
        if (length != length()) {
            return length == LENGTH || length == LENGTH + Seal.HMAC_LENGTH ? Verdict.NOT_SIGNED : Verdict.MALFORMED;
        }
        if (!seal.isIntact(datagram, LENGTH)) {
            return Verdict.NOT_SIGNED;
        }
        final long from = seek.senderId();
        if (from == senderId) {
            return Verdict.OWN;
        }
        final long nowMs = clock.time();
        final long epochMs = seek.epochMs();
        switch (guard.judge(from, seek.number(), epochMs, nowMs)) {
            case WRONG_TIME -> {
                clockDifferenceMs = nowMs - epochMs;
                return Verdict.WRONG_TIME;
            }
            case USED_BEFORE -> {
                return Verdict.USED_BEFORE;
            }
            case TWICE -> {
                return Verdict.TWICE;
            }
            default -> {
                return template == SeekDecoder.TEMPLATE_ID ? Verdict.SEEK : beaconVerdict();
            }
        }
    }

    private Verdict beaconVerdict() {
        beacon.wrap(inBuffer, MessageHeaderDecoder.ENCODED_LENGTH, BeaconDecoder.BLOCK_LENGTH, header.version());
        final String text = beacon.masters();
        if (MasterEndpoints.parse(text) == null) {
            return Verdict.MALFORMED;
        }
        masters = text;
        return Verdict.BEACON;
    }

    /** What the last beacon tells: {@code 0=host:port,...}, well formed. */
    String masters() {
        return masters;
    }

    /** By how much our clock was ahead of that of the last datagram of a wrong time; milliseconds. */
    long clockDifferenceMs() {
        return clockDifferenceMs;
    }
}
