package dev.squint.vision.picture;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.Extent;
import dev.squint.vision.format.PngStructure;
import dev.squint.vision.format.TiffStructure;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** Reads the orientation of a PNG file: of its EXIF chunk, its EXIF text, or its XMP packet. */
final class PngOrientation {

  /** Longer than EXIF blocks and XMP packets are; a text that inflates to more is cut off. */
  private static final int MAX_BYTES = 1 << 20;

  /** Lines before the digits: an empty one, the name, the number of bytes. */
  private static final int LINES_BEFORE_DIGITS = 3;

  private PngOrientation() {}

  /** The orientation, 0 if there is none. */
  static int of(ByteSource bytes, PngStructure png) {
    int orientation = png.exif() == null ? 0 : TiffStructure.orientation(bytes, png.exif());
    if (orientation == 0 && png.rawExif() != null) {
      orientation = ofDigits(png.rawExif().read(bytes, MAX_BYTES));
    }
    if (orientation == 0 && png.xmp() != null) {
      byte[] packet = png.xmp().read(bytes, MAX_BYTES);
      orientation = Xmp.orientation(ByteSource.of(packet), new Extent(0, packet.length));
    }
    return orientation;
  }

  private static int ofDigits(byte[] text) {
    List<String> lines = new String(text, StandardCharsets.ISO_8859_1).lines().toList();
    if (lines.size() <= LINES_BEFORE_DIGITS) {
      return 0;
    }
    String digits =
        String.join("", lines.subList(LINES_BEFORE_DIGITS, lines.size())).replace(" ", "");
    try {
      byte[] exif = HexFormat.of().parseHex(digits);
      return TiffStructure.orientation(ByteSource.of(exif), new Extent(0, exif.length));
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }
}
