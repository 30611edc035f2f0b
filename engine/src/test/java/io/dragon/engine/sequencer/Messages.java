package io.dragon.engine.sequencer;

import io.dragon.codecs.control.*;
import java.util.Arrays;
import java.util.function.Consumer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Commands as bytes, for tests. */
final class Messages {
    static final byte[] EMPTY = {};

    /** One a thread: simulations run side by side. */
    private static final ThreadLocal<UnsafeBuffer> SCRATCH =
            ThreadLocal.withInitial(() -> new UnsafeBuffer(new byte[4096]));

    private Messages() {}

    record Frame(long pool, long sequence, int slot, int length) {
        static final Frame NULL = new Frame(0, 0, 0, 0);

        void put(final FrameRefEncoder encoder) {
            encoder.poolId(pool).sequence(sequence).slot(slot).length(length);
        }

        static Frame of(final FrameRefDecoder frame) {
            return new Frame(frame.poolId(), frame.sequence(), (int) frame.slot(), (int) frame.length());
        }
    }

    private static byte[] done(final int limit) {
        final byte[] bytes = new byte[limit];
        SCRATCH.get().getBytes(0, bytes);
        return bytes;
    }

    private static MutableDirectBuffer blank() {
        final UnsafeBuffer scratch = SCRATCH.get();
        scratch.setMemory(0, 2048, (byte) 0);
        return scratch;
    }

    static byte[] register(
            final long correlationId, final PartyKind kind, final String name, final int window, final int nodeId) {
        return register(correlationId, kind, name, window, nodeId, 0);
    }

    /** A name may say its host: {@code name@host}. */
    static byte[] register(
            final long correlationId,
            final PartyKind kind,
            final String name,
            final int window,
            final int nodeId,
            final long memoryBytes) {
        final int at = name.indexOf('@');
        final String host = at >= 0 ? name.substring(at + 1) : kind == PartyKind.NODE ? "host of " + name : "host";
        return register(correlationId, kind, name, host, window, nodeId, memoryBytes);
    }

    static byte[] register(
            final long correlationId,
            final PartyKind kind,
            final String name,
            final String host,
            final int window,
            final int nodeId,
            final long memoryBytes) {
        final RegisterEncoder e = new RegisterEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .correlationId(correlationId)
                .kind(kind)
                .window(window)
                .nodeId(nodeId)
                .memoryBytes(memoryBytes)
                .processId(77);
        e.name(name).host(host).device("cpu");
        return done(e.limit());
    }

    static byte[] heartbeat(final long progress, final long computing) {
        return heartbeat(progress, computing, -1);
    }

    static byte[] heartbeat(final long progress, final long computing, final long freeBytes) {
        final HeartbeatEncoder e = new HeartbeatEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .progress(progress)
                .computingTaskId(computing)
                .freeBytes(freeBytes);
        return done(e.limit());
    }

