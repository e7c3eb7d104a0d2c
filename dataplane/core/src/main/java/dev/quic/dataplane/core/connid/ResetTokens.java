package dev.quic.dataplane.core.connid;

/**
 * Told which of the peer's stateless reset tokens count: those of ids in use (RFC 9000 section
 * 10.3.1).
 */
public interface ResetTokens {
  /** Nobody wants to know. */
  ResetTokens NONE =
      new ResetTokens() {
        @Override
        public void counts(byte[] token) {}

        @Override
        public void ends(byte[] token) {}
      };

  /**
   * @param token 16 bytes, not to be changed
   */
  void counts(byte[] token);

  /** A token told before is of a retired id now. */
  void ends(byte[] token);
}
