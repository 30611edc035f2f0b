package io.dragon.examples;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.Health;
import io.dragon.engine.client.Statistics;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FrameSubscriber;
import io.dragon.worker.EmbeddedContext;
import io.dragon.worker.EmbeddedDragon;
import io.dragon.worker.TaskContext;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Every call that the table in docs/api.md names, in one small program. */
public final class FirstSteps {
    private static final int WIDTH = 320;
    private static final int HEIGHT = 240;
    private static final int BYTES = WIDTH * HEIGHT;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private FirstSteps() {}

    /**
     * Runs the program.
     *
     * @param args none.
     */
    public static void main(final String[] args) {
        run(System.out);
    }

    static int run(final PrintStream out) {
        // register_task_handler('process_frame', process_frame); start(is_master=True); start()
        final EmbeddedContext system =
                new EmbeddedContext().workers(2).handler("process-frame", FirstSteps::processFrame);
        try (EmbeddedDragon dragon = EmbeddedDragon.launch(system);
                DragonClient client = dragon.connect("first-steps");
                // create_ring_buffer(camera_id) of DataPipeline(buffer_capacity=64, frame_shape=(240, 320))
                FramePublisher left = client.addPublisher(
                        "left", new FramePublisher.Config().slotCount(64).slotLength(BYTES));
                FramePublisher right = client.addPublisher(
                        "right", new FramePublisher.Config().slotCount(64).slotLength(BYTES));
                FrameSubscriber subscriber = client.subscribe(left.poolId())) {
            // allocate_cameras(2): both of a pair on one node
            final Map<Integer, Integer> pairs = new HashMap<>();
            pairs.put(left.cameraId(), 0);
            pairs.put(right.cameraId(), 0);
            out.println("cameras on nodes: " + client.allocateCameras(pairs));

            // write_frame(camera_id, frame, metadata) and read_frame(camera_id)
            final FrameRef frame = new FrameRef();
            fill(left, 40);
            left.publishDirect(frame, 1, System.currentTimeMillis() * 1_000_000);
            subscriber.poll(
                    lease -> out.println("read a frame of " + lease.ref().length() + " bytes"), 1);

            // submit_camera_frame(camera_id, frame, metadata) and wait_for_task(task_id, timeout)
            fill(left, 41);
            final long publishedNs = left.publishForTask(frame, 2, System.currentTimeMillis() * 1_000_000);
            final TaskHandle task = client.submit(TaskRequest.of("process-frame")
                    .input(frame)
                    .stamps(0, publishedNs)
                    .priority(5));
            final int brightness;
            try (TaskOutcome outcome = client.await(task.taskId(), TIMEOUT)) {
                brightness = ByteBuffer.wrap(outcome.orThrow().inlineResult()).getInt();
                out.println("brightness " + brightness + " after "
                        + outcome.passport().totalNs() / 1_000 + " us");
            }

            // get_statistics() and get_system_health() of the processor, get_statistics() of the pipeline
            final Statistics statistics = client.statistics();
            out.printf(
                    "tasks completed %d, success rate %.1f %%, %.2f ms each, workers %d/%d%n",
                    statistics.tasksCompleted(),
                    statistics.successRate() * 100,
                    statistics.avgExecutionTimeMillis(),
                    statistics.busyWorkers(),
                    statistics.totalWorkers());
            out.println("pipeline: " + statistics.pipeline() + ", drops: " + left.drops());
            final Health health = client.health();
            out.println("status: " + health.state().label() + ' ' + health.reasons());

            // get_cluster_status(), and what stands for optimize_network_topology() on one host
            final ClusterStatus status = client.status();
            out.println("cluster: " + status.workers().size() + " workers, nodes " + status.nodes());
            return brightness;
        }
    }

    private static void fill(final FramePublisher camera, final int value) {
        if (camera.claim(BYTES) < 0) {
            throw new IllegalStateException("no slot is free: " + camera.drops());
        }
        camera.frame().format(FrameFormat.GREY8).width(WIDTH).height(HEIGHT);
        camera.frame().buffer().setMemory(0, BYTES, (byte) value);
        camera.frame().metadata().putInt(0, value);
        camera.frame().metadataLength(Integer.BYTES);
    }

    /** The task: the mean of the frame's pixels. */
    private static void processFrame(final TaskContext task) {
        final ByteBuffer pixels = task.input(0).byteBuffer();
        long sum = 0;
        for (int i = 0; i < pixels.remaining(); i++) {
            sum += pixels.get(i) & 0xFF;
        }
        final byte[] mean = ByteBuffer.allocate(Integer.BYTES)
                .putInt((int) (sum / pixels.remaining()))
                .array();
        task.inlineResult().putBytes(0, mean);
        task.inlineResultLength(mean.length);
    }
}
