package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.cluster.Scratch;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameFetcherTest {
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(30);
    private static final int LENGTH = 5_000;
    private static final Timeouts TIMEOUTS = Timeouts.ci()
            .with(Timeouts.Key.FETCH_REPEAT, TimeUnit.MILLISECONDS.toNanos(20))
            .with(Timeouts.Key.FETCH_AGENT, TimeUnit.MILLISECONDS.toNanos(300));

    private final Scratch scratch = new Scratch();
    private final FrameRef far = new FrameRef().set(0x1234_5678_9ABCL, 7, 3, LENGTH);
    private final FrameLease lease = new FrameLease();
    private DragonDirectory directory;
    private MediaDriverNode driver;
    private Aeron aeron;
    private FramePool pool;
    private FrameFetcher fetcher;
    private StubNodeAgent agent;

    @BeforeEach
    void start() {
        directory = DragonDirectory.of(scratch.directory().resolve("dragon")).create();
        startDriver();
        pool = scratch.closing(FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName("receive")
                .slotCount(4)
                .slotLength(LENGTH)
                .sparse(true)));
        fetcher = new FrameFetcher(directory, "test", TIMEOUTS, scratch::onError);
    }

    @AfterEach
    void stop() {
        lease.release();
        CloseHelper.closeAll(fetcher, agent, aeron, driver, scratch);
    }

    private void startDriver() {
        driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(directory.aeron())
                .timeouts(TIMEOUTS)
                .errorHandler(scratch::onError));
        aeron = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(driver.aeronDirectoryName())
                .useConductorAgentInvoker(true)
                .errorHandler(scratch::onError));
    }

    private void startAgent() {
        agent = new StubNodeAgent(driver.aeronDirectoryName());
        publish(agent.here, 9);
    }

    private void publish(final FrameRef ref, final int step) {
        final FrameClaim claim = new FrameClaim();
        assertTrue(pool.tryClaim(claim, LENGTH) >= 0);
        claim.buffer().setMemory(0, LENGTH, (byte) step);
        claim.metadata().putInt(0, 4711);
        claim.metadataLength(4)
                .format(FrameFormat.GREY8)
                .width(100)
                .height(50)
                .camera(5)
                .step(step)
                .publish(ref, true);
    }

    private void cycle() {
        if (!aeron.isClosed()) {
            aeron.conductorAgentInvoker().invoke();
        }
        fetcher.doWork(aeron);
        if (agent != null) {
            agent.poll();
        }
    }

    private void await(final BooleanSupplier condition, final String what) {
        scratch.await(what, () -> {
            cycle();
            return condition.getAsBoolean();
        });
    }

    private FrameFetch fetch() {
        return fetcher.fetch(far, lease, LONG_NS);
    }

    @Test
    void shouldLeaseTheFrameThatTheNodeAgentBrought() {
        startAgent();
        assertTrue(fetcher.isElsewhere(far.poolId()));
        assertFalse(fetcher.isElsewhere(pool.poolId()));
        final FrameFetch fetch = fetch();
        await(fetch::isDone, "the frame");
        assertTrue(fetch.isHere(), fetch::toString);
        assertEquals(far, agent.wanted);
        assertTrue(lease.isHeld());
        assertEquals(agent.here, lease.ref());
        assertEquals(LENGTH, lease.buffer().capacity());
        assertEquals(9, lease.buffer().getByte(LENGTH - 1));
        assertEquals(4711, lease.metadata().getInt(0));
        assertEquals(FrameFormat.GREY8, lease.format());
        assertEquals(5, lease.camera());
        assertEquals(9, lease.step());
        assertEquals(Reason.NONE, fetch.reason());
        assertTrue(fetch.elapsedNs() > 0);
        fetcher.end(fetch);
        assertTrue(lease.isHeld(), "the lease is the caller's");
        await(() -> agent.doneCount >= 1, "the word that it is leased");
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    @Test
    void shouldOpenNothingBeforeAFrameIsAskedFor() {
        startAgent();
        for (int i = 0; i < 100; i++) {
            assertEquals(0, fetcher.doWork(aeron));
        }
    }

    @Test
    void shouldAskAgainUntilAnswered() {
        startAgent();
        agent.outcome = null;
        final FrameFetch fetch = fetch();
        await(() -> agent.askedCount >= 3, "three questions");
        assertFalse(fetch.isDone());
        agent.outcome = FetchOutcome.HERE;
        await(fetch::isHere, "the frame");
        assertEquals(1, fetcher.finishedCount());
    }

    @Test
    void shouldAskTheNodeAgentThatComesAfterOneThatDied() {
        startAgent();
        agent.outcome = null;
        final FrameFetch fetch = fetch();
        await(() -> agent.askedCount >= 1, "a question");
        agent.close();
        agent = null;
        final FrameRef[] here = new FrameRef[1];
        startAgent();
        here[0] = agent.here;
        await(fetch::isDone, "the frame");
        assertTrue(fetch.isHere(), fetch::toString);
        assertEquals(here[0], lease.ref());
    }

    @Test
    void shouldAskAgainUnderANewNameWhenTheMediaDriverIsStartedAgain() {
        startAgent();
        agent.outcome = null;
        final FrameFetch fetch = fetch();
        await(() -> agent.askedCount >= 1, "a question");
        final long before = agent.lastClientId;
        CloseHelper.closeAll(agent, aeron, driver);
        agent = null;
        cycle();
        startDriver();
        startAgent();
        await(fetch::isDone, "the frame");
        assertTrue(fetch.isHere(), fetch::toString);
        assertNotEquals(before, agent.lastClientId);
    }

    @Test
    void shouldAskAgainWhenTheFrameIsGoneBeforeItIsLeased() {
        startAgent();
        final FrameRef right = new FrameRef().set(agent.here);
        agent.here.set(right.poolId(), right.sequence() - 1, right.slot(), right.length());
        final FrameFetch fetch = fetch();
        await(() -> fetcher.staleCount() >= 2, "two stale answers");
        assertFalse(fetch.isDone());
        agent.here.set(0x77L, 1, 0, LENGTH);
        final long before = fetcher.staleCount();
        await(() -> fetcher.staleCount() > before, "an answer with a pool that is gone");
        agent.here.set(right);
        await(fetch::isHere, "the frame");
        assertEquals(right, lease.ref());
        assertEquals(1, fetcher.finishedCount());
    }

    @ParameterizedTest
    @CsvSource({
        "GONE, INPUT_LOST",
        "CORRUPT, INPUT_CORRUPT",
        "UNREACHABLE, INPUT_UNREACHABLE",
        "NO_ROOM, INPUT_UNREACHABLE",
        "ENDED, INPUT_LOST"
    })
    void shouldSayWhyAFrameDoesNotCome(final FetchOutcome outcome, final Reason reason) {
        startAgent();
        agent.outcome = outcome;
        agent.text = "for a good reason";
        final FrameFetch fetch = fetch();
        await(fetch::isDone, "the answer");
        assertFalse(fetch.isHere());
        assertSame(outcome, fetch.outcome());
        assertSame(reason, fetch.reason());
        assertEquals("for a good reason", fetch.text());
        assertFalse(lease.isHeld());
        await(() -> agent.doneCount >= 1, "the word that it is not wanted any more");
    }

    @Test
    void shouldTakeAFrameThatIsTooShortForADamagedOne() {
        startAgent();
        agent.here.set(agent.here.poolId(), agent.here.sequence(), agent.here.slot(), LENGTH - 1);
        final FrameFetch fetch = fetch();
        await(fetch::isDone, "the answer");
        assertSame(FetchOutcome.CORRUPT, fetch.outcome());
    }

    @Test
    void shouldSayThatNoNodeAgentIsThere() {
        final FrameFetch fetch = fetch();
        final long startNs = System.nanoTime();
        await(fetch::isDone, "the end");
        assertTrue(System.nanoTime() - startNs >= TIMEOUTS.ns(Timeouts.Key.FETCH_AGENT));
        assertSame(FetchOutcome.UNREACHABLE, fetch.outcome());
        assertTrue(fetch.text().contains("start dragon gpu-server"), fetch.text());
    }

    @Test
    void shouldSayThatNoNodeAgentIsThereWithoutAMediaDriver() {
        final FrameFetch fetch = fetch();
        CloseHelper.closeAll(aeron, driver);
        await(fetch::isDone, "the end");
        assertSame(FetchOutcome.UNREACHABLE, fetch.outcome());
    }

    @Test
    void shouldGiveUpAtTheDeadline() {
        startAgent();
        agent.outcome = null;
        final FrameFetch fetch = fetcher.fetch(far, lease, TimeUnit.MILLISECONDS.toNanos(400));
        await(fetch::isDone, "the end");
        assertSame(FetchOutcome.UNREACHABLE, fetch.outcome());
        assertTrue(agent.askedCount > 1);
        assertTrue(fetch.text().contains("did not bring"), fetch.text());
    }

    @Test
    void shouldSayThatACancelledFrameIsNotWanted() {
        startAgent();
        agent.outcome = null;
        final FrameFetch fetch = fetch();
        await(() -> agent.askedCount >= 1, "a question");
        fetcher.end(fetch);
        await(() -> agent.doneCount >= 1, "the word that it is not wanted any more");
        agent.outcome = FetchOutcome.HERE;
        final int before = agent.doneCount;
        agent.answer(agent.lastClientId, agent.lastCorrelationId);
        await(() -> agent.doneCount > before, "the word, said again");
        assertFalse(lease.isHeld());
        assertEquals(0, fetcher.hereCount());
        final FrameFetch next = fetch();
        await(next::isHere, "the next frame");
        assertSame(fetch, next, "objects are used again");
    }

    @Test
    void shouldPassOverAnswersToOthers() {
        startAgent();
        agent.outcome = null;
        final FrameFetch fetch = fetch();
        await(() -> agent.askedCount >= 1, "a question");
        agent.outcome = FetchOutcome.GONE;
        agent.answer(agent.lastClientId + 1, agent.lastCorrelationId);
        agent.outcome = FetchOutcome.HERE;
        agent.answer(agent.lastClientId, agent.lastCorrelationId);
        await(fetch::isDone, "the frame");
        assertTrue(fetch.isHere());
    }

    @Test
    void shouldBringManyAtOnceInAnyOrder() {
        startAgent();
        final FrameFetch[] fetches = new FrameFetch[40];
        final FrameLease[] leases = new FrameLease[fetches.length];
        for (int i = 0; i < fetches.length; i++) {
            leases[i] = new FrameLease();
            fetches[i] = fetcher.fetch(new FrameRef().set(0x99, i + 1, i, LENGTH), leases[i], LONG_NS);
        }
        await(() -> fetcher.finishedCount() == fetches.length, "all frames");
        for (int i = 0; i < fetches.length; i++) {
            assertTrue(fetches[i].isHere());
            leases[i].release();
            fetcher.end(fetches[i]);
        }
    }

    @Test
    void shouldAllocateNothingInSteadyState() {
        startAgent();
        final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().getId();
        bring(3_000);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5 && least > 0; round++) {
            final long before = threads.getThreadAllocatedBytes(thread);
            bring(500);
            least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
        }
        // the media driver's answers to its clients' conductors, polled on this thread, are not the fetcher's
        assertTrue(least < 500 * 16, least + " bytes for 500 frames");
    }

    private void bring(final int frames) {
        for (int i = 0; i < frames; i++) {
            final FrameFetch fetch = fetch();
            final long deadlineNs = System.nanoTime() + LONG_NS;
            while (!fetch.isDone() && System.nanoTime() - deadlineNs < 0) {
                cycle();
            }
            assertTrue(fetch.isHere());
            lease.release();
            fetcher.end(fetch);
        }
    }
}
