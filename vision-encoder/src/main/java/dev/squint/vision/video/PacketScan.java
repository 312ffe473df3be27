package dev.squint.vision.video;

import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import java.util.Arrays;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * When the frames of a stream are shown and which of them are key frames, from the time stamps of
 * its packets; nothing is decoded. In ticks of the stream.
 *
 * @param starts presentation stamps, ascending, each once; empty if packets have none
 * @param keys whether each is a key frame
 * @param bytes where the packet of each begins in the file, -1 if that is not known
 * @param end when the last frame ends
 * @param packets how many packets with a frame there are
 */
record PacketScan(long[] starts, boolean[] keys, long[] bytes, long end, int packets) {

  private static final int VP8_SHOWN = 0x10;

  /** Makes a scan of packets in the order of the file. */
  static final class Builder {
    private final boolean vp8;
    private long[] starts = new long[256];
    private long[] positions = new long[256];
    private boolean[] keys = new boolean[256];
    private int count;
    private long firstKey = AV_NOPTS_VALUE;
    private long end = Long.MIN_VALUE;
    private boolean stamped = true;

    Builder(int codec) {
      this.vp8 = codec == avcodec.AV_CODEC_ID_VP8;
    }

    void add(AVPacket packet) {
      boolean key = (packet.flags() & avcodec.AV_PKT_FLAG_KEY) != 0;
      if (key && firstKey == AV_NOPTS_VALUE) {
        firstKey = packet.pts();
      }
      // Cut away by an edit list, or decoded only for later frames.
      if ((packet.flags() & avcodec.AV_PKT_FLAG_DISCARD) != 0 || (vp8 && isHidden(packet))) {
        return;
      }
      stamped &= packet.pts() != AV_NOPTS_VALUE;
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, 2 * count);
        positions = Arrays.copyOf(positions, 2 * count);
        keys = Arrays.copyOf(keys, 2 * count);
      }
      starts[count] = packet.pts();
      positions[count] = packet.pos();
      keys[count++] = key;
      end = Math.max(end, packet.pts() + Math.max(0, packet.duration()));
    }

    /** How many frames there are so far. */
    int count() {
      return count;
    }

    private static boolean isHidden(AVPacket packet) {
      return packet.size() > 0 && (packet.data().get(0) & VP8_SHOWN) == 0;
    }

    PacketScan build() {
      if (!stamped) {
        return new PacketScan(new long[0], new boolean[0], new long[0], 0, count);
      }
      // A stream that was cut begins with frames whose references are gone.
      long first = firstKey == AV_NOPTS_VALUE ? Long.MIN_VALUE : firstKey;
      Integer[] order = new Integer[count];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, (one, other) -> Long.compare(starts[one], starts[other]));
      long[] sorted = new long[count];
      boolean[] sortedKeys = new boolean[count];
      long[] sortedPositions = new long[count];
      int kept = 0;
      for (int i : order) {
        if (starts[i] < first) {
          continue;
        }
        if (kept > 0 && starts[i] == sorted[kept - 1]) {
          sortedKeys[kept - 1] |= keys[i];
          continue;
        }
        sorted[kept] = starts[i];
        sortedKeys[kept] = keys[i];
        sortedPositions[kept++] = positions[i];
      }
      return new PacketScan(
          Arrays.copyOf(sorted, kept),
          Arrays.copyOf(sortedKeys, kept),
          Arrays.copyOf(sortedPositions, kept),
          end,
          count);
    }
  }

  /** Whether frames can be found by their stamps. */
  boolean stamped() {
    return starts.length > 0;
  }

  /** The last key frame up to a frame, 0 if there is none. */
  int keyBefore(int frame) {
    int at = Math.min(frame, starts.length - 1);
    while (at > 0 && !keys[at]) {
      at--;
    }
    return Math.max(0, at);
  }

  /** The frame with a stamp, or the last one before it; -1 if it is before all. */
  int frameAt(long stamp) {
    int found = Arrays.binarySearch(starts, stamp);
    return found >= 0 ? found : -found - 2;
  }
}
