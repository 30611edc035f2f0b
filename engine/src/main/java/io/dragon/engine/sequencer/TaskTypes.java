package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Strategy;
import java.util.ArrayList;
import java.util.Comparator;
import org.agrona.collections.Object2ObjectHashMap;

/** Task types by name and by id; ids are 1, 2, 3 ... and never forgotten. */
final class TaskTypes {
    private static final int MAX_TYPES = 1_024;
    private final Core core;
    private final Object2ObjectHashMap<String, TaskType> byName = new Object2ObjectHashMap<>();
    final ArrayList<TaskType> all = new ArrayList<>();

    TaskTypes(final Core core) {
        this.core = core;
    }

    /** The type, or null. */
    TaskType get(final long id) {
        return id < 1 || id > all.size() ? null : all.get((int) id - 1);
    }

    /** Answers with id 0 when the name is invalid or the table full. */
    void register(final Party party, final String name) {
        TaskType type = Parties.isValidName(name) ? byName.get(name) : null;
        if (type == null && Parties.isValidName(name) && all.size() < MAX_TYPES) {
            type = add(name);
        }
        final Outgoing answer = core.egress.outgoing(Outgoing.TYPE);
        answer.subject = type == null ? 0 : type.id;
        core.egress.add(party, answer);
        if (type != null && party.kind == Party.WORKER && party.workerType(type) == null) {
            final WorkerType workerType = new WorkerType(party, type);
            party.types.add(workerType);
            if (party.isUsable()) {
                type.usable++;
            }
            core.scheduler.offer(party, null);
        }
    }

    /** Other settings hold: a type whose strategy is another one now keeps its workers, in the order they had. */
    void onSettings() {
        for (int i = 0; i < all.size(); i++) {
            final TaskType type = all.get(i);
            final String name = core.config.strategy(type.name);
            if (!name.equals(type.strategyName)) {
                type.strategyName = name;
                move(type, Strategy.of(name));
            }
        }
    }

    private void move(final TaskType type, final Strategy next) {
        final ArrayList<WorkerType> offered = new ArrayList<>();
        for (final Party worker : core.parties.alive) {
            final WorkerType workerType = worker.workerType(type);
            if (workerType != null && workerType.isOffered()) {
                offered.add(workerType);
            } else if (workerType != null && worker.isUsable()) {
                type.strategy.withdraw(workerType);
                next.full(workerType);
            }
        }
        offered.sort(Comparator.comparingLong(WorkerType::stamp));
        for (final WorkerType workerType : offered) {
            type.strategy.withdraw(workerType);
            next.offer(workerType, workerType.stamp(), true);
        }
        type.strategy = next;
        core.scheduler.unparkAll(type); // What the old one refused, the new one may welcome.
    }

    TaskType add(final String name) {
        final TaskType type = new TaskType(all.size() + 1, name, core.config.strategy(name));
        all.add(type);
        byName.put(name, type);
        return type;
    }
}
