package dev.quic.bench.peers;

import org.jspecify.annotations.Nullable;

/**
 * A row to be.
 *
 * @param key the same for rows of several chapters that one run serves
 * @param title in its table
 * @param own whether it is ours
 * @param reference title of the row of the same chapter it is compared with
 */
record Subject(String key, String title, boolean own, @Nullable String reference, Runner runner) {}
