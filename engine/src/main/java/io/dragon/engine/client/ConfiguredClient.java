package io.dragon.engine.client;

import io.dragon.engine.cluster.MasterAddresses;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.node.DiscoveryContext;
import io.dragon.engine.node.HostAddress;
import io.dragon.engine.node.HostSecret;

/** What a configuration says to a client. */
final class ConfiguredClient {
    private ConfiguredClient() {}

    static DragonClient.Context context(final DragonConfig config) {
        final DragonDirectory directory = DragonDirectory.of(config.dragonDir());
        return new DragonClient.Context()
                .directory(directory)
                .aeronDirectoryName(config.mediaDriver()
                        .directory()
                        .orElseGet(directory::aeron)
                        .toString())
                .ingressEndpoints(ingressEndpoints(config.masters()))
                .discovery(discovery(config))
                .host(config.hostName())
                .timeouts(config.timeouts())
                .runProfile(config.mediaDriver().profile())
                .thresholds(thresholds(config.health()));
    }

    /** Where several masters are reached, or one of another host; null for a single one of this host, which is on its driver. */
    private static String ingressEndpoints(final DragonConfig.Masters masters) {
        return masters.members().size() == 1
                        && HostAddress.isOfThisHost(masters.members().get(0))
                ? null
                : new MasterAddresses(masters.members(), masters.basePort()).ingressEndpoints();
    }

    private static DiscoveryContext discovery(final DragonConfig config) {
        return config.areMastersNamed() || !config.discovery().isEnabled()
                ? null
                : new DiscoveryContext()
                        .config(config.discovery())
                        .secret(config.secretFile().map(HostSecret::read).orElse(null));
    }

    private static Health.Thresholds thresholds(final DragonConfig.Health health) {
        return new Health.Thresholds(
                health.degradedSuccessPercent() / 100.0,
                health.criticalSuccessPercent() / 100.0,
                health.degradedLatencyNs() / 1e6,
                health.overloadedTasksPerWorker(),
                health.degradedRefusedPercent() / 100.0,
                health.degradedRoundTripNs() / 1e6);
    }
}
