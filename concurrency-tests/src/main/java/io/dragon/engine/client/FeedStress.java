package io.dragon.engine.client;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A camera's pool from its publisher to the agent, when the camera was given up. A pool is here the number of its generation. */
public final class FeedStress {
    private static final int NONE = -1;

    /** More than one: the moments at which the two meet are short. */
    private static final int LOOKS = 50;

    private FeedStress() {}

    private static int named(final FeedPool<Pool> feed) {
        for (int i = 0; i < LOOKS; i++) {
            if (feed.isCurrent()) {
                return feed.latest().generation;
            }
        }
        return NONE;
    }

    private static int renew(final FeedPool<Pool> feed, final int had) {
        int wanted = feed.generation();
        for (int i = 0; i < LOOKS && wanted == had; i++) {
            wanted = feed.generation();
        }
        if (wanted != had) {
            feed.renew(new Pool(wanted), wanted);
        }
        return wanted;
    }

    /** Not final: who sees the pool must see all of it. */
    private static final class Pool {
        private int generation;

        Pool(final int generation) {
            this.generation = generation;
        }
    }

    /** What the agent names to the cluster after a fence is of the new generation, or nothing. */
    @JCStressTest
    @State
    @Outcome(
            id = {"-1, -1, -1", "-1, -1, 1", "-1, 1, 1", "1, 1, 1"},
            expect = ACCEPTABLE,
            desc = "none, then the new one, and that stays")
    @Outcome(expect = FORBIDDEN, desc = "a pool of the incarnation that is over")
    public static class NamedAfterAFence {
        private final FeedPool<Pool> feed = new FeedPool<>(new Pool(0));

        @Actor
        public void agent(final III_Result r) {
            feed.fence();
            r.r1 = named(feed);
            r.r2 = named(feed);
        }

        @Actor
        public void publisher() {
            renew(feed, 0);
        }

        @Arbiter
        public void after(final III_Result r) {
            r.r3 = named(feed);
        }
    }

    /** Fenced again while the publisher makes a pool for the first fence: that one comes too late, and is not named. */
    @JCStressTest
    @State
    @Outcome(
            id = {"-1, -1, 2", "-1, 2, 2", "1, -1, 2", "1, 2, 2"},
            expect = ACCEPTABLE,
            desc = "each fence with a pool of its own, or none yet")
    @Outcome(expect = FORBIDDEN, desc = "a pool of an incarnation that is over, or none in the end")
    public static class FencedTwice {
        private final FeedPool<Pool> feed = new FeedPool<>(new Pool(0));
        private int had;

        @Actor
        public void agent(final III_Result r) {
            feed.fence();
            r.r1 = named(feed);
            feed.fence();
            r.r2 = named(feed);
        }

        @Actor
        public void publisher() {
            had = renew(feed, renew(feed, 0));
        }

        @Arbiter
        public void after(final III_Result r) {
            renew(feed, had); // its next claim
            r.r3 = named(feed);
        }
    }
}
