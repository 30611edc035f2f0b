package io.dragon.worker.device;

import com.sun.jna.NativeLibrary;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Quantity;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Calls of the driver that may never come back, as the first ones of a process where it hangs. No call of native code can be interrupted: each is made
 * on a thread of its own, which is left behind when its time is over, and whoever waits goes on. Only time in which this process ran
 * counts.
 */
public final class DriverCall {
    /** How long the driver may take to start, if not {@link #LIMIT_NS}. */
    static final String LIMIT_ENV_NAME = "DRAGON_GPU_START";

    /** Less than a worker lives that is started again at once; many GPUs that nothing keeps awake take half of that. */
    private static final long LIMIT_NS = 50_000_000_000L;

    private static final long SLOW_NS = 5_000_000_000L;
    private static final long STEP_NS = 20_000_000L;
    private static final long MOST_BETWEEN_NS = 1_000_000_000L;
    private static final long END_LIMIT_NS = 3_000_000_000L;
    private static final AtomicInteger LEFT_BEHIND = new AtomicInteger();
    private static volatile boolean isLost;
    private static volatile Consumer<String> whenSlow = sentence -> {};

    private DriverCall() {}

    /**
     * Who is told that the driver keeps this process waiting.
     *
     * @param say takes a sentence, on the thread that waits; nobody is told before this is called.
     */
    public static void whenSlow(final Consumer<String> say) {
        whenSlow = say;
    }

    /**
     * Whether a call has not come back, or a GPU is lost for this process: then the driver's library may keep the process from ending in order.
     *
     * @return false as long as all is well; any thread.
     */
    public static boolean isStuck() {
        return isLost || LEFT_BEHIND.get() > 0;
    }

    /** A GPU is lost for this process. */
    static void lost() {
        isLost = true;
    }

    /**
     * Ends this process at once. No native library is asked to end in order: that of a driver which hangs would wait for it. Nothing else is
     * done at the end either, so that it has to be done before.
     *
     * @param exitCode of the process.
     */
    public static void endProcess(final int exitCode) {
        System.out.flush();
        System.err.flush();
        final Thread halting = new Thread(() -> {
            LockSupport.parkNanos(END_LIMIT_NS);
            Runtime.getRuntime().halt(exitCode);
        });
        halting.setDaemon(true);
        halting.start();
        try {
            NativeLibrary.getProcess().getFunction("_exit").invokeVoid(new Object[] {exitCode});
        } catch (final RuntimeException | LinkageError ex) {
            Runtime.getRuntime().halt(exitCode); // there is nothing better
        }
    }

    /**
     * Makes a call.
     *
     * @param asked what the driver is asked, for people.
     * @param call  the call.
     * @param late  takes what comes when nobody waits any more; on the thread that was left behind.
     * @throws GpuException in words, when it has not come back in time; and whatever the call throws.
     */
    static <T> T within(final String asked, final Supplier<T> call, final Consumer<T> late) {
        return within(limitNs(System.getenv(LIMIT_ENV_NAME)), System::nanoTime, asked, call, late);
    }

    static long limitNs(final String text) {
        if (text == null || text.isBlank()) {
            return LIMIT_NS;
        }
        try {
            return Quantity.nanos(text.strip());
        } catch (final IllegalArgumentException ex) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, "environment: '" + LIMIT_ENV_NAME + "' " + ex.getMessage());
        }
    }

    static <T> T within(
            final long limitNs,
            final LongSupplier clock,
            final String asked,
            final Supplier<T> call,
            final Consumer<T> late) {
        final CompletableFuture<T> answer = new CompletableFuture<>();
        final Thread thread = new Thread(() -> make(call, answer, late), "dragon-gpu-start");
        thread.setDaemon(true);
        thread.start();
        boolean isInterrupted = false;
        boolean isTold = false;
        long waitedNs = 0;
        long askedNs = clock.getAsLong();
        try {
            while (true) {
                try {
                    return answer.get(STEP_NS, TimeUnit.NANOSECONDS);
                } catch (final TimeoutException ex) {
                    final long nowNs = clock.getAsLong();
                    waitedNs += Math.min(MOST_BETWEEN_NS, nowNs - askedNs); // a process that stood still has not waited
                    askedNs = nowNs;
                    if (waitedNs > limitNs) {
                        leaveBehind(answer, asked, limitNs);
                    } else if (!isTold && waitedNs > SLOW_NS) {
                        isTold = true;
                        whenSlow.accept("NVIDIA's driver is slow: it was asked " + asked
                                + ", has not answered for " + seconds(SLOW_NS) + ", and is given "
                                + seconds(limitNs) + ".");
                    }
                } catch (final InterruptedException ex) {
                    isInterrupted = true; // the time is bounded
                } catch (final ExecutionException ex) {
                    if (ex.getCause() instanceof RuntimeException known) {
                        throw known;
                    }
                    if (ex.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw new IllegalStateException(ex.getCause());
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static <T> void make(final Supplier<T> call, final CompletableFuture<T> answer, final Consumer<T> late) {
        final T value;
        try {
            value = call.get();
        } catch (final RuntimeException | Error ex) {
            if (!answer.completeExceptionally(ex)) {
                LEFT_BEHIND.decrementAndGet();
            }
            return;
        }
        if (!answer.complete(value)) {
            late.accept(value);
            LEFT_BEHIND.decrementAndGet();
        }
    }

    private static void leaveBehind(final CompletableFuture<?> answer, final String asked, final long limitNs) {
        LEFT_BEHIND.incrementAndGet();
        final GpuException hung = new GpuException(
                GpuException.NO_ANSWER,
                "NO_ANSWER",
                "NVIDIA's driver hangs: it was asked " + asked + ", and has not answered for " + seconds(limitNs)
                        + " (sudo dmesg may show why; often only a restart of the host helps).");
        if (!answer.completeExceptionally(hung)) {
            LEFT_BEHIND.decrementAndGet(); // it came at the last moment
        }
    }

    private static String seconds(final long ns) {
        return Quantity.timeText(ns);
    }
}
