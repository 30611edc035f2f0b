/** A host's view: who of its processes lives, and whose frame pools are left behind. */
package io.dragon.engine.node;
