/** What the two agents of a worker share, under jcstress. */
package io.dragon.worker;
