package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MakingTest {
    private final List<String> removed = new ArrayList<>();
    private final Making<String> making = new Making<>(String.class, removed::add);

    @Test
    void shouldGiveOnceWhatWasMadeAndThenNotRemoveIt() {
        assertNull(making.take());
        making.made("pool");
        assertEquals("pool", making.take());
        assertNull(making.take());
        making.close();
        assertEquals(List.of(), removed);
    }

    @Test
    void shouldRemoveOnceWhatNobodyTakes() {
        making.made("before");
        making.close();
        making.made("after");
        making.close();
        assertEquals(List.of("before", "after"), removed);
        assertNull(making.take());
    }

    @Test
    void shouldNotRemoveTheReasonWhyThereIsNone() {
        making.close();
        making.made(new IllegalStateException("no space"));
        assertEquals(List.of(), removed);
    }
}
