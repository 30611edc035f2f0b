package io.dragon.engine.config;

/**
 * The section {@code transfer}: frames between hosts.
 *
 * @param isEnabled     whether frames are brought and served at all.
 * @param transport     {@code udp}, {@code tcp} or {@code tcp-copy}.
 * @param port          where frames are taken.
 * @param mtu           the largest datagram, bytes, a multiple of 32.
 * @param window        bytes under way to one host.
 * @param integrity     {@code crc32c}, {@code md5} or {@code none}.
 * @param compression   {@code auto}, {@code on} or {@code off}.
 * @param receiveMemory bytes for frames of other hosts.
 * @param chunkLength   bytes of the unit that is checked and asked for again.
 */
public record TransferConfig(
        boolean isEnabled,
        String transport,
        int port,
        int mtu,
        int window,
        String integrity,
        String compression,
        long receiveMemory,
        int chunkLength) {}
