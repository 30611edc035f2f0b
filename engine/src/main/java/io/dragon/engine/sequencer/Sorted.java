package io.dragon.engine.sequencer;

import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;

/** Keys of hash tables in ascending (unsigned) order; allocates, so never on the steady path. */
final class Sorted {
    private Sorted() {}

    static long[] keys(final Long2ObjectHashMap<?> map) {
        final long[] keys = new long[map.size()];
        final Long2ObjectHashMap<?>.KeyIterator iterator = map.keySet().iterator();
        for (int i = 0; i < keys.length; i++) {
            keys[i] = iterator.nextLong();
        }
        return sort(keys);
    }

    static long[] keys(final Long2LongHashMap map) {
        final long[] keys = new long[map.size()];
        final Long2LongHashMap.KeyIterator iterator = map.keySet().iterator();
        for (int i = 0; i < keys.length; i++) {
            keys[i] = iterator.nextValue();
        }
        return sort(keys);
    }

    private static long[] sort(final long[] keys) {
        for (int i = 0; i < keys.length; i++) {
            keys[i] ^= Long.MIN_VALUE;
        }
        Arrays.sort(keys);
        for (int i = 0; i < keys.length; i++) {
            keys[i] ^= Long.MIN_VALUE;
        }
        return keys;
    }
}
