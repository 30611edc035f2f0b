package io.dragon.tools.analyze;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigestTableTest {
    @Test
    void shouldCountLikeAMapWhileItGrows() {
        final DigestTable table = new DigestTable(1);
        final Map<List<Long>, Integer> model = new HashMap<>();
        final Random random = new Random(9);
        for (int i = 0; i < 200_000; i++) {
            final int id = random.nextInt(80_000);
            final long a = (id >> 2) * 0x9E37_79B9_7F4A_7C15L; // four digests share each first word
            final long b = id & 1;
            final long c = 7;
            final long d = id & 2;
            assertEquals(model.merge(List.of(a, b, c, d), 1, Integer::sum), table.add(a, b, c, d));
        }
        assertEquals(model.size(), table.size());
    }
}
