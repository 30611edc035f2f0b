package io.dragon.tools.chaos;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.dragon.codecs.frame.AskEncoder;
import io.dragon.codecs.frame.BeginEncoder;
import io.dragon.codecs.frame.ChunkEncoder;
import io.dragon.codecs.frame.EndEncoder;
import io.dragon.codecs.frame.HelloEncoder;
import io.dragon.codecs.frame.Integrity;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.codecs.frame.PieceEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;

/** The messages of node agents from somebody who is none: frames asked for, and pieces of frames that nobody has asked for. One thread. */
public final class ForgedFrames implements AutoCloseable {
    private static final int STREAM_ID = 9877;

    /** Where a cluster of Aeron takes commands. */
    private static final int INGRESS_STREAM_ID = 101;

    private static final int INGRESS_PORT = 9900;
    private static final int LONGEST = 1_344;

    private final List<ExclusivePublication> publications = new ArrayList<>();
    private final SplittableRandom random;
    private final byte[] bytes = new byte[LONGEST];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private long taken;

    /**
     * Connects to the port for frames of each host, and to that for commands.
     *
     * @param aeron   of this process.
     * @param targets addresses of the hosts.
     * @param seed    of what is drawn at random.
     */
    public ForgedFrames(final Aeron aeron, final List<String> targets, final long seed) {
        random = new SplittableRandom(seed);
        for (final String target : targets) {
            publications.add(aeron.addExclusivePublication(channel(target, Intruder.TRANSFER_PORT), STREAM_ID));
            publications.add(aeron.addExclusivePublication(channel(target, INGRESS_PORT), INGRESS_STREAM_ID));
        }
    }

    private static String channel(final String target, final int port) {
        return "aeron:udp?endpoint=" + target + ':' + port;
    }

    /** Sends one of everything. */
    public void round() {
        for (final ExclusivePublication publication : publications) {
            random.nextBytes(bytes);
            offer(publication, random.nextInt(LONGEST));
            offer(publication, hello());
            offer(publication, ask());
            offer(publication, begin());
            offer(publication, chunk());
            offer(publication, piece());
            offer(publication, end());
        }
    }

    /**
     * What it has done so far.
     *
     * @return a line.
     */
    public String text() {
        return taken + " messages forged";
    }

    @Override
    public void close() {
        CloseHelper.closeAll(publications);
    }

    private void offer(final ExclusivePublication publication, final int length) {
        taken += publication.offer(buffer, 0, length) > 0 ? 1 : 0;
    }

    private int hello() {
        final HelloEncoder hello = new HelloEncoder();
        hello.wrapAndApplyHeader(buffer, 0, header)
                .nodeId(random.nextInt(16))
                .agentId(random.nextLong())
                .number(random.nextInt(1_000))
                .length(hello.limit());
        return hello.limit();
    }

    private int ask() {
        final AskEncoder ask = new AskEncoder();
        ask.wrapAndApplyHeader(buffer, 0, header)
                .requestId(random.nextLong())
                .agentId(random.nextLong())
                .nodeId(random.nextInt(16))
                .originId(random.nextInt(16))
                .firstChunk(0)
                .chunkLength(1 << 16)
                .integrity(Integrity.CRC32C)
                .compression((short) 0)
                .hops((short) 4)
                .via1(0)
                .via2(0)
                .via3(0)
                .via4(0)
                .frame()
                .poolId(random.nextLong())
                .sequence(random.nextInt(100))
                .slot(random.nextInt(64))
                .length(1 << 17);
        return ask.limit();
    }

    private int begin() {
        final BeginEncoder begin = new BeginEncoder();
        begin.wrapAndApplyHeader(buffer, 0, header)
                .requestId(random.nextLong())
                .length(random.nextLong(1L << 40))
                .metadataLength(random.nextInt(1 << 20))
                .chunkLength(random.nextInt(1 << 24))
                .chunkCount(random.nextInt());
        return begin.limit();
    }

    private int chunk() {
        final ChunkEncoder chunk = new ChunkEncoder();
        chunk.wrapAndApplyHeader(buffer, 0, header)
                .requestId(random.nextLong())
                .chunk(random.nextInt())
                .length(random.nextInt())
                .encoding((short) random.nextInt(3))
                .checksumLow(random.nextLong())
                .checksumHigh(0);
        return chunk.limit();
    }

    private int piece() {
        final PieceEncoder piece = new PieceEncoder();
        piece.wrapAndApplyHeader(buffer, 0, header)
                .requestId(random.nextLong())
                .chunk(random.nextInt())
                .at(random.nextInt());
        return Math.min(LONGEST, piece.limit() + random.nextInt(1_000));
    }

    private int end() {
        final EndEncoder end = new EndEncoder();
        end.wrapAndApplyHeader(buffer, 0, header)
                .requestId(random.nextLong())
                .checksumLow(random.nextLong())
                .checksumHigh(random.nextLong());
        return end.limit();
    }
}
