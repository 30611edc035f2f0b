package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.engine.node.LockHolder;
import io.dragon.engine.node.PartyCard;
import io.dragon.engine.node.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HostAgentTest {
    private final Scratch scratch = new Scratch();
    private final EchoService echo = new EchoService();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldRemoveThePoolsThatNobodyNeedsAnyMore() {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .dragonDirectory(dragon)
                .basePort(Scratch.freeBasePort())
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .errorHandler(scratch::onError)));
        final MasterProcess killed =
                scratch.closing(MasterProcess.start(LockHolder.class, dragon.toString(), "killed", "7", "1"));
        scratch.await("its pool", () -> killed.hasSaid("READY"));
        final Path pools = DragonDirectory.of(dragon).pools();
        assertEquals(2, pools.toFile().list().length, "a pool and its lock");
        killed.kill();
        scratch.await("the pool to be removed", () -> pools.toFile().list().length == 0);
        assertTrue(master.isReady());
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    @Test
    void shouldReportAKilledProcessAndItsPoolButNotAStoppedOne() {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = master();
        final HostAgent agent = new HostAgent(new HostAgent.Context()
                .dragonDirectory(dragon)
                .name("here")
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)
                .session(TestClient.context(scratch, master, Timeouts.ci()).name("host")));
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, agent)));
        final MasterProcess killed =
                scratch.closing(MasterProcess.start(LockHolder.class, dragon.toString(), "killed", "7", "1"));
        final MasterProcess stopped =
                scratch.closing(MasterProcess.start(LockHolder.class, dragon.toString(), "stopped", "8", "1"));
        scratch.await("both to hold their locks", () -> killed.hasSaid("READY") && stopped.hasSaid("READY"));
        stopped.signal("STOP");
        LockSupport.parkNanos(200_000_000);
        assertEquals(0, agent.deathsReported(), "nobody is dead");

        killed.kill();
        final long killedNs = System.nanoTime();
        scratch.await("the death to be reported", () -> agent.deathsReported() == 1);
        System.out.println("death reported after " + (System.nanoTime() - killedNs) / 1_000 + " us");
        scratch.await("death and orphaned pool to be sequenced", () -> echo.commands == 2);
        final Path card = PartyCard.beside(DragonDirectory.of(dragon).workerLock("killed"));
        final Path lock = DragonDirectory.of(dragon).workerLock("killed");
        scratch.await("its files to be removed", () -> !Files.exists(card) && !Files.exists(lock));
        assertTrue(Files.exists(DragonDirectory.of(dragon).workerLock("stopped")));
        assertEquals(1, agent.deathsReported());
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    @Test
    void shouldLetOneOfTwoAgentsOfAHostDoItsDutiesAndTheOtherAfterIt() {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = master();
        final HostAgent first = agent(dragon, master, "first");
        final AgentRunner running =
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, first));
        AgentRunner.startOnThread(running);
        scratch.await("the first in office", () -> first.isInOffice() && echo.registrations == 1);
        final HostAgent second = agent(dragon, master, "second");
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, second)));
        LockSupport.parkNanos(600_000_000);
        assertFalse(second.isInOffice());
        assertEquals(1, echo.registrations, "two of one name would fence each other for ever");
        running.close();
        scratch.await("the second in office", () -> second.isInOffice() && echo.registrations == 2);
    }

    /** A replaced node is an incident, and nothing is wrong when a system starts. */
    @Test
    void shouldNotRegisterBeforeTheNodeAgentThatHasBegun() {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = master();
        final HostAgent nodeAgent = new HostAgent(nodeAgentContext(dragon, master));
        final HostAgent ofMaster = agent(dragon, master, "of-master");
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, ofMaster)));
        scratch.await(
                "the master's connected",
                () -> ofMaster.isInOffice() && ofMaster.state().contains("connected to"));
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, nodeAgent)));
        scratch.await("the node agent in office", () -> nodeAgent.isInOffice() && echo.registrations > 0);
        assertFalse(ofMaster.isInOffice());
        assertEquals(1, echo.registrations, "the host's node was never replaced");
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    @Test
    void shouldNotWaitForeverForANodeAgentThatHasBegun() {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = master();
        final HostAgent nodeAgent = new HostAgent(nodeAgentContext(dragon, master));
        final AtomicLong laterNs = new AtomicLong();
        final HostAgent ofMaster = new HostAgent(new HostAgent.Context()
                .dragonDirectory(dragon)
                .name("here")
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)
                .nanoClock(() -> System.nanoTime() + laterNs.get())
                .session(TestClient.context(scratch, master, Timeouts.ci()).name("of-master")));
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, ofMaster)));
        scratch.await("the master's connected", () -> ofMaster.state().contains("connected to"));
        LockSupport.parkNanos(300_000_000);
        assertEquals(0, echo.registrations);
        laterNs.set(11_000_000_000L);
        scratch.await("the master's registered", () -> echo.registrations == 1);
        nodeAgent.onClose();
    }

    /** Once a master that was started before the host's gpu-server was its node for a moment, and was told to have been replaced. */
    @Test
    void shouldNotRegisterBeforeTheNodeAgentThatIsStartedNext() {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = master();
        final AtomicLong laterNs = new AtomicLong();
        final AtomicLong cycles = new AtomicLong();
        final HostAgent ofMaster = new HostAgent(expecting(dragon, master).nanoClock(() -> {
            cycles.incrementAndGet();
            return System.nanoTime() + laterNs.get();
        }));
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, ofMaster)));
        scratch.await(
                "the master's in office, and connected",
                () -> ofMaster.isInOffice() && ofMaster.state().contains("connected to"));
        for (int second = 0; second < 13; second++) { // longer than for one that has begun, with a look in each
            laterNs.addAndGet(1_000_000_000L);
            final long before = cycles.get();
            scratch.await("it to have looked", () -> cycles.get() > before + 2);
        }
        assertEquals(0, echo.registrations, "it waits");
        final HostAgent nodeAgent = new HostAgent(nodeAgentContext(dragon, master));
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, nodeAgent)));
        scratch.await("the node agent in office", () -> nodeAgent.isInOffice() && echo.registrations > 0);
        assertFalse(ofMaster.isInOffice());
        assertEquals(1, echo.registrations, "the host's node was never replaced");
    }

    /** A master that died with its gpu-server may come again alone: the host's locks are not left unprobed for half a minute. */
    @Test
    void shouldNotWaitForANodeAgentThatIsDead() throws IOException {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = master();
        Files.createFile(DragonDirectory.of(dragon).create().partyLock("node-agent-ready"));
        final long startNs = System.nanoTime();
        final HostAgent again = new HostAgent(expecting(dragon, master)
                .nanoClock(() ->
                        startNs + (System.nanoTime() - startNs) / 2)); // at half pace 30 s are longer than a test waits
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, again)));
        scratch.await("the master's registered", () -> echo.registrations == 1);
    }

    private HostAgent.Context expecting(final Path dragon, final MasterNode master) {
        return new HostAgent.Context()
                .dragonDirectory(dragon)
                .name("here")
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)
                .expectNodeAgent(true)
                .session(TestClient.context(scratch, master, Timeouts.ci()).name("of-master"));
    }

    @Test
    void shouldLeaveInOrderWhereItIsOfTheOnlyMaster() {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = master();
        final HostAgent only = new HostAgent(new HostAgent.Context()
                .dragonDirectory(dragon)
                .name("here")
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)
                .ofOnlyMaster(true)
                .session(TestClient.context(scratch, master, Timeouts.ci()).name("of-master")));
        final AgentRunner running =
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, only));
        AgentRunner.startOnThread(running);
        scratch.await("in office", () -> echo.registrations == 1 && only.state().contains("connected to"));
        scratch.await("registered", only::isRegistered);
        running.close();
        scratch.await("its leave", () -> echo.commands == 1);
    }

    /** Else the node is away for as long as the node agent needs to connect, and the masters take it for lost. */
    @Test
    void shouldKeepTheOfficeWhileTheNodeAgentDoesNotReachTheMasters() {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = master();
        final HostAgent ofMaster = agent(dragon, master, "of-master");
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, ofMaster)));
        scratch.await("the master's in office", () -> ofMaster.isInOffice() && echo.registrations == 1);
        final HostAgent.Context lost = nodeAgentContext(dragon, master);
        lost.session().aeronDirectoryName(scratch.directory().resolve("nothing").toString());
        AgentRunner.startOnThread(scratch.closing(
                new AgentRunner(new SleepingMillisIdleStrategy(1), error -> {}, null, new HostAgent(lost))));
        LockSupport.parkNanos(1_000_000_000);
        assertTrue(ofMaster.isInOffice());
        assertEquals(1, echo.registrations);
    }

    @Test
    void shouldLeaveTheOfficeToTheNodeAgentWhileThatLives() {
        final Path dragon = scratch.directory().resolve("dragon");
        final MasterNode master = master();
        final HostAgent ofMaster = agent(dragon, master, "of-master");
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, ofMaster)));
        scratch.await("the master's in office", () -> ofMaster.isInOffice() && echo.registrations == 1);
        final HostAgent nodeAgent = new HostAgent(nodeAgentContext(dragon, master));
        assertEquals("not started", nodeAgent.state(), "it may be asked before it has the office");
        final AgentRunner running =
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, nodeAgent));
        AgentRunner.startOnThread(running);
        scratch.await("the node agent in office", () -> nodeAgent.isInOffice() && echo.registrations == 2);
        assertFalse(ofMaster.isInOffice());
        final DragonException refused =
                assertThrows(DragonException.class, () -> new HostAgent(nodeAgentContext(dragon, master)));
        assertTrue(refused.getMessage().contains("held by process"), refused.getMessage());
        assertFalse(nodeAgent.isStopped());
        nodeAgent.stopWorkers();
        scratch.await("its end of all workers, of which there are none", nodeAgent::isStopped);
        running.close();
        scratch.await("the master's again", () -> ofMaster.isInOffice() && echo.registrations == 3);
        assertEquals(1, echo.commands, "the node agent took its leave");
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    @Test
    void shouldReportTheDeathOfTheNodeAgentWhoseOfficeItTakes() throws IOException {
        final DragonDirectory dragon = DragonDirectory.of(scratch.directory().resolve("dragon"));
        final MasterNode master = master();
        final HostAgent ofMaster = agent(dragon.path(), master, "of-master");
        AgentRunner.startOnThread(
                scratch.closing(new AgentRunner(new SleepingMillisIdleStrategy(1), scratch::onError, null, ofMaster)));
        scratch.await("the master's in office", () -> ofMaster.isInOffice() && echo.registrations == 1);
        final Path ready = dragon.partyLock("node-agent-ready");
        final LivenessLock nodeAgent = LivenessLock.acquire(ready);
        scratch.closing(nodeAgent);
        scratch.await("the office left to the node agent", () -> !ofMaster.isInOffice());
        // As a kill does it: at once the lock is gone, and the file is not.
        final Path free = Files.createFile(scratch.directory().resolve("free"));
        Files.move(free, ready, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        scratch.await("the master's again", () -> ofMaster.isInOffice() && echo.registrations == 2);
        scratch.await("its report", () -> echo.commands == 1);
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    private MasterNode master() {
        return scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(scratch.directory().resolve("aeron"))
                .basePort(Scratch.freeBasePort())
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .service(echo)
                .errorHandler(scratch::onError)));
    }

    private HostAgent.Context nodeAgentContext(final Path dragon, final MasterNode master) {
        return new HostAgent.Context()
                .dragonDirectory(dragon)
                .name("here")
                .timeouts(Timeouts.ci())
                .supervision(new Supervisor.Context()
                        .directory(DragonDirectory.of(dragon))
                        .launcher(name -> {
                            throw new IOException("none is to be started");
                        }))
                .errorHandler(scratch::onError)
                .session(TestClient.context(scratch, master, Timeouts.ci()).name("node-agent"));
    }

    @Test
    void shouldForgetTheDeadOfAnEarlierLifeOfTheMasters() throws IOException {
        final DragonDirectory dragon =
                DragonDirectory.of(scratch.directory().resolve("dragon")).create();
        final Path stale = dragon.partyLock("client-of-long-ago");
        new PartyCard(2, 1).write(stale);
        final MasterContext context = new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .dragonDirectory(dragon.path())
                .basePort(Scratch.freeBasePort())
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .service(echo)
                .errorHandler(scratch::onError);
        final MasterNode master = scratch.closing(MasterNode.launch(context));
        scratch.await("the host agent", () -> master.isReady() && echo.registrations == 2 && echo.heartbeats > 0);
        assertFalse(Files.exists(PartyCard.beside(stale)));
        assertEquals(0, echo.commands, "who has that id and incarnation in this life is not dead");
    }

    private HostAgent agent(final Path dragon, final MasterNode master, final String name) {
        return new HostAgent(new HostAgent.Context()
                .dragonDirectory(dragon)
                .name("here")
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)
                .session(TestClient.context(scratch, master, Timeouts.ci()).name(name)));
    }
}
