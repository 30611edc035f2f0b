package io.dragon.tools.demo;

import io.dragon.engine.frame.FrameFormat;
import io.dragon.tools.process.WorkerDevice;
import java.nio.file.Path;
import java.util.List;

/**
 * What the demo shows.
 *
 * @param cameras  number of cameras, in pairs.
 * @param width    pixels across a frame.
 * @param height   pixels down a frame.
 * @param format   grey8, rgb8 or rgb32f.
 * @param fps      frames a second of each camera.
 * @param seconds  how long the cameras run.
 * @param workers  number of workers.
 * @param gpus     devices of the first workers, where they are processes of their own; the others work on the CPU.
 * @param voxels   voxels along each side of the volume.
 * @param processes whether media driver, master, workers and camera groups are processes of their own.
 * @param kill     what is killed half-way: {@code worker}, {@code master}, or nothing when it is empty.
 * @param picture  where the picture is written.
 */
public record DemoSettings(
        int cameras,
        int width,
        int height,
        FrameFormat format,
        double fps,
        int seconds,
        int workers,
        List<WorkerDevice> gpus,
        int voxels,
        boolean processes,
        String kill,
        Path picture) {

    /**
     * Steps that every camera runs.
     *
     * @return at least 3.
     */
    public int steps() {
        return Math.max(3, (int) Math.round(seconds * fps));
    }

    /**
     * Length of a frame.
     *
     * @return bytes.
     */
    public int frameLength() {
        return Math.toIntExact(format.bytes(width, height));
    }

    /** The device of a worker that is a process of its own, from 0. */
    WorkerDevice device(final int worker) {
        return worker < gpus.size() ? gpus.get(worker) : WorkerDevice.CPU;
    }

    /** What the workers work on, to be said after their number. */
    String deviceWords() {
        if (gpus.isEmpty()) {
            return " on the CPU";
        }
        final int others = workers - gpus.size();
        return workers == 1
                ? " on a GPU"
                : others == 0 ? " on a GPU each" : " (" + gpus.size() + " on GPUs, " + others + " on the CPU)";
    }

    /** One, or three when the leader is to be killed. */
    int masters() {
        return kill.equals("master") ? 3 : 1;
    }

    /** Slabs that a step is cut into: what keeps every worker busy without cutting the volume too thin. */
    int slabs() {
        return Math.max(1, Math.min(workers, voxels / 8));
    }
}
