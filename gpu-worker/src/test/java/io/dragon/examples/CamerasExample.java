package io.dragon.examples;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.worker.voxel.CarveResult;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.CarveStep;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.PixelFormat;
import io.dragon.worker.voxel.Rig;
import io.dragon.worker.voxel.SyntheticScene;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** The example of docs/api.md about cameras and jobs, word for word: a scene that is drawn stands for the cameras' SDK. */
final class CamerasExample {
    private CamerasExample() {}

    static List<CarveStep.WorldPeak> peaks(
            final DragonClient client, final SyntheticScene sdk, final int w, final int h) {
        Rig rig = sdk.rig(); // of your calibration: new Rig(cameras, pairs), in the order of the job's cameras
        CarveRule carve = sdk.rule(48); // CarveRule.motion(Grid.covering(bounds, voxel)) for a volume of your own
        UnsafeBuffer mask = new UnsafeBuffer(new byte[MaskRule.ENCODED_LENGTH]);
        MaskRule.difference(24).encode(mask, 0);
        UnsafeBuffer rule = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
        carve.encode(rule, 0);
        UnsafeBuffer cameras = new UnsafeBuffer(new byte[rig.encodedLength()]);
        rig.encode(cameras, 0);

        JobSpec spec = new JobSpec()
                .perFrame("mask", 2) // frames n and n-1
                .frameParameters(mask.byteArray())
                .perStep("carve", 4) // four slabs
                .stepParameters(rule.byteArray())
                .stepInput(FrameFormat.RIG, cameras.byteArray())
                .stepDeadline(Duration.ofSeconds(20));
        List<FramePublisher> publishers = new ArrayList<>();
        for (int i = 0; i < rig.size(); i++) {
            FramePublisher camera = client.addPublisher(
                    rig.camera(i).id(),
                    new FramePublisher.Config().slotCount(16).slotLength(w * h));
            publishers.add(camera);
            spec.camera(camera.cameraId(), rig.pair(i));
        }

        List<CarveStep.WorldPeak> peaks = new ArrayList<>();
        try (JobHandle job = client.startJob(spec)) { // before the first frame: frames that no job names are refused
            for (long step = 0; step < 2; step++) {
                for (int i = 0; i < publishers.size(); i++) {
                    FramePublisher camera = publishers.get(i);
                    if (camera.claim(w * h) < 0) {
                        continue; // no slot is free: counted in camera.drops()
                    }
                    camera.frame().format(FrameFormat.GREY8).width(w).height(h);
                    sdk.render(i, step, PixelFormat.GREY8, camera.frame().buffer(), 0); // or byteBuffer(), for an SDK
                    camera.publish(step, System.currentTimeMillis() * 1_000_000);
                }
                try (StepResult result = job.poll(Duration.ofSeconds(20))) {
                    if (result == null) {
                        throw new IllegalStateException("step " + step + " did not come");
                    }
                    CarveStep slabs = new CarveStep(carve);
                    for (TaskOutcome slab : result.slabs()) {
                        UnsafeBuffer bytes = new UnsafeBuffer(slab.orThrow().inlineResult());
                        slabs.add(CarveResult.decode(bytes, 0, bytes.capacity()), null);
                    }
                    peaks = slabs.peaks(); // none at step 0, which has nothing to compare with
                }
            }
        } finally {
            publishers.forEach(FramePublisher::close);
        }
        return peaks;
    }
}
