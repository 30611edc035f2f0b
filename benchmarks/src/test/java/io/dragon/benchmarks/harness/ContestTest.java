package io.dragon.benchmarks.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class ContestTest {
    @Test
    void everySideHasEveryPlaceEquallyOften() {
        for (int count = 2; count <= 4; count++) {
            final List<String> names = List.of("a", "b", "c", "d").subList(0, count);
            final Map<String, Integer> places = new HashMap<>();
            for (int turn = 0; turn < 2 * count; turn++) {
                final List<String> order = Contest.order(names, turn);
                assertEquals(count, order.stream().distinct().count());
                for (int place = 0; place < count; place++) {
                    places.merge(order.get(place) + place, 1, Integer::sum);
                }
            }
            assertEquals(count * count, places.size());
            places.values().forEach(times -> assertEquals(2, times));
        }
        assertNotEquals(Contest.order(List.of("a", "b", "c"), 0), Contest.order(List.of("a", "b", "c"), 3));
    }

    @Test
    void ratiosAreTakenWithinARound() throws Exception {
        // A machine that becomes three times slower in the middle: the ratio stays.
        final double[] speed = {1, 1, 3, 3, 3};
        final Contest contest = new Contest("suite")
                .side("ours", round -> Map.of("case", Sample.of(round < 0 ? 1e9 : 30 * speed[round])))
                .side("theirs", round -> Map.of("case", Sample.of(round < 0 ? 1 : 20 * speed[round])))
                .run(2, 5, text -> {});

        final Row row = contest.row("ours", "theirs", "case", "us", Better.LOWER);

        assertEquals(new Spread(1.5, 1.5, 1.5), row.ratio());
        assertEquals(90, row.p50());
        assertEquals(60, row.baselineP50());
        assertArrayEquals(new double[] {30, 30, 90, 90, 90}, contest.values("ours", "case"));
    }

    @Test
    void percentilesAreThoseOfAllRoundsTogether() throws Exception {
        final Contest contest = new Contest("suite")
                .side("ours", round -> {
                    final Histogram histogram = Sample.histogramOfNs();
                    histogram.recordValueWithCount(1_000, 99);
                    Sample.record(histogram, round == 2 ? Long.MAX_VALUE : -5);
                    return Map.of("case", Sample.of(histogram, 1e-3));
                })
                .run(0, 3, text -> {});

        final Sample all = contest.all("ours", "case");

        assertEquals(300, all.histogram().getTotalCount());
        assertEquals(1.0, all.p50(), 1e-3);
        assertEquals(3.6e9, Row.percentile(all, 100), 3.6e6);
    }

    @Test
    void aSideThatMeasuredNothingIsADefect() {
        assertThrows(IllegalStateException.class, () -> Sample.of(Sample.histogramOfNs(), 1));
        final List<Integer> rounds = new ArrayList<>();
        final Contest contest = new Contest("suite").side("ours", round -> {
            rounds.add(round);
            return round == 1 ? Map.of() : Map.of("case", Sample.of(1));
        });
        assertThrows(
                IllegalStateException.class, () -> contest.run(1, 3, text -> {}).values("ours", "case"));
        assertEquals(List.of(-1, 0, 1, 2), rounds);
    }
}
