package io.dragon.tools;

import java.util.List;

/** The list of commands, in the order in which the help shows them. A new command is one class and one line here. */
final class Commands {
    private Commands() {}

    static List<DragonCommand> all() {
        return List.of(
                new DemoCommand(),
                new DemoCamerasCommand(),
                new ChaosCommand(),
                new ChaosCamerasCommand(),
                new ChaosIntruderCommand(),
                new ChaosLinkCommand(),
                new ChaosWireCommand(),
                new MediaDriverCommand(),
                new MasterCommand(),
                new WorkerCommand(),
                new GpuServerCommand(),
                new AnalyzeCommand(),
                new ReconstructCommand(),
                new PublishCommand(),
                new DoctorCommand(),
                new GpuCheckCommand(),
                new BundleCommand(),
                new StatusCommand(),
                new TopCommand(),
                new StatCommand(),
                new RoutesCommand(),
                new HealthCommand(),
                new SnapshotCommand(),
                new ReplayCommand(),
                new BenchCommand(),
                new ConfigCommand());
    }
}
