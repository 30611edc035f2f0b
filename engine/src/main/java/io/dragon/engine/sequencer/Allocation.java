package io.dragon.engine.sequencer;

import io.dragon.codecs.control.AllocateCamerasDecoder;
import io.dragon.codecs.control.CamerasAllocatedEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import java.util.ArrayList;

/** Which node a camera belongs to: spread by the windows of the nodes' workers, cameras of a pair together. */
final class Allocation {
    private final Core core;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final CamerasAllocatedEncoder encoder = new CamerasAllocatedEncoder();

    Allocation(final Core core) {
        this.core = core;
    }

    void allocate(final AllocateCamerasDecoder command) {
        final AllocateCamerasDecoder.CamerasDecoder asked = command.cameras();
        final ArrayList<Party> cameras = new ArrayList<>();
        final int[] ids = new int[asked.count()];
        for (int i = 0; i < ids.length; i++) {
            asked.next();
            ids[i] = (int) asked.cameraId();
            final Party camera = core.parties.get(ids[i]);
            if (camera != null && camera.kind == Party.CAMERA && !cameras.contains(camera)) {
                camera.pair = asked.pair();
                camera.allocatedNodeId = 0;
                cameras.add(camera);
            }
        }
        spread(cameras);
        encoder.wrapAndApplyHeader(core.sink.claim(Sequencer.MAX_MESSAGE_LENGTH), 0, header)
                .correlationId(command.correlationId());
        final int most = (Sequencer.MAX_MESSAGE_LENGTH - 8 - CamerasAllocatedEncoder.BLOCK_LENGTH - 4)
                / CamerasAllocatedEncoder.CamerasEncoder.sbeBlockLength();
        final int count = Math.min(ids.length, most);
        final CamerasAllocatedEncoder.CamerasEncoder answer = encoder.camerasCount(count);
        for (int i = 0; i < count; i++) {
            final Party camera = core.parties.get(ids[i]);
            answer.next().cameraId(Integer.toUnsignedLong(ids[i])).nodeId(camera == null ? 0 : camera.allocatedNodeId);
        }
        core.sink.reply(core.session, encoder.limit());
    }

    /** The cameras of a dead node go to the others; how many there were. */
    int nodeGone(final Party node) {
        final ArrayList<Party> cameras = new ArrayList<>();
        for (int i = 0; i < core.parties.all.size(); i++) {
            final Party camera = core.parties.all.get(i);
            if (camera.kind == Party.CAMERA && camera.allocatedNodeId == node.id) {
                camera.allocatedNodeId = 0;
                cameras.add(camera);
            }
        }
        spread(cameras);
        return cameras.size();
    }

    private void spread(final ArrayList<Party> cameras) {
        if (cameras.isEmpty()) {
            return;
        }
        final ArrayList<Party> nodes = new ArrayList<>();
        for (int i = 0; i < core.parties.alive.size(); i++) {
            if (core.parties.alive.get(i).kind == Party.NODE) {
                nodes.add(core.parties.alive.get(i));
            }
        }
        if (nodes.isEmpty()) {
            return;
        }
        final long[] capacity = new long[nodes.size()];
        final long[] load = new long[nodes.size()];
        measure(nodes, capacity, load);
        for (int i = 0; i < cameras.size(); i++) {
            final Party camera = cameras.get(i);
            if (camera.allocatedNodeId == 0) {
                place(cameras, i, nodes, capacity, load);
            }
        }
    }

    private void measure(final ArrayList<Party> nodes, final long[] capacity, final long[] load) {
        boolean hasWorkers = false;
        for (int i = 0; i < core.parties.all.size(); i++) {
            final Party party = core.parties.all.get(i);
            for (int n = 0; n < nodes.size(); n++) {
                if (party.kind == Party.WORKER && party.isAlive && party.nodeId == nodes.get(n).id) {
                    capacity[n] += party.window;
                    hasWorkers = true;
                } else if (party.kind == Party.CAMERA && party.allocatedNodeId == nodes.get(n).id) {
                    load[n]++;
                }
            }
        }
        for (int n = 0; n < capacity.length && !hasWorkers; n++) {
            capacity[n] = 1;
        }
    }

    /** A camera and the rest of its pair go to the node that is then used least for what it can do. */
    private static void place(
            final ArrayList<Party> cameras,
            final int index,
            final ArrayList<Party> nodes,
            final long[] capacity,
            final long[] load) {
        final int pair = cameras.get(index).pair;
        int size = 1;
        for (int i = index + 1; i < cameras.size(); i++) {
            if (pair != Job.NO_PAIR && cameras.get(i).pair == pair && cameras.get(i).allocatedNodeId == 0) {
                size++;
            }
        }
        int best = -1;
        for (int n = 0; n < capacity.length; n++) {
            if (capacity[n] > 0
                    && (best < 0 || (load[n] + size) * capacity[best] < (load[best] + size) * capacity[n])) {
                best = n;
            }
        }
        load[best] += size;
        for (int i = index; i < cameras.size(); i++) {
            final Party camera = cameras.get(i);
            if (i == index || (pair != Job.NO_PAIR && camera.pair == pair && camera.allocatedNodeId == 0)) {
                camera.allocatedNodeId = nodes.get(best).id;
            }
        }
    }
}
