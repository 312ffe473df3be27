package dev.squint.vision.format;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The markers of a JPEG file up to its end marker (ITU-T T.81, annex B).
 *
 * @param width in pixels, 0 if there is no frame header
 * @param height in pixels, 0 if there is no frame header
 * @param scans how many scans there are
 * @param visits how many samples all scans go through, with a share for each scan
 * @param complete whether the end marker was found
 * @param exif position and length of the EXIF block, null if there is none
 * @param xmp position and length of the XMP packet, null if there is none
 */
public record JpegStructure(
    int width,
    int height,
    int scans,
    long visits,
    boolean complete,
    @Nullable Extent exif,
    @Nullable Extent xmp) {

  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP1 = 0xe1;
  private static final String EXIF = "Exif\0\0";
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

  /** What a scan costs besides its samples: tables and calls. */
  private static final long VISITS_PER_SCAN = 4096;

  static boolean isJpeg(ByteSource bytes) {
    return bytes.u8(0) == 0xff && bytes.u8(1) == SOI && bytes.u8(2) == 0xff;
  }

  /** Walks over all markers. */
  public static JpegStructure of(ByteSource bytes) {
    return of(bytes, 0, bytes.length());
  }

  /** Walks over the markers of a JPEG stream that is part of a file. */
  static JpegStructure of(ByteSource bytes, long from, long end) {
    return new Walk(bytes).walk(from, end);
  }

  /** A component of the frame: its number and its sampling factors. */
  private record Component(int id, int across, int down) {}

  private static final class Walk {
    private final ByteSource bytes;
    private final List<Component> components = new ArrayList<>();
    private int width;
    private int height;
    private int scans;
    private long visits;
    private boolean complete;
    private @Nullable Extent exif;
    private @Nullable Extent xmp;

    Walk(ByteSource bytes) {
      this.bytes = bytes;
    }

    JpegStructure walk(long from, long end) {
      long at = from;
      while (at < end && !complete) {
        // Decoders skip what is no marker, so what follows it counts too.
        if (bytes.u8(at) != 0xff) {
          at++;
          continue;
        }
        int marker = bytes.u8(at + 1);
        if (marker == 0xff) {
          at++;
        } else if (marker <= 0x01 || (marker >= 0xd0 && marker <= SOI)) {
          at += 2;
        } else if (marker == EOI) {
          complete = true;
        } else {
          int length = (int) Math.max(2, bytes.bigEndian(at + 2, 2));
          segment(marker, at + 4, Math.min(length - 2L, end - at - 4));
          at += 2L + length;
        }
      }
      return new JpegStructure(width, height, scans, visits, complete, exif, xmp);
    }

    private void segment(int marker, long at, long length) {
      if (marker == SOS) {
        scan(at);
      } else if (isFrame(marker)) {
        frame(at);
      } else if (marker == APP1 && exif == null && bytes.matches(at, EXIF)) {
        exif = new Extent(at + EXIF.length(), Math.max(0, length - EXIF.length()));
      } else if (marker == APP1 && xmp == null && bytes.matches(at, XMP)) {
        xmp = new Extent(at + XMP.length(), Math.max(0, length - XMP.length()));
      }
    }

    /** SOF0 to SOF15 without DHT, JPG and DAC, which share their range. */
    private static boolean isFrame(int marker) {
      return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private void frame(long at) {
      height = (int) Math.max(height, bytes.bigEndian(at + 1, 2));
      width = (int) Math.max(width, bytes.bigEndian(at + 3, 2));
      for (int i = 0; i < bytes.u8(at + 5); i++) {
        int sampling = Math.max(0, bytes.u8(at + 7 + 3L * i));
        components.add(
            new Component(
                bytes.u8(at + 6 + 3L * i),
                Math.max(1, sampling >> 4),
                Math.max(1, sampling & 0x0f)));
      }
    }

    private void scan(long at) {
      scans++;
      visits += VISITS_PER_SCAN;
      for (int i = 0; i < Math.min(4, bytes.u8(at)); i++) {
        int id = bytes.u8(at + 1 + 2L * i);
        visits += samples(id);
      }
    }

    /** Samples of one component, in whole blocks of 8 x 8. */
    private long samples(int id) {
      int mostAcross = components.stream().mapToInt(Component::across).max().orElse(1);
      int mostDown = components.stream().mapToInt(Component::down).max().orElse(1);
      return components.stream()
          .filter(component -> component.id() == id)
          .mapToLong(
              component ->
                  blocks(width, component.across(), mostAcross)
                      * blocks(height, component.down(), mostDown))
          .max()
          .orElse(64);
    }

    private static long blocks(int pixels, int share, int of) {
      return (((long) pixels * share + of - 1) / of + 7) / 8 * 8;
    }
  }
}
