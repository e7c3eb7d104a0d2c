package dev.quic.handshaked.tls.bc;

/**
 * Points at which bctls must call us. A test asserts that each fired, lest an upgrade moves one.
 */
enum Hook {
  OUTPUT,
  ALERT,
  CLIENT_HANDSHAKE_SECRETS,
  CLIENT_COMPLETE,
  CLIENT_EXTENSIONS,
  CLIENT_SERVER_EXTENSIONS,
  CLIENT_CERTIFICATE,
  SERVER_HELLO_PARSED,
  SERVER_CLIENT_EXTENSIONS,
  SERVER_EXTENSIONS,
  SERVER_APPLICATION_SECRETS,
  SERVER_COMPLETE
}
