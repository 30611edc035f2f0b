package io.dragon.worker;

import io.dragon.codecs.control.DeviceReportEncoder;
import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.engine.cluster.Party;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceFigures;
import io.dragon.worker.device.DeviceHealth;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Tells the masters how the device is: at every change at once, otherwise once a second, because a report may be lost. A device
 * without instruments that is well is not spoken of. Whoever has the session's turn.
 */
final class DeviceReports {
    private static final long PERIOD_NS = 1_000_000_000L;
    private static final int MOST_TEXT = 128;

    private final Device device;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final DeviceReportEncoder report = new DeviceReportEncoder();

    /** What was told last; null when nothing was told to these masters. */
    private DeviceHealth told;

    private long toldNs;

    DeviceReports(final Device device) {
        this.device = device;
    }

    /** A new incarnation, of which nothing is known. */
    void forget() {
        told = null;
    }

    /** Whether what had to be told is told; to be called again when it is not. */
    boolean poll(final Party party, final long nowNs) {
        final DeviceHealth health = device.health();
        final DeviceFigures figures = device.figures();
        if (told == null && health.equals(DeviceHealth.OK) && figures.equals(DeviceFigures.NONE)) {
            return true;
        }
        final boolean isNews = told == null || told.state() != health.state();
        if (!isNews && nowNs - toldNs < PERIOD_NS) {
            return true;
        }
        if (party.offerUnsequenced(encode(party, health, figures, isNews ? nowNs : 0)) < 0) {
            return false;
        }
        told = health;
        toldNs = nowNs;
        return true;
    }

    private int encode(final Party party, final DeviceHealth health, final DeviceFigures figures, final long newsNs) {
        final boolean isDetected = newsNs != 0 && figures.sampledNs() != 0;
        report.wrapAndApplyHeader(party.scratch(), 0, header)
                .state(state(health))
                .detectedMs(
                        isDetected ? 1 + TimeUnit.NANOSECONDS.toMillis(Math.max(0, newsNs - figures.sampledNs())) : 0)
                .temperatureCelsius(figures.temperatureCelsius())
                .utilisationPermille(figures.utilisationPermille())
                .memoryBytes(figures.memoryBytes())
                .memoryUsedBytes(figures.memoryUsedBytes())
                .powerMilliwatts(figures.powerMilliwatts())
                .powerLimitMilliwatts(figures.powerLimitMilliwatts())
                .eccCorrected(figures.eccCorrected())
                .eccUncorrected(figures.eccUncorrected());
        final byte[] text = ShortText.cut(health.text(), MOST_TEXT).getBytes(StandardCharsets.UTF_8);
        report.putText(text, 0, text.length);
        return MessageHeaderEncoder.ENCODED_LENGTH + report.encodedLength();
    }

    private static DeviceState state(final DeviceHealth health) {
        return switch (health.state()) {
            case UNKNOWN -> DeviceState.UNKNOWN;
            case OK -> DeviceState.OK;
            case DEGRADED -> DeviceState.DEGRADED;
            case FAILED -> DeviceState.FAILED;
        };
    }
}
