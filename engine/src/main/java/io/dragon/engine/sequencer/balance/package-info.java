/** Load-balancing strategies: which of the workers with a free place gets the next task of a type. */
package io.dragon.engine.sequencer.balance;
