/** Workers: the handler interface, the two agents of a worker, and a whole system in one process. */
package io.dragon.worker;
