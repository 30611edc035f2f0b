/** What the users of a client and its agent share, under jcstress. */
package io.dragon.engine.client;
