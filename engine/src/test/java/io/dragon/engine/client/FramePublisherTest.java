package io.dragon.engine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FramePublisherTest {
    private static final int LENGTH = 1000;

    @TempDir
    Path folder;

    private FramePool pool;
    private FrameFeed feed;
    private FramePublisher publisher;

    @BeforeEach
    void setUp() {
        final DragonDirectory directory =
                DragonDirectory.of(folder.resolve("dragon")).create();
        final FramePublisher.Config config =
                new FramePublisher.Config().slotCount(4).slotLength(LENGTH);
        pool = config.createPool(directory, "camera");
        feed = new FrameFeed("camera", pool, FramePublisher.AwayPolicy.KEEP, null);
        publisher = new FramePublisher(null, feed, pool, config, directory);
    }

    @AfterEach
    void tearDown() {
        pool.deleteNow();
    }

    @Test
    void shouldHandEveryPublishedFrameToTheAgentInOrder() {
        for (int step = 1; step <= 3; step++) {
            assertTrue(publisher.claim(LENGTH) >= 0);
            publisher.captured(step * 10L);
            assertTrue(publisher.publish(step, step * 100L) > 0);
        }
        final int[] expected = {1};
        final int read = feed.ring().read((type, buffer, index, length) -> {
            assertEquals(expected[0], buffer.getLong(index + FrameFeed.STEP_OFFSET));
            assertEquals(expected[0] * 10L, buffer.getLong(index + FrameFeed.CAPTURED_OFFSET));
            assertEquals(expected[0] * 100L, buffer.getLong(index + FrameFeed.CAPTURE_EPOCH_OFFSET));
            assertEquals(pool.poolId(), buffer.getLong(index + FrameFeed.POOL_OFFSET));
            assertEquals(LENGTH, buffer.getInt(index + FrameFeed.LENGTH_OFFSET));
            expected[0]++;
        });
        assertEquals(3, read);
        assertEquals(3, publisher.published());
    }

    @Test
    void shouldRefuseFramesWhileEverySlotIsHeldAndTakeThemAgainAfterARelease() {
        for (int step = 1; step <= 4; step++) {
            assertTrue(publisher.claim(LENGTH) >= 0);
            publisher.publish(step, 0);
        }
        assertEquals(FramePublisher.BACK_PRESSURED, publisher.claim(LENGTH));
        assertEquals(1, publisher.drops().backPressured());
        assertEquals(FramePublisher.TOO_LARGE, publisher.claim(LENGTH + 1));
        assertEquals(1, publisher.drops().tooLarge());

        feed.ring()
                .read(
                        (type, buffer, index, length) -> assertTrue(publisher.release(new FrameRef()
                                .set(
                                        buffer.getLong(index + FrameFeed.POOL_OFFSET),
                                        buffer.getLong(index + FrameFeed.SEQUENCE_OFFSET),
                                        buffer.getInt(index + FrameFeed.SLOT_OFFSET),
                                        buffer.getInt(index + FrameFeed.LENGTH_OFFSET)))),
                        1);
        assertTrue(publisher.claim(LENGTH) >= 0);
        publisher.abort();
        assertEquals(2, publisher.drops().total());
    }

    @Test
    void shouldDropAFrameWhenTheAgentTakesNoneAndCountIt() {
        final OneToOneRingBuffer ring = feed.ring();
        while (ring.tryClaim(FrameFeed.FRAME_TYPE, FrameFeed.RECORD_LENGTH) > 0) {
            // fill it: the agent is not there
        }
        assertTrue(publisher.claim(LENGTH) >= 0);
        assertEquals(FramePublisher.BACK_PRESSURED, publisher.publish(1, 0));
        assertEquals(1, publisher.drops().unsent());
        assertEquals(0, publisher.published());
        for (int i = 0; i < 4; i++) {
            assertTrue(publisher.claim(LENGTH) >= 0, "the slot of the dropped frame is free again");
            publisher.publishDirect(new FrameRef(), 1, 0);
        }
    }

    @Test
    void shouldGoOnAfterACallerThatEndedTheClaimItself() {
        assertTrue(publisher.claim(LENGTH) >= 0);
        publisher.frame().abort();
        assertThrows(IllegalStateException.class, () -> publisher.publish(1, 0));
        assertTrue(publisher.claim(LENGTH) >= 0);
        assertTrue(publisher.publish(2, 0) > 0);
        final long[] step = {0};
        feed.ring().read((type, buffer, index, length) -> step[0] = buffer.getLong(index + FrameFeed.STEP_OFFSET));
        assertEquals(2, step[0], "the frame is stuck behind a record that is never committed");
    }

    @Test
    void shouldNotAllocateWhenPublishing() {
        final FrameRef ref = new FrameRef();
        publishAndDrain(20_000, ref);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long id = Thread.currentThread().getId();
        final long before = threads.getThreadAllocatedBytes(id);
        publishAndDrain(20_000, ref);
        final long allocated = threads.getThreadAllocatedBytes(id) - before;
        assertTrue(allocated < 20_000, allocated + " bytes for 20,000 frames");
    }

    private void publishAndDrain(final int frames, final FrameRef ref) {
        final org.agrona.concurrent.MessageHandler release = (type, buffer, index, length) -> pool.release(ref.set(
                buffer.getLong(index + FrameFeed.POOL_OFFSET),
                buffer.getLong(index + FrameFeed.SEQUENCE_OFFSET),
                buffer.getInt(index + FrameFeed.SLOT_OFFSET),
                buffer.getInt(index + FrameFeed.LENGTH_OFFSET)));
        for (int i = 0; i < frames; i++) {
            if (publisher.claim(LENGTH) < 0) {
                throw new AssertionError("no slot at frame " + i);
            }
            publisher.frame().width(10).height(100);
            publisher.publish(i, i);
            feed.ring().read(release);
        }
    }

    @Test
    void shouldMakeANewPoolWhenTheClusterHadGivenTheCameraUp() {
        assertTrue(publisher.claim(LENGTH) >= 0);
        publisher.publish(1, 0);
        publisher.claim(LENGTH + 1);
        feed.onFenced(null);
        final long first = publisher.poolId();
        assertTrue(publisher.claim(LENGTH) >= 0);
        publisher.publish(2, 0);
        assertTrue(publisher.poolId() != first);
        assertEquals(1, publisher.drops().tooLarge());
    }

    @Test
    void shouldRefuseASecondThreadAndCallsOutOfOrder() throws InterruptedException {
        assertThrows(IllegalStateException.class, () -> publisher.publish(1, 0));
        assertTrue(publisher.claim(LENGTH) >= 0);
        assertThrows(IllegalStateException.class, () -> publisher.claim(LENGTH));
        final AtomicReference<Throwable> thrown = new AtomicReference<>();
        final Thread other = new Thread(() -> {
            try {
                publisher.publish(1, 0);
            } catch (final IllegalStateException ex) {
                thrown.set(ex);
            }
        });
        other.start();
        other.join();
        assertTrue(thrown.get().getMessage().contains("belongs to thread"), () -> String.valueOf(thrown.get()));
    }

    @Test
    void shouldAskForASlotLengthInWords() {
        final DragonException ex = assertThrows(DragonException.class, () -> new FramePublisher.Config()
                .createPool(DragonDirectory.of(folder.resolve("d2")), "front"));
        assertEquals("camera 'front' needs a slot length: the bytes of its longest frame", ex.getMessage());
    }
}
