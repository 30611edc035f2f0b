/** Frame pools and slots in shared memory. */
package io.dragon.engine.frame;
