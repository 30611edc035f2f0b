package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.Sample;
import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Where the time of messages to another process and back has gone. On the thread that takes answers. */
final class Stages {
    /** What lies between two stamps. */
    enum Stage {
        SEQUENCED("to the service"),
        DISPATCHED("on to the worker"),
        WORKED("in the worker"),
        DELIVERED("back to the client");

        private final String text;

        Stage(final String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    private final Map<Stage, Histogram> histograms = new EnumMap<>(Stage.class);

    Stages() {
        for (final Stage stage : Stage.values()) {
            histograms.put(stage, Sample.histogramOfNs());
        }
    }

    /** A message has come back: when it was meant to be sent, and was where. All by one clock. */
    void onAnswer(
            final long intendedNs,
            final long sequencedNs,
            final long receivedNs,
            final long finishedNs,
            final long deliveredNs) {
        Sample.record(histograms.get(Stage.SEQUENCED), sequencedNs - intendedNs);
        Sample.record(histograms.get(Stage.DISPATCHED), receivedNs - sequencedNs);
        Sample.record(histograms.get(Stage.WORKED), finishedNs - receivedNs);
        Sample.record(histograms.get(Stage.DELIVERED), deliveredNs - finishedNs);
    }

    Histogram histogram(final Stage stage) {
        return histograms.get(stage);
    }
}
