/** What commands share that start a whole system of their own: its processes, its ports, and what is left of it when it was killed. */
package io.dragon.tools.process;