    static byte[] resume(final long correlationId) {
        final ResumeEncoder e = new ResumeEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder()).correlationId(correlationId);
        return done(e.limit());
    }

    static byte[] unregister() {
        final UnregisterEncoder e = new UnregisterEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder());
        return done(e.limit());
    }

    static byte[] type(final String name) {
        final RegisterTaskTypeEncoder e = new RegisterTaskTypeEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder());
        e.name(name);
        return done(e.limit());
    }

    /** A submit under construction. */
    static final class Submit {
        int type = 1;
        int priority = 3;
        int attempts;
        boolean optional;
        int deadlineMs;
        long memoryBytes;
        long[] dependencies = {};
        Frame[] inputs = {};
        byte[] parameters = EMPTY;

        Submit type(final int value) {
            type = value;
            return this;
        }

        Submit priority(final int value) {
            priority = value;
            return this;
        }

        Submit attempts(final int value) {
            attempts = value;
            return this;
        }

        Submit optional() {
            optional = true;
            return this;
        }

        Submit deadlineMs(final int value) {
            deadlineMs = value;
            return this;
        }

        Submit memoryBytes(final long value) {
            memoryBytes = value;
            return this;
        }

        Submit after(final long... ids) {
            dependencies = ids;
            return this;
        }

        Submit inputs(final Frame... frames) {
            inputs = frames;
            return this;
        }

        Submit parameters(final byte[] bytes) {
            parameters = bytes;
            return this;
        }

        byte[] encode() {
            final SubmitTaskEncoder e = new SubmitTaskEncoder();
            e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                    .typeId(type)
                    .priority((short) priority)
                    .maxAttempts((short) attempts)
                    .deadlineMs(deadlineMs)
                    .memoryBytes(memoryBytes);
            e.flags().optionalDependencies(optional);
            e.stamps().submittedNs(5);
            final SubmitTaskEncoder.DependenciesEncoder d = e.dependenciesCount(dependencies.length);
            Arrays.stream(dependencies).forEach(id -> d.next().taskId(id));
            final SubmitTaskEncoder.InputsEncoder i = e.inputsCount(inputs.length);
            for (final Frame frame : inputs) {
                frame.put(i.next().frame());
            }
            e.putParameters(parameters, 0, parameters.length);
            return done(e.limit());
        }
    }

    static Submit task() {
        return new Submit();
    }

    static byte[] cancel(final long taskId) {
        final CancelTaskEncoder e = new CancelTaskEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder()).taskId(taskId);
        return done(e.limit());
    }

    static byte[] complete(
            final long taskId, final int attempt, final Reason reason, final String text, final Frame... outputs) {
        return complete(taskId, attempt, reason, text, 1_000_000, outputs);
    }

    static byte[] complete(
            final long taskId,
            final int attempt,
            final Reason reason,
            final String text,
            final long executionNs,
            final Frame... outputs) {
        final CompleteTaskEncoder e = new CompleteTaskEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .taskId(taskId)
                .attempt(attempt)
                .reason(reason)
                .executionNs(executionNs)
                .transferredNs(2);
        e.stamps().receivedNs(1).startedNs(2).finishedNs(3);
        final CompleteTaskEncoder.OutputsEncoder o = e.outputsCount(outputs.length);
        for (final Frame frame : outputs) {
            frame.put(o.next().frame());
        }
        final byte[] inline = reason == Reason.NONE ? text.getBytes() : EMPTY;
        e.putInlineResult(inline, 0, inline.length);
        e.errorText(reason == Reason.NONE ? "" : text);
        return done(e.limit());
    }

    static byte[] pool(final long id) {
        final RegisterPoolEncoder e = new RegisterPoolEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .poolId(id)
                .slotCount(16)
                .slotLength(1024);
        return done(e.limit());
    }

    static byte[] published(final long step, final long epochNs, final Frame frame) {
        final FramePublishedEncoder e = new FramePublishedEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .step(step)
                .captureEpochNs(epochNs)
                .capturedNs(1)
                .publishedNs(2);
        frame.put(e.frame());
        return done(e.limit());
    }

    static byte[] orphaned(final long pool) {
        final PoolOrphanedEncoder e = new PoolOrphanedEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder()).poolId(pool);
        return done(e.limit());
    }

    static byte[] dead(final int partyId, final int incarnation) {
        return dead(partyId, incarnation, 0);
    }

    static byte[] dead(final int partyId, final int incarnation, final long detectedMs) {
        final PartyDeadEncoder e = new PartyDeadEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .partyId(partyId)
                .incarnation(incarnation)
                .detectedMs(detectedMs);
        return done(e.limit());
    }

    static byte[] incident(
            final IncidentKind kind,
            final IncidentRule rule,
            final int subjectId,
            final long detectedMs,
            final int moved,
            final String text) {
        final ReportIncidentEncoder e = new ReportIncidentEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .kind(kind)
                .rule(rule)
                .subjectId(subjectId)
                .detectedMs(detectedMs)
                .moved(moved);
        e.text(text);
        return done(e.limit());
    }

    static byte[] supervised(
            final String name,
            final SupervisedState state,
            final int restarts,
            final int waitMs,
            final long processId,
            final String text) {
        final ReportWorkerEncoder e = new ReportWorkerEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .state(state)
                .restarts(restarts)
                .waitMs(waitMs)
                .processId(processId);
        e.name(name).text(text);
        return done(e.limit());
    }

    /** A job under construction: mask tasks of type 1, slabs of type 2. */
    static final class JobSpec {
        int frameType = 1;
        int depth = 2;
        int stepType = 2;
        int slabs = 2;
        boolean deliver;
        long skewNs;
        int deadlineMs = 500;
        int[] cameras = {};
        int[] pairs = {};
        Frame[] inputs = {};

        JobSpec cameras(final int... ids) {
            cameras = ids;
            pairs = new int[ids.length];
            Arrays.fill(pairs, 65_534);
            return this;
        }

        JobSpec pairs(final int... numbers) {
            pairs = numbers;
            return this;
        }

        JobSpec with(final Consumer<JobSpec> change) {
            change.accept(this);
            return this;
        }

        byte[] encode() {
            final RegisterJobEncoder e = new RegisterJobEncoder();
            e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                    .frameTypeId(frameType)
                    .historyDepth((short) depth)
                    .stepTypeId(stepType)
                    .slabs(slabs)
                    .priority((short) 4)
                    .pairSkewNs(skewNs)
                    .stepDeadlineMs(deadlineMs);
            e.flags().deliverFrameResults(deliver);
            final RegisterJobEncoder.CamerasEncoder c = e.camerasCount(cameras.length);
            for (int i = 0; i < cameras.length; i++) {
                c.next().cameraId(cameras[i]).pair(pairs[i]);
            }
            final RegisterJobEncoder.InputsEncoder f = e.inputsCount(inputs.length);
            for (final Frame frame : inputs) {
                frame.put(f.next().frame());
            }
            e.putFrameParameters("fp".getBytes(), 0, 2);
            e.putStepParameters("sp".getBytes(), 0, 2);
            return done(e.limit());
        }
    }

    static JobSpec job() {
        return new JobSpec();
    }

    static byte[] closeJob(final long id) {
        final CloseJobEncoder e = new CloseJobEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder()).jobId(id);
        return done(e.limit());
    }

    static byte[] allocate(final int[] cameras, final int[] pairs) {
        final AllocateCamerasEncoder e = new AllocateCamerasEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder()).correlationId(9);
        final AllocateCamerasEncoder.CamerasEncoder c = e.camerasCount(cameras.length);
        for (int i = 0; i < cameras.length; i++) {
            c.next().cameraId(cameras[i]).pair(pairs[i]);
        }
        return done(e.limit());
    }

    static byte[] settings(final SequencerConfig config) {
        return done(Sequencer.encodeSettings(
                config, config.get(Setting.MEMBER_ID), config.get(Setting.LEADERSHIP_TERM_ID), blank()));
    }

    static byte[] query(final int section, final int afterId) {
        return query(3, section, afterId);
    }

    static byte[] query(final long correlationId, final int section, final int afterId) {
        final StatusQueryEncoder e = new StatusQueryEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .correlationId(correlationId)
                .section((short) section)
                .afterId(afterId);
        return done(e.limit());
    }

    /** What a worker tells of its device; the numbers of 64 bits are all the same. */
    static byte[] deviceReport(final int state, final int detectedMs, final long each, final String text) {
        final DeviceReportEncoder e = new DeviceReportEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .detectedMs(detectedMs)
                .temperatureCelsius(each)
                .utilisationPermille(each)
                .memoryBytes(each)
                .memoryUsedBytes(each)
                .powerMilliwatts(each)
                .powerLimitMilliwatts(each)
                .eccCorrected(each)
                .eccUncorrected(each);
        e.buffer().putByte(e.offset() + DeviceReportEncoder.stateEncodingOffset(), (byte) state);
        e.text(text);
        return done(e.limit());
    }

    /** What a node agent tells of its host; the numbers of 64 bits are all the same. */
    static byte[] nodeReport(final int cores, final int cpuPermille, final long each, final String addresses) {
        final NodeReportEncoder e = new NodeReportEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .cores(cores)
                .cpuPermille(cpuPermille)
                .memoryBytes(each)
                .memoryFreeBytes(each)
                .sharedBytes(each)
                .sharedFreeBytes(each)
                .receivedBytesPerSecond(each)
                .sentBytesPerSecond(each)
                .udpErrors(each)
                .framesFetched(each)
                .bytesFetched(each)
                .fetchNs(each)
                .framesServed(each)
                .framesRelayed(each)
                .chunksRepeated(each)
                .intruders(each)
                .transportPort(9877)
                .probePort(9878);
        e.addresses(addresses);
        return done(e.limit());
    }

    /** What a node agent finds of the way to another node. */
    record Told(int nodeId, LinkState state, int lossPermille, long roundTripNs, long bytesPerSecond) {
        static Told up(final int nodeId, final long roundTripNs) {
            return new Told(nodeId, LinkState.UP, 0, roundTripNs, 0);
        }

        static Told up(final int nodeId, final long roundTripNs, final long bytesPerSecond) {
            return new Told(nodeId, LinkState.UP, 0, roundTripNs, bytesPerSecond);
        }

        static Told degraded(final int nodeId, final long roundTripNs) {
            return new Told(nodeId, LinkState.DEGRADED, 30, roundTripNs, 0);
        }

        static Told down(final int nodeId) {
            return new Told(nodeId, LinkState.DOWN, 1_000, 0, 0);
        }
    }

    static byte[] linkReport(final Told... links) {
        final LinkReportEncoder e = new LinkReportEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder());
        final LinkReportEncoder.LinksEncoder entries = e.linksCount(links.length);
        for (final Told link : links) {
            entries.next()
                    .nodeId(Integer.toUnsignedLong(link.nodeId))
                    .state(link.state)
                    .address((short) 0)
                    .lossPermille(link.lossPermille)
                    .roundTripNs(link.roundTripNs)
                    .bytesPerSecond(link.bytesPerSecond)
                    .spikeNs(link.state == LinkState.DEGRADED ? 2 * link.roundTripNs : 0)
                    .usualNs(link.state == LinkState.DEGRADED ? link.roundTripNs : 0);
        }
        return done(e.limit());
    }

    static byte[] routeQuery(final long correlationId, final long knownVersion, final int afterId) {
        final RouteQueryEncoder e = new RouteQueryEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder())
                .correlationId(correlationId)
                .knownVersion(knownVersion)
                .afterId(Integer.toUnsignedLong(afterId));
        return done(e.limit());
    }

    static byte[] poolQuery(final long poolId) {
        final PoolQueryEncoder e = new PoolQueryEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder()).poolId(poolId);
        return done(e.limit());
    }

    static byte[] optimize(final long correlationId) {
        final OptimizeRoutesEncoder e = new OptimizeRoutesEncoder();
        e.wrapAndApplyHeader(blank(), 0, new MessageHeaderEncoder()).correlationId(correlationId);
        return done(e.limit());
    }

    static void address(
            final byte[] message, final int partyId, final int incarnation, final long seq, final long lastEvent) {
        new SenderEncoder()
                .wrap(new UnsafeBuffer(message), MessageHeaderEncoder.ENCODED_LENGTH)
                .partyId(Integer.toUnsignedLong(partyId))
                .incarnation(Integer.toUnsignedLong(incarnation))
                .seq(seq)
                .lastEvent(lastEvent);
    }
}
