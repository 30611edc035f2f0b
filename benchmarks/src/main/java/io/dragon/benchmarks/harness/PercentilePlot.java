package io.dragon.benchmarks.harness;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Percentiles of several sides in one picture: the rarer to the right, both axes logarithmic. */
final class PercentilePlot {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 700;
    private static final int TICKS = 5;
    private static final String FORMAT = "png";

    /** No logarithm of zero. */
    private static final double LEAST = 1e-6;

    /**
     * One line of the picture.
     *
     * @param histogram what is drawn
     * @param scale     what a value is multiplied with
     * @param unit      and is then in
     */
    record Line(Histogram histogram, double scale, String unit) {}

    private PercentilePlot() {}

    static void write(final String title, final Map<String, Line> lines, final Path file) throws IOException {
        final String unit = lines.values().iterator().next().unit();
        final XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("1 of so many (10: p90, 100: p99, 1,000: p99.9)")
                .yAxisTitle(unit)
                .theme(Styler.ChartTheme.Matlab)
                .build();
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        lines.forEach((name, line) -> draw(chart, name, line));
        try (OutputStream out = Files.newOutputStream(file)) {
            ImageIO.write(BitmapEncoder.getBufferedImage(chart), FORMAT, out);
        }
    }

    private static void draw(final XYChart chart, final String name, final Line line) {
        final List<Double> rarities = new ArrayList<>();
        final List<Double> values = new ArrayList<>();
        for (final HistogramIterationValue value : line.histogram.percentiles(TICKS)) {
            final double level = value.getPercentileLevelIteratedTo() / 100;
            if (level < 1) {
                rarities.add(1 / (1 - level));
                values.add(Math.max(LEAST, value.getValueIteratedTo() * line.scale));
            }
        }
        final XYSeries series = chart.addSeries(name, rarities, values);
        series.setMarker(SeriesMarkers.NONE);
    }
}
