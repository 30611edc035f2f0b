package io.dragon.engine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.SubmitTaskDecoder;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ClientRecordsTest {
    @Test
    void shouldTellTheTransferOfInputsFromTheWaitForTheTaskBefore() {
        final Passport passport = new Passport(0, 0, 100, 110, 130, 160, 185, 200, 250, 310);
        assertEquals(25, passport.durationNs(Passport.Stage.TRANSFER));
        assertEquals(15, passport.durationNs(Passport.Stage.START));
        assertTrue(passport.isMonotone());
        assertFalse(new Passport(0, 0, 100, 110, 130, 160, 205, 200, 250, 310).isMonotone());
    }

    @Test
    void shouldGiveTheDurationOfEveryStageAndMinusOneWhereAStampIsMissing() {
        final Passport passport = new Passport(0, 0, 100, 110, 130, 160, 0, 200, 250, 310);
        assertEquals(-1, passport.durationNs(Passport.Stage.PUBLISH));
        assertEquals(-1, passport.durationNs(Passport.Stage.SUBMIT));
        assertEquals(10, passport.durationNs(Passport.Stage.SEQUENCE));
        assertEquals(20, passport.durationNs(Passport.Stage.ASSIGN));
        assertEquals(30, passport.durationNs(Passport.Stage.DISPATCH));
        assertEquals(40, passport.durationNs(Passport.Stage.START));
        assertEquals(50, passport.durationNs(Passport.Stage.EXECUTE));
        assertEquals(60, passport.durationNs(Passport.Stage.DELIVER));
        assertEquals(-1, passport.durationNs(Passport.Stage.TRANSFER), "its inputs were where it ran");
        assertEquals(210, passport.totalNs());
        assertTrue(passport.isMonotone());
        assertFalse(new Passport(0, 0, 100, 90, 0, 0, 0, 0, 0, 310).isMonotone());
    }

    @Test
    void shouldJudgeHealthByItsThresholdsAndSayWhy() {
        assertEquals(Health.State.HEALTHY, health(100, 0, 2, 2, 0).state());
        final Health failing = health(90, 10, 2, 2, 0);
        assertEquals(Health.State.DEGRADED, failing.state());
        assertEquals(
                "only 90.0 % of the tasks of the last 10 minutes completed",
                failing.reasons().get(0));
        assertEquals(Health.State.CRITICAL, health(10, 90, 2, 2, 0).state());
        assertEquals(Health.State.DEGRADED, health(100, 0, 1, 2, 0).state());
        assertEquals(Health.State.OVERLOADED, health(100, 0, 1, 2, 500).state());
        assertEquals(Health.State.CRITICAL, health(100, 0, 0, 2, 500).state());
        assertEquals(3, health(100, 0, 0, 2, 500).reasons().size());
        assertEquals("critical", Health.State.CRITICAL.label());
    }

    @Test
    void shouldNotMissWorkersThatLeftInOrderNorThoseDeadForLong() {
        final long hour = 3_600_000;
        assertEquals(
                3,
                ClusterView.expected(List.of(
                        worker(WorkerState.ALIVE, 5),
                        worker(WorkerState.SUSPECT, 2 * hour),
                        worker(WorkerState.DEAD, hour),
                        worker(WorkerState.DEAD, hour + 1),
                        worker(WorkerState.LEFT, 0))));
    }

    private static ClusterStatus.Worker worker(final WorkerState state, final long silentMillis) {
        return new ClusterStatus.Worker(
                1, 1, "w", "cpu", 0, 1, state, 0, 2, 0, 0, 0, -1, silentMillis, 0, 0, ClusterStatus.Gpu.NONE);
    }

    @Test
    void shouldNameTheTypesThatTasksWaitForAndNoWorkerRuns() {
        final Health health = health(100, 0, 2, 2, 4, new TreeMap<>(Map.of("brightnes", 3L, "gone", 1L)));
        assertEquals(Health.State.DEGRADED, health.state());
        assertEquals(
                List.of(
                        "3 tasks wait for type 'brightnes', which no worker runs",
                        "1 task waits for type 'gone', which no worker runs"),
                health.reasons());
    }

    @Test
    void shouldSayHowManyMastersMayStillGoAway() {
        assertEquals(List.of(), Reasons.masters(masters(true)));
        assertEquals(List.of(), Reasons.masters(masters(true, true, true)));
        assertEquals(
                List.of("1 of 3 masters is away (member-1): one more and nothing is sequenced"),
                Reasons.masters(masters(true, false, true)));
        assertEquals(
                List.of("1 of 5 masters is away (member-0)"), Reasons.masters(masters(false, true, true, true, true)));
        assertEquals(
                List.of("2 of 5 masters are away (member-0, member-1): one more and nothing is sequenced"),
                Reasons.masters(masters(false, false, true, true, true)));
    }

    private static List<ClusterStatus.Master> masters(final boolean... alive) {
        final List<ClusterStatus.Master> masters = new ArrayList<>();
        for (int i = 0; i < alive.length; i++) {
            final WorkerState state = alive[i] ? WorkerState.ALIVE : WorkerState.DEAD;
            masters.add(new ClusterStatus.Master(i + 1, 1, i, "member-" + i, "h", state, i == 0, 1, 1, 0));
        }
        return masters;
    }

    @Test
    void shouldNameAFewOfTheWorkersThatAreUnfitAndCountTheRest() {
        final List<ClusterStatus.Worker> workers = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            workers.add(new ClusterStatus.Worker(
                    i,
                    1,
                    "w" + i,
                    "cpu",
                    0,
                    1,
                    WorkerState.DRAINED,
                    0,
                    2,
                    0,
                    0,
                    0,
                    -1,
                    0,
                    5,
                    100,
                    ClusterStatus.Gpu.NONE));
        }
        workers.add(new ClusterStatus.Worker(
                9,
                1,
                "slow",
                "cpu",
                0,
                1,
                WorkerState.SUSPECT,
                0,
                2,
                0,
                0,
                0,
                -1,
                0,
                0,
                3_250,
                ClusterStatus.Gpu.NONE));
        final List<ClusterStatus.Supervised> supervised = List.of(
                new ClusterStatus.Supervised(1, "n", true, "w0", SupervisedState.GIVEN_UP, 5, 0, 0, 9, "ends at once"),
                new ClusterStatus.Supervised(2, "m", false, "w1", SupervisedState.GIVEN_UP, 5, 0, 0, 9, "long ago"));
        final List<ClusterStatus.Node> nodes = List.of(new ClusterStatus.Node(
                2,
                1,
                "m",
                "h",
                WorkerState.DEAD,
                0,
                0,
                12_000,
                List.of(),
                ClusterStatus.Resources.UNKNOWN,
                ClusterStatus.Traffic.NONE));
        final Health health = Health.of(
                statistics(100, 0, 9, 9, 0, Map.of()),
                Health.Thresholds.DEFAULT,
                masters(true),
                workers,
                nodes,
                supervised,
                List.of());
        assertEquals(Health.State.DEGRADED, health.state());
        assertEquals(
                List.of(
                        "node m is lost: not heard for 12.0 s",
                        "worker slow hangs for 3.3 s and gets no tasks",
                        "worker w0 is drained: 5 failures in a row, gets one task now and then",
                        "worker w1 is drained: 5 failures in a row, gets one task now and then",
                        "worker w2 is drained: 5 failures in a row, gets one task now and then",
                        "and 6 more workers are drained",
                        "worker w0 of node n was given up: ends at once"),
                health.reasons());
    }

    @Test
    void shouldTellWorkersThatAreComingFromWorkersThatAreGone() {
        final Health fresh = health(0, 0, 0, 0, 0);
        assertEquals(Health.State.DEGRADED, fresh.state());
        assertTrue(
                fresh.reasons().get(0).startsWith("no worker has come yet"),
                fresh.reasons().toString());
        assertEquals(List.of("no worker is alive"), health(0, 0, 0, 0, 1).reasons(), "work waits");
        assertEquals(Health.State.CRITICAL, health(0, 0, 0, 0, 1).state());
        assertEquals(Health.State.CRITICAL, health(0, 0, 0, 1, 0).state(), "one has died");

        assertEquals(
                List.of("worker h-cpu-0 is being started"),
                starting(supervised("h-cpu-0", true, SupervisedState.STARTING, 900))
                        .reasons());
        assertEquals(
                Health.State.DEGRADED,
                starting(supervised("h-cpu-0", true, SupervisedState.STARTING, 900))
                        .state());
        assertEquals(
                Health.State.CRITICAL,
                starting(supervised("h-cpu-0", true, SupervisedState.STARTING, 31_000))
                        .state());
        assertEquals(
                Health.State.CRITICAL,
                starting(supervised("h-cpu-0", false, SupervisedState.STARTING, 900))
                        .state());
    }

    private static ClusterStatus.Supervised supervised(
            final String name, final boolean isNodeAlive, final SupervisedState state, final long sinceMillis) {
        return new ClusterStatus.Supervised(1, "h", isNodeAlive, name, state, 0, 0, 7, sinceMillis, "");
    }

    private static Health starting(final ClusterStatus.Supervised process) {
        return Health.of(
                statistics(0, 0, 0, 0, 5, Map.of()),
                Health.Thresholds.DEFAULT,
                List.of(),
                List.of(),
                List.of(),
                List.of(process),
                List.of());
    }

    @Test
    void shouldSayWhichHostLosesDatagramsOnlyWhileItDoes() {
        final NodeReasons reasons = new NodeReasons();
        assertEquals(List.of(), reasons.lostDatagrams(List.of(node("a", 100, 50, 7))), "of the past nothing is known");
        assertEquals(List.of(), reasons.lostDatagrams(List.of(node("a", 100, 50, 7))));
        final List<String> found = reasons.lostDatagrams(List.of(node("a", 100, 50, 19)));
        assertEquals(1, found.size());
        assertTrue(found.get(0).startsWith("node a loses datagrams, 12 since the last look"), found.get(0));
        assertTrue(found.get(0).contains("net.core.rmem_max"), found.get(0));
        assertEquals(List.of(), reasons.lostDatagrams(List.of(node("a", 100, 50, -1))), "it does not tell");
    }

    @Test
    void shouldSayWhichHostHasLittleSharedMemoryLeft() {
        final long gibi = 1L << 30;
        assertEquals(List.of(), NodeReasons.sharedMemory(List.of(node("a", 2 * gibi, gibi, 0), node("b", -1, -1, 0))));
        assertEquals(
                List.of("the shared memory of node a is nearly full: 102 of 2048 MiB are free; fewer slots"
                        + " (pools.slots), or more memory ('dragon doctor' there says how)"),
                NodeReasons.sharedMemory(List.of(node("a", 2 * gibi, gibi / 10, 0))));
    }

    private static ClusterStatus.Node node(
            final String name, final long sharedBytes, final long sharedFreeBytes, final long udpErrors) {
        return new ClusterStatus.Node(
                1,
                1,
                name,
                "h",
                WorkerState.ALIVE,
                0,
                0,
                0,
                List.of("10.0.0.1"),
                new ClusterStatus.Resources(4, 0.5, -1, -1, sharedBytes, sharedFreeBytes, -1, -1, udpErrors),
                ClusterStatus.Traffic.NONE);
    }

    @Test
    void shouldCountWhatOfTheFramesStayedWhereItLay() {
        final Statistics.Pipeline local = NodeFacts.pipeline(10, 1_000, List.of(travelled(0, 0, 0)));
        assertEquals(1, local.zeroCopyRatio());
        assertEquals(0, local.avgTransferTimeMillis());
        final Statistics.Pipeline quarter =
                NodeFacts.pipeline(10, 1_000, List.of(travelled(2, 200, 3_000_000), travelled(1, 50, 6_000_000)));
        assertEquals(0.75, quarter.zeroCopyRatio(), 1e-9);
        assertEquals(3, quarter.avgTransferTimeMillis(), 1e-9);
        assertEquals(3, quarter.framesFetched());
        assertEquals(
                0,
                NodeFacts.pipeline(10, 1_000, List.of(travelled(20, 1_700, 1))).zeroCopyRatio());
    }

    @Test
    void shouldNotCountWhatAgentsToldThatRunNoMore() {
        final Statistics.Pipeline pipeline = NodeFacts.pipeline(
                10,
                1_000,
                List.of(
                        travelled(2, 200, 3_000_000),
                        travelled(WorkerState.DEAD, 7, 700, 1),
                        travelled(WorkerState.LEFT, 7, 700, 1)));
        assertEquals(2, pipeline.framesFetched());
        assertEquals(0.8, pipeline.zeroCopyRatio(), 1e-9);
    }

    private static ClusterStatus.Node travelled(final long frames, final long bytes, final long nanos) {
        return travelled(WorkerState.ALIVE, frames, bytes, nanos);
    }

    private static ClusterStatus.Node travelled(
            final WorkerState state, final long frames, final long bytes, final long nanos) {
        return new ClusterStatus.Node(
                1,
                1,
                "n",
                "h",
                state,
                0,
                0,
                0,
                List.of(),
                ClusterStatus.Resources.UNKNOWN,
                new ClusterStatus.Traffic(frames, bytes, nanos, 0, 0, 0, 0));
    }

    @Test
    void shouldSayWhatHelpsWhenTasksFailOrTooManyCome() {
        assertEquals("", Advice.onFailures(Map.of()));
        final String memory = Advice.onFailures(
                Map.of(Reason.OUT_OF_MEMORY, 7L, Reason.TIMED_OUT, 2L, Reason.DEPENDENCY_FAILED, 90L));
        assertTrue(memory.startsWith(", 7 ended by 'out of memory': "), memory);
        assertTrue(memory.contains("gpu.memory_limit_percent"), memory);
        final String late = Advice.onFailures(Map.of(Reason.TIMED_OUT, 2L));
        assertTrue(late.contains("retries.shortest_timeout"), late);
        final String overload = health(100, 0, 1, 1, 500).reasons().get(0);
        assertTrue(overload.startsWith("500 tasks wait for each live worker: add workers"), overload);
    }

    @Test
    void shouldSayWhatHappenedInWordsThatNameNoConstants() {
        final Incident incident = new Incident(
                1,
                2,
                2,
                IncidentKind.WORKER_RESTARTED,
                IncidentRule.PROCESS_ENDED,
                PartyKind.NODE,
                3,
                "n",
                -1,
                0,
                0,
                0,
                "");
        assertEquals("a worker of node n was restarted", incident.what());
        assertEquals("process ended", incident.how());
        final Incident way =
                new Incident(1, 2, 2, IncidentKind.ROUTE_CHANGED, null, PartyKind.NODE, 3, "n", -1, 0, 0, 0, "");
        assertEquals("frames to node n take another way", way.what(), "its subject is where they come to");
        final Incident later = new Incident(1, 2, 2, null, null, null, 0, "", -1, 0, 0, 0, "");
        assertEquals("something happened to the masters", later.what());
        assertEquals("a rule of later masters", later.how());
    }

    private static Health health(
            final long completed, final long failed, final int alive, final int total, final long ready) {
        return health(completed, failed, alive, total, ready, Map.of());
    }

    private static Health health(
            final long completed,
            final long failed,
            final int alive,
            final int total,
            final long ready,
            final Map<String, Long> unserved) {
        return Health.of(statistics(completed, failed, alive, total, ready, unserved), Health.Thresholds.DEFAULT);
    }

    private static Statistics statistics(
            final long completed,
            final long failed,
            final int alive,
            final int total,
            final long ready,
            final Map<String, Long> unserved) {
        return new Statistics(
                completed + failed,
                completed,
                failed,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                ready,
                0,
                alive,
                0,
                total,
                1,
                1,
                0,
                0,
                0,
                0,
                0,
                0,
                new Statistics.Pipeline(0, 0, 1, 0, 0, 0, 0, 0),
                0,
                0,
                0,
                Map.of(),
                unserved,
                completed,
                failed);
    }

    @Test
    void shouldKnowOnlyTheRecentIds() {
        final RecentIds ids = new RecentIds(3);
        assertTrue(ids.add(1));
        assertTrue(ids.add(2));
        assertFalse(ids.add(1));
        assertTrue(ids.add(3));
        assertTrue(ids.add(4));
        assertTrue(ids.add(1), "forgotten after three later ones");
        assertFalse(ids.add(4));
    }

    @Test
    void shouldEncodeATaskAsItWasAsked() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
        final FrameRef frame = new FrameRef().set(-5, 7, 3, 99);
        final TaskRequest request = TaskRequest.of("t")
                .parameters(new byte[] {1, 2, 3})
                .dependsOn(11)
                .dependsOn(12)
                .input(frame)
                .priority(7)
                .attempts(2)
                .deadline(Duration.ofMillis(1500))
                .optionalDependencies(true);
        final int length = new Commands().submitTask(buffer, 16, request, 42, 1234, new FrameRef[1]);
        final SubmitTaskDecoder task =
                new SubmitTaskDecoder().wrapAndApplyHeader(buffer, 16, new MessageHeaderDecoder());
        assertEquals(42, task.typeId());
        assertEquals(7, task.priority());
        assertEquals(2, task.maxAttempts());
        assertEquals(1500, task.deadlineMs());
        assertTrue(task.flags().optionalDependencies());
        assertEquals(1234, task.stamps().submittedNs());
        final SubmitTaskDecoder.DependenciesDecoder dependencies = task.dependencies();
        assertEquals(11, dependencies.next().taskId());
        assertEquals(12, dependencies.next().taskId());
        final SubmitTaskDecoder.InputsDecoder inputs = task.inputs();
        assertEquals(-5, inputs.next().frame().poolId());
        assertEquals(3, task.parametersLength());
        assertTrue(length > 0 && length <= Commands.MAX_LENGTH);
    }

    @Test
    void shouldRefuseRequestsBeyondTheLimitsInWords() {
        assertThrows(DragonException.class, () -> TaskRequest.of("t").priority(8));
        assertThrows(DragonException.class, () -> TaskRequest.of("t").parameters(new byte[1025]));
        assertThrows(DragonException.class, () -> TaskRequest.of("t").deadline(Duration.ofNanos(5)));
        final TaskRequest large = TaskRequest.of("t").parameters(new byte[1024]);
        for (int i = 0; i < 32; i++) {
            large.dependsOn(i);
        }
        assertThrows(DragonException.class, () -> large.dependsOn(33));
        final DragonException ex = assertThrows(DragonException.class, () -> Commands.checkLength(large));
        assertTrue(ex.getMessage().contains("1344 is the limit"), ex.getMessage());
    }
}
