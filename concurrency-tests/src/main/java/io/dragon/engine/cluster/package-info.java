/** What threads share around the cluster's client, under jcstress. */
package io.dragon.engine.cluster;
