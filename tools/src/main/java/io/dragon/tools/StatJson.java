package io.dragon.tools;

import io.dragon.engine.frame.PoolStatus;
import io.dragon.tools.process.DriverFile;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is to be seen of a host without any master, as a JSON object. Numbers are as they were read: no rates, no ages. */
final class StatJson {
    private StatJson() {}

    static ObjectNode of(final HostLook look) {
        final ObjectNode json = JsonOutput.object()
                .put("timeMillis", look.millis())
                .put("directory", look.folder().toString());
        final ArrayNode drivers = json.putArray("drivers");
        look.drivers().forEach(driver -> put(drivers.addObject(), driver));
        final ArrayNode processes = json.putArray("processes");
        look.parties().forEach(party -> processes
                .addObject()
                .put("name", party.name())
                .put("of", party.kind())
                .put("alive", party.isAlive())
                .put("pid", party.processId()));
        final ArrayNode pools = json.putArray("pools");
        look.pools().forEach(pool -> put(pools.addObject(), pool));
        final ArrayNode remarks = json.putArray("remarks");
        look.remarks().forEach(remarks::add);
        return json;
    }

    private static void put(final ObjectNode json, final HostLook.Driver driver) {
        json.put("directory", driver.directory().toString())
                .put("alive", driver.isAlive())
                .put("pid", driver.processId())
                .put("heardMillis", driver.heardMillis());
        final ArrayNode faults = json.putArray("errors");
        for (final DriverFile.Fault fault : driver.faults()) {
            faults.addObject()
                    .put("times", fault.times())
                    .put("firstMillis", fault.firstMillis())
                    .put("lastMillis", fault.lastMillis())
                    .put("error", StatReport.firstLine(fault))
                    .put("text", fault.text());
        }
        final ArrayNode counters = json.putArray("counters");
        for (final DriverFile.Counter counter : driver.counters()) {
            counters.addObject()
                    .put("id", counter.id())
                    .put("type", counter.typeId())
                    .put("name", counter.label().strip())
                    .put("client", counter.client())
                    .put("value", counter.value())
                    .put("unit", CounterUnit.of(counter))
                    .put("meaning", CounterUnit.meaning(counter));
        }
    }

    private static void put(final ObjectNode json, final PoolStatus pool) {
        json.put("id", String.format("%016x", pool.poolId()))
                .put("owner", pool.ownerName())
                .put("pid", pool.ownerPid())
                .put("ownerAlive", pool.ownerAlive())
                .put("sealed", pool.sealed())
                .put("policy", StatusJson.word(pool.policy()))
                .put("slots", pool.slotCount())
                .put("slotBytes", pool.slotLength())
                .put("bytes", pool.fileBytes())
                .put("published", pool.published())
                .put("dropped", StatReport.dropped(pool))
                .put("backPressured", pool.droppedBackPressured())
                .put("overwritten", pool.droppedOverwritten())
                .put("timedOut", pool.droppedTimedOut())
                .put("tooLarge", pool.droppedTooLarge())
                .put("filling", pool.filling())
                .put("readable", pool.readable())
                .put("held", pool.held())
                .put("read", pool.read());
        final ArrayNode readers = json.putArray("readers");
        pool.readers().forEach(readers::add);
    }
}
