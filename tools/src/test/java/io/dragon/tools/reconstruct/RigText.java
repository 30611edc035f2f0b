package io.dragon.tools.reconstruct;

import io.dragon.worker.voxel.Camera;
import io.dragon.worker.voxel.Rig;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** A camera as {@code rig.json} has it, from its binary form. */
final class RigText {
    private RigText() {}

    static String of(final Camera camera, final int pair) {
        final Rig rig = Rig.of(List.of(camera));
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[rig.encodedLength()]);
        rig.encode(bytes, 0);
        final double[] values = new double[26];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes.getDouble(20 + 8 * i, java.nio.ByteOrder.LITTLE_ENDIAN);
        }
        return "{\"id\":\"" + camera.id() + "\",\"width\":" + camera.width() + ",\"height\":" + camera.height()
                + ",\"K\":" + rows(values, 0) + ",\"dist\":" + Arrays.toString(Arrays.copyOfRange(values, 9, 14))
                + ",\"R\":" + rows(values, 14) + ",\"t\":" + Arrays.toString(Arrays.copyOfRange(values, 23, 26))
                + (pair == Rig.NO_PAIR ? "" : ",\"pair\":" + pair) + "}";
    }

    private static String rows(final double[] values, final int from) {
        return "[" + Arrays.toString(Arrays.copyOfRange(values, from, from + 3)) + ","
                + Arrays.toString(Arrays.copyOfRange(values, from + 3, from + 6)) + ","
                + Arrays.toString(Arrays.copyOfRange(values, from + 6, from + 9)) + "]";
    }
}
