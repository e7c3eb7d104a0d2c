package dev.quic.resumption;

/**
 * One row of the table.
 *
 * @param name of the case
 * @param expected one line
 * @param seen one line, from the wire
 */
public record CaseResult(String name, String expected, String seen, Verdict verdict) {}
