package io.dragon.tools.analyze;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.Passport.Stage;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import io.dragon.tools.analyze.Analysis.WorkerShare;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashAlgorithm;
import io.dragon.worker.hash.HashHandler;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Hashes by the {@code hash} tasks of a Dragon system. Every reader has a frame pool of its own, since a pool has one producer;
 * it registers like a camera's.
 */
final class DragonHasher implements BlockHasher {
    static final int SLOTS_PER_READER = 4;
    private static final long CLAIM_TIMEOUT_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final DragonClient client;
    private final byte[] parameters;
    private final Map<Integer, long[]> shares = new TreeMap<>();

    DragonHasher(final DragonClient client, final HashAlgorithm algorithm) {
        this.client = client;
        parameters = algorithm.parameters();
    }

    @Override
    public Lane lane(final int index, final int slotLength) {
        final String name =
                "analyze-" + ProcessHandle.current().pid() + '-' + Integer.toHexString(hashCode()) + '-' + index;
        return new DragonLane(client.addPublisher(
                name,
                new FramePublisher.Config()
                        .slotCount(SLOTS_PER_READER)
                        .slotLength(slotLength)
                        .metadataLength(0)
                        .fullPolicy(FullPolicy.WAIT)
                        .claimTimeoutNs(CLAIM_TIMEOUT_NS)));
    }

    @Override
    public List<WorkerShare> shares() {
        final Map<Integer, ClusterStatus.Worker> known = new TreeMap<>();
        client.status().workers().forEach(worker -> known.put(worker.id(), worker));
        final List<WorkerShare> list = new ArrayList<>();
        synchronized (shares) {
            shares.forEach((id, share) -> {
                final ClusterStatus.Worker worker = known.get(id);
                list.add(new WorkerShare(
                        worker == null ? "worker " + id : worker.name(),
                        worker == null ? "unknown" : worker.device(),
                        share[0],
                        share[1],
                        share[2]));
            });
        }
        return list;
    }

    @Override
    public void close() {}

    private void onDone(final TaskOutcome outcome, final Batch batch, final Results results) {
        final int length = batch.count() * BlockTable.RESULT_LENGTH;
        byte[] bytes = null;
        try (outcome) {
            if (outcome.isCompleted() && outcome.inlineResult().length == length) {
                bytes = outcome.inlineResult();
            } else if (outcome.isCompleted() && outcome.outputs().size() == 1) {
                final FrameLease output = outcome.outputs().get(0);
                if (output.ref().length() == length) {
                    bytes = new byte[length];
                    output.buffer().getBytes(0, bytes);
                }
            }
        }
        if (bytes != null) {
            count(outcome, batch);
            results.onHashed(batch, new UnsafeBuffer(bytes));
        } else if (outcome.isCompleted()) {
            results.onFailed(batch, "its worker's answer has the wrong length");
        } else {
            results.onFailed(
                    batch, outcome.errorText().isEmpty() ? outcome.reason().name() : outcome.errorText());
        }
    }

    private void count(final TaskOutcome outcome, final Batch batch) {
        synchronized (shares) {
            final long[] share = shares.computeIfAbsent(outcome.workerId(), id -> new long[3]);
            for (int i = 0; i < batch.count(); i++) {
                share[0] += batch.length(i) > 0 ? 1 : 0;
                share[1] += batch.length(i);
            }
            share[2] += Math.max(0, outcome.passport().durationNs(Stage.EXECUTE));
        }
    }

    private final class DragonLane implements Lane {
        private final FramePublisher publisher;
        private final FrameRef ref = new FrameRef();

        DragonLane(final FramePublisher publisher) {
            this.publisher = publisher;
        }

        @Override
        public boolean claim(final int length) throws InterruptedException {
            final int slot = publisher.claim(length);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (slot == FramePublisher.BACK_PRESSURED) {
                return false;
            }
            if (slot < 0) {
                throw new DragonException("A frame of " + length + " B was refused by its pool (" + slot + ").");
            }
            return true;
        }

        @Override
        public MutableDirectBuffer buffer() {
            return publisher.frame().buffer();
        }

        @Override
        public ByteBuffer byteBuffer() {
            return publisher.frame().byteBuffer();
        }

        @Override
        public void submit(final Batch batch, final Results results) {
            publisher.frame().format(FrameFormat.BLOCKS);
            publisher.publishForTask(ref, 0, 0);
            try {
                client.submit(TaskRequest.of(HashHandler.TYPE)
                        .parameters(parameters)
                        .input(ref)
                        .onDone(outcome -> onDone(outcome, batch, results)));
            } catch (final RuntimeException ex) {
                publisher.release(ref);
                throw ex;
            }
        }

        @Override
        public void abandon() {
            publisher.abort();
        }

        @Override
        public void close() {
            publisher.close();
        }
    }
}
