package io.dragon.engine.transfer;

import io.dragon.codecs.frame.NewsDecoder;
import java.util.ArrayList;

/** The pools of other hosts that are mirrored here, each for as long as a program asks for it. One thread. */
final class Mirrors implements AutoCloseable {
    private final TransferCore core;
    private final ArrayList<Mirror> mirrors = new ArrayList<>();

    Mirrors(final TransferCore core) {
        this.core = core;
    }

    /** The mirror of a pool, made when there is none that goes on. */
    Mirror of(final long poolId, final int nodeId) {
        for (int i = 0; i < mirrors.size(); i++) {
            final Mirror mirror = mirrors.get(i);
            if (mirror.origin == poolId && mirror.end() == null) {
                return mirror;
            }
        }
        final Mirror added = new Mirror(core, poolId, nodeId, core.ids.next() | 1, core.nowNs());
        mirrors.add(added);
        return added;
    }

    private Mirror of(final long requestId) {
        for (int i = 0; i < mirrors.size(); i++) {
            if (mirrors.get(i).requestId == requestId) {
                return mirrors.get(i);
            }
        }
        return null;
    }

    /** False when nobody asked for it. */
    boolean onNews(final NewsDecoder news, final long nowNs) {
        final Mirror mirror = of(news.requestId());
        if (mirror == null) {
            core.fetches.countStray(news.requestId());
            return true;
        }
        if (news.slotLength() < 0 || news.metadataLength() > ChunkGrid.LONGEST_METADATA) {
            return false;
        }
        mirror.onNews(news, nowNs);
        return true;
    }

    /** Whether it was about a mirror. */
    boolean onEnded(final long requestId, final String text) {
        final Mirror mirror = of(requestId);
        if (mirror != null) {
            mirror.end(text);
        }
        return mirror != null;
    }

    int doWork(final long nowNs) {
        int workCount = 0;
        for (int i = 0; i < mirrors.size(); i++) {
            workCount += mirrors.get(i).doWork(nowNs);
        }
        return workCount;
    }

    void close(final Mirror mirror) {
        if (mirrors.remove(mirror)) {
            mirror.close();
            core.fetches.rememberLate(mirror.requestId);
        }
    }

    @Override
    public void close() {
        mirrors.forEach(Mirror::close);
        mirrors.clear();
    }
}
