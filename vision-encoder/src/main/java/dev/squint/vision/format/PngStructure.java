package dev.squint.vision.format;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a PNG file (ISO/IEC 15948 and W3C PNG 3); none is inflated.
 *
 * @param width in pixels, 0 if there is no header
 * @param height in pixels, 0 if there is no header
 * @param bitDepth bits a sample
 * @param colourType 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha
 * @param frames frames of the animation; 1 for a still picture
 * @param data the contents of the IDAT chunks
 * @param palette the content of PLTE, null if there is none
 * @param transparency the content of tRNS, null if there is none
 * @param exif the content of eXIf, null if there is none
 * @param rawExif the text with an EXIF block in hexadecimal digits, as ImageMagick writes it, null
 *     if there is none
 * @param xmp the text with an XMP packet, null if there is none
 */
public record PngStructure(
    int width,
    int height,
    int bitDepth,
    int colourType,
    int frames,
    List<Extent> data,
    @Nullable Extent palette,
    @Nullable Extent transparency,
    @Nullable Extent exif,
    @Nullable PngText rawExif,
    @Nullable PngText xmp) {

  private static final String SIGNATURE = "\u0089PNG\r\n\u001a\n";
  private static final int FRAME_BYTES = 12;
  private static final String XMP = "XML:com.adobe.xmp\0";
  private static final String RAW_EXIF = "Raw profile type exif\0";

  static boolean isPng(ByteSource bytes) {
    return bytes.matches(0, SIGNATURE);
  }

  /** Walks over all chunks, up to IEND. */
  public static PngStructure of(ByteSource bytes) {
    Walk walk = new Walk(bytes);
    walk.all(Integer.MAX_VALUE);
    return walk.result();
  }

  /** Whether there are at least two frames; what comes after the second one is not read. */
  static boolean isAnimated(ByteSource bytes) {
    Walk walk = new Walk(bytes);
    walk.all(2);
    return walk.frames() > 1;
  }

  private static final class Walk {
    private final ByteSource bytes;
    private final List<Extent> data = new ArrayList<>();
    private int width;
    private int height;
    private int bitDepth;
    private int colourType;
    private boolean animation;
    private int frameControls;
    private @Nullable Extent palette;
    private @Nullable Extent transparency;
    private @Nullable Extent exif;
    private @Nullable PngText rawExif;
    private @Nullable PngText xmp;

    Walk(ByteSource bytes) {
      this.bytes = bytes;
    }

    /** Stops after this many frames. */
    void all(int mostFrames) {
      long at = SIGNATURE.length();
      while (at + FRAME_BYTES <= bytes.length() && frames() < mostFrames) {
        long length = bytes.bigEndian(at, 4);
        String type = bytes.letters(at + 4, 4);
        long content = at + 8;
        long held = Math.max(0, Math.min(length, bytes.length() - content));
        if (type.equals("IEND")) {
          return;
        }
        chunk(type, new Extent(content, held));
        at = content + length + 4;
      }
      // The data of a file that is cut off in its last chunk.
      if (at + 8 < bytes.length() && bytes.matches(at + 4, "IDAT")) {
        data.add(new Extent(at + 8, bytes.length() - at - 8));
      }
    }

    private void chunk(String type, Extent content) {
      switch (type) {
        case "IHDR" -> {
          width = (int) bytes.bigEndian(content.at(), 4);
          height = (int) bytes.bigEndian(content.at() + 4, 4);
          bitDepth = bytes.u8(content.at() + 8);
          colourType = bytes.u8(content.at() + 9);
        }
        case "IDAT" -> data.add(content);
        case "PLTE" -> palette = content;
        case "tRNS" -> transparency = content;
        case "eXIf" -> exif = content;
        case "tEXt", "zTXt", "iTXt" -> text(type, content);
        // After the data it has no meaning.
        case "acTL" -> animation |= data.isEmpty();
        case "fcTL" -> frameControls++;
        default -> {}
      }
    }

    private void text(String type, Extent content) {
      if (bytes.matches(content.at(), XMP) && type.equals("iTXt")) {
        xmp = international(content, XMP);
      } else if (bytes.matches(content.at(), RAW_EXIF)) {
        rawExif =
            switch (type) {
              case "tEXt" -> new PngText(behind(content, RAW_EXIF.length()), false);
              // The method of compression comes before the text; there is one method.
              case "zTXt" -> new PngText(behind(content, RAW_EXIF.length() + 1), true);
              default -> international(content, RAW_EXIF);
            };
      }
    }

    /** The text behind keyword, compression, language and translated keyword. */
    private PngText international(Extent content, String keyword) {
      long at = content.at() + keyword.length();
      long end = content.at() + content.length();
      boolean compressed = bytes.u8(at) != 0;
      at += 2;
      for (int texts = 0; texts < 2 && at < end; at++) {
        texts += bytes.u8(at) == 0 ? 1 : 0;
      }
      return new PngText(new Extent(at, Math.max(0, end - at)), compressed);
    }

    private static Extent behind(Extent content, int bytes) {
      return new Extent(content.at() + bytes, Math.max(0, content.length() - bytes));
    }

    int frames() {
      return animation && frameControls > 1 ? frameControls : 1;
    }

    PngStructure result() {
      return new PngStructure(
          width,
          height,
          bitDepth,
          colourType,
          frames(),
          data,
          palette,
          transparency,
          exif,
          rawExif,
          xmp);
    }
  }
}
