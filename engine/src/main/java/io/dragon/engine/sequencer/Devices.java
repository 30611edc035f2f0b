package io.dragon.engine.sequencer;

import io.dragon.codecs.control.DeviceReportDecoder;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/**
 * What workers tell about their devices. One that says that its device must not be used gets nothing more and loses what it has, without
 * blame for anybody; it comes back when it says otherwise, or as a new incarnation. There are no probes: only the device's own
 * instruments know when it is well.
 */
final class Devices {
    private final Core core;

    Devices(final Core core) {
        this.core = core;
    }

    void report(final Party worker, final DeviceReportDecoder report) {
        final int state = report.stateRaw();
        final long detectedMs = report.detectedMs();
        final DirectBuffer buffer = report.buffer();
        final int factsAt = report.offset() + DeviceReportDecoder.temperatureCelsiusEncodingOffset();
        final int length = report.textLength();
        final int textAt = report.limit() + DeviceReportDecoder.textHeaderLength();
        if (worker.kind != Party.WORKER
                || state > DeviceTold.FAILED
                || length > DeviceTold.MOST_TEXT
                || !areFacts(buffer, factsAt)) {
            core.increment(Counters.MALFORMED);
            return;
        }
        if (worker.told == null) {
            worker.told = new DeviceTold();
        }
        final DeviceTold told = worker.told;
        for (int i = 0; i < DeviceTold.FACTS; i++) {
            told.facts[i] = buffer.getLong(factsAt + i * Long.BYTES, ByteOrder.LITTLE_ENDIAN);
        }
        buffer.getBytes(textAt, told.text, 0, length);
        told.textLength = length;
        final boolean wasUnfit = worker.isUnfit();
        if (state == DeviceTold.FAILED && !wasUnfit) {
            fails(worker, detectedMs);
        } else if (state != DeviceTold.FAILED && wasUnfit) {
            recovers(worker, state);
        } else {
            told.state = state;
        }
    }

    private static boolean areFacts(final DirectBuffer buffer, final int at) {
        for (int i = 0; i < DeviceTold.FACTS; i++) {
            if (buffer.getLong(at + i * Long.BYTES, ByteOrder.LITTLE_ENDIAN) < -1) {
                return false;
            }
        }
        return true;
    }

    private void fails(final Party worker, final long detectedMs) {
        final DeviceTold told = worker.told;
        final String text = new String(told.text, 0, told.textLength, StandardCharsets.UTF_8);
        final long incident = core.faults.deviceUnfit(worker, detectedMs, text);
        final long reassigned = core.counters[Counters.REASSIGNED];
        core.scheduler.lessUsable(worker);
        told.state = DeviceTold.FAILED;
        told.sinceMs = core.upMs();
        core.scheduler.offer(worker, null);
        core.scheduler.takeBack(worker);
        core.incidents.add(incident, core.counters[Counters.REASSIGNED] - reassigned, 0);
    }

    private void recovers(final Party worker, final int state) {
        core.faults.deviceWell(worker, core.upMs() - worker.told.sinceMs);
        worker.told.state = state;
        worker.told.sinceMs = 0;
        core.scheduler.moreUsable(worker);
        core.scheduler.offer(worker, null);
    }
}
