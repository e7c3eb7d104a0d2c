package dev.quic.dataplane.core.common;

/** Counters of a net, under the kernel's names and in its order; then ours. */
public final class Mib {
  private Mib() {}

  public static final int CONN_CURRENT_ESTABS = 0;
  public static final int CONN_PASSIVE_ESTABS = 1;
  public static final int CONN_ACTIVE_ESTABS = 2;
  public static final int PKT_RCV_FASTPATHS = 3;
  public static final int PKT_DEC_FASTPATHS = 4;
  public static final int PKT_ENC_FASTPATHS = 5;
  public static final int PKT_RCV_BACKLOGS = 6;
  public static final int PKT_DEC_BACKLOGS = 7;
  public static final int PKT_ENC_BACKLOGS = 8;
  public static final int PKT_INV_HDR_DROP = 9;
  public static final int PKT_INV_NUM_DROP = 10;
  public static final int PKT_INV_FRM_DROP = 11;
  public static final int PKT_RCV_DROP = 12;
  public static final int PKT_DEC_DROP = 13;
  public static final int PKT_ENC_DROP = 14;
  public static final int FRM_RCV_BUF_DROP = 15;
  public static final int FRM_RETRANS = 16;
  public static final int FRM_OUT_CLOSES = 17;
  public static final int FRM_IN_CLOSES = 18;

  // Ours, not the kernel's.
  public static final int EARLY_ACCEPTS = 19;
  public static final int EARLY_REJECTS = 20;

  /** Windows kept small because the net holds much memory; clients refused for that. */
  public static final int MEM_PRESSURES = 21;

  public static final int MEM_REFUSALS = 22;

  /** How many there are. */
  public static final int COUNT = 23;

  private static final String[] NAMES = {
    "QuicConnCurrentEstabs",
    "QuicConnPassiveEstabs",
    "QuicConnActiveEstabs",
    "QuicPktRcvFastpaths",
    "QuicPktDecFastpaths",
    "QuicPktEncFastpaths",
    "QuicPktRcvBacklogs",
    "QuicPktDecBacklogs",
    "QuicPktEncBacklogs",
    "QuicPktInvHdrDrop",
    "QuicPktInvNumDrop",
    "QuicPktInvFrmDrop",
    "QuicPktRcvDrop",
    "QuicPktDecDrop",
    "QuicPktEncDrop",
    "QuicFrmRcvBufDrop",
    "QuicFrmRetrans",
    "QuicFrmOutCloses",
    "QuicFrmInCloses",
    "QuicEarlyAccepts",
    "QuicEarlyRejects",
    "QuicMemPressures",
    "QuicMemRefusals"
  };

  /** The kernel's name of a counter, or ours in its manner. */
  public static String name(int mib) {
    return NAMES[mib];
  }
}
