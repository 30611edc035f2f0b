package io.dragon.engine.sequencer;

import io.dragon.codecs.control.AllocateCamerasDecoder;
import io.dragon.codecs.control.CancelTaskDecoder;
import io.dragon.codecs.control.CloseJobDecoder;
import io.dragon.codecs.control.CompleteTaskDecoder;
import io.dragon.codecs.control.DeviceReportDecoder;
import io.dragon.codecs.control.FramePublishedDecoder;
import io.dragon.codecs.control.HeartbeatDecoder;
import io.dragon.codecs.control.LinkReportDecoder;
import io.dragon.codecs.control.NodeReportDecoder;
import io.dragon.codecs.control.OptimizeRoutesDecoder;
import io.dragon.codecs.control.PartyDeadDecoder;
import io.dragon.codecs.control.PoolOrphanedDecoder;
import io.dragon.codecs.control.PoolQueryDecoder;
import io.dragon.codecs.control.RegisterDecoder;
import io.dragon.codecs.control.RegisterJobDecoder;
import io.dragon.codecs.control.RegisterPoolDecoder;
import io.dragon.codecs.control.RegisterTaskTypeDecoder;
import io.dragon.codecs.control.ReportIncidentDecoder;
import io.dragon.codecs.control.ReportWorkerDecoder;
import io.dragon.codecs.control.ResumeDecoder;
import io.dragon.codecs.control.RouteQueryDecoder;
import io.dragon.codecs.control.StatusQueryDecoder;
import io.dragon.codecs.control.SubmitTaskDecoder;
import io.dragon.codecs.control.UnregisterDecoder;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * The shape of every command: its fixed block, its groups, its variable data. A message is walked once before anything is
 * read from it, so that no length in it can lead outside, whether or not the buffer checks bounds.
 */
final class Shapes {
    private static final int GROUP_HEADER = 4;
    private static final int DATA_HEADER = 2;
    private static final int IDS = 128;
    private static final int[] NO_GROUPS = {};

    private final int[] blocks = new int[IDS];
    private final int[][] groups = new int[IDS][];
    private final int[] data = new int[IDS];

    Shapes() {
        add(RegisterDecoder.TEMPLATE_ID, RegisterDecoder.BLOCK_LENGTH, 3);
        add(HeartbeatDecoder.TEMPLATE_ID, HeartbeatDecoder.BLOCK_LENGTH, 0);
        add(ResumeDecoder.TEMPLATE_ID, ResumeDecoder.BLOCK_LENGTH, 0);
        add(UnregisterDecoder.TEMPLATE_ID, UnregisterDecoder.BLOCK_LENGTH, 0);
        add(RegisterTaskTypeDecoder.TEMPLATE_ID, RegisterTaskTypeDecoder.BLOCK_LENGTH, 1);
        add(
                SubmitTaskDecoder.TEMPLATE_ID,
                SubmitTaskDecoder.BLOCK_LENGTH,
                1,
                SubmitTaskDecoder.DependenciesDecoder.sbeBlockLength(),
                SubmitTaskDecoder.InputsDecoder.sbeBlockLength());
        add(CancelTaskDecoder.TEMPLATE_ID, CancelTaskDecoder.BLOCK_LENGTH, 0);
        add(
                CompleteTaskDecoder.TEMPLATE_ID,
                CompleteTaskDecoder.BLOCK_LENGTH,
                2,
                CompleteTaskDecoder.OutputsDecoder.sbeBlockLength());
        add(RegisterPoolDecoder.TEMPLATE_ID, RegisterPoolDecoder.BLOCK_LENGTH, 0);
        add(FramePublishedDecoder.TEMPLATE_ID, FramePublishedDecoder.BLOCK_LENGTH, 0);
        add(PoolOrphanedDecoder.TEMPLATE_ID, PoolOrphanedDecoder.BLOCK_LENGTH, 0);
        add(
                RegisterJobDecoder.TEMPLATE_ID,
                RegisterJobDecoder.BLOCK_LENGTH,
                2,
                RegisterJobDecoder.CamerasDecoder.sbeBlockLength(),
                RegisterJobDecoder.InputsDecoder.sbeBlockLength());
        add(CloseJobDecoder.TEMPLATE_ID, CloseJobDecoder.BLOCK_LENGTH, 0);
        add(
                AllocateCamerasDecoder.TEMPLATE_ID,
                AllocateCamerasDecoder.BLOCK_LENGTH,
                0,
                AllocateCamerasDecoder.CamerasDecoder.sbeBlockLength());
        add(PartyDeadDecoder.TEMPLATE_ID, PartyDeadDecoder.BLOCK_LENGTH, 0);
        add(ReportIncidentDecoder.TEMPLATE_ID, ReportIncidentDecoder.BLOCK_LENGTH, 1);
        add(ReportWorkerDecoder.TEMPLATE_ID, ReportWorkerDecoder.BLOCK_LENGTH, 2);
        add(StatusQueryDecoder.TEMPLATE_ID, StatusQueryDecoder.BLOCK_LENGTH, 0);
        add(NodeReportDecoder.TEMPLATE_ID, NodeReportDecoder.BLOCK_LENGTH, 1);
        add(
                LinkReportDecoder.TEMPLATE_ID,
                LinkReportDecoder.BLOCK_LENGTH,
                0,
                LinkReportDecoder.LinksDecoder.sbeBlockLength());
        add(DeviceReportDecoder.TEMPLATE_ID, DeviceReportDecoder.BLOCK_LENGTH, 1);
        add(RouteQueryDecoder.TEMPLATE_ID, RouteQueryDecoder.BLOCK_LENGTH, 0);
        add(PoolQueryDecoder.TEMPLATE_ID, PoolQueryDecoder.BLOCK_LENGTH, 0);
        add(OptimizeRoutesDecoder.TEMPLATE_ID, OptimizeRoutesDecoder.BLOCK_LENGTH, 0);
    }

    private void add(final int id, final int block, final int dataFields, final int... groupBlocks) {
        blocks[id] = block;
        groups[id] = groupBlocks.length == 0 ? NO_GROUPS : groupBlocks;
        data[id] = dataFields;
    }

    boolean isCommand(final int id) {
        return id >= 0 && id < IDS && groups[id] != null;
    }

    /** Whether the body from {@code offset} to {@code end} holds everything that it claims to hold. */
    boolean fits(final int id, final DirectBuffer buffer, final int offset, final int block, final int end) {
        if (block < blocks[id] || block > end - offset) {
            return false;
        }
        int at = offset + block;
        for (final int groupBlock : groups[id]) {
            if (end - at < GROUP_HEADER) {
                return false;
            }
            final int each = buffer.getShort(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
            final int count = buffer.getShort(at + 2, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
            at += GROUP_HEADER;
            if (count > 0 && (each < groupBlock || (long) each * count > end - at)) {
                return false;
            }
            at += each * count;
        }
        for (int i = 0; i < data[id]; i++) {
            if (end - at < DATA_HEADER) {
                return false;
            }
            final int length = buffer.getShort(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
            at += DATA_HEADER;
            if (length > end - at) {
                return false;
            }
            at += length;
        }
        return true;
    }
}
