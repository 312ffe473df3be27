package dev.squint.vision.format;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Recognises formats; see {@link FileFormat#of}. */
final class FormatDetector {

  private static final String JPEG_XL_BOX = "\0\0\0\u000cJXL \r\n\u0087\n";
  private static final String JPEG_2000_BOX = "\0\0\0\u000cjP  \r\n\u0087\n";
  private static final int TRANSPORT_PACKET = 188;

  /** PDF viewers accept other bytes before the signature, up to here. */
  private static final int PDF_START = 1024;

  /** How much text may come before the root element of an SVG file. */
  private static final int XML_PROLOG = 1 << 16;

  /** Boxes that a QuickTime file without {@code ftyp} starts with. */
  private static final Set<String> OLD_QUICKTIME =
      Set.of("moov", "mdat", "wide", "free", "skip", "pnot", "moof", "styp");

  private FormatDetector() {}

  static FileFormat detect(ByteSource bytes) {
    FileFormat picture = picture(bytes);
    if (picture != null) {
      return picture;
    }
    FileFormat refused = refused(bytes);
    if (refused != null) {
      return refused;
    }
    FileFormat video = video(bytes);
    return video == null ? FileFormat.UNKNOWN : video;
  }

  private static @Nullable FileFormat picture(ByteSource bytes) {
    if (JpegStructure.isJpeg(bytes)) {
      return FileFormat.JPEG;
    }
    if (PngStructure.isPng(bytes)) {
      return PngStructure.isAnimated(bytes) ? FileFormat.APNG : FileFormat.PNG;
    }
    if (GifStructure.isGif(bytes)) {
      return GifStructure.isAnimated(bytes) ? FileFormat.ANIMATED_GIF : FileFormat.GIF;
    }
    if (WebpStructure.isWebp(bytes)) {
      return WebpStructure.isAnimated(bytes) ? FileFormat.ANIMATED_WEBP : FileFormat.WEBP;
    }
    if (BmpStructure.isBmp(bytes)) {
      return FileFormat.BMP;
    }
    if (TiffStructure.isTiff(bytes)) {
      boolean raw = bytes.matches(8, "CR\u0002") || TiffStructure.of(bytes).cameraRaw();
      return raw ? FileFormat.CAMERA_RAW : FileFormat.TIFF;
    }
    return null;
  }

  private static @Nullable FileFormat refused(ByteSource bytes) {
    if (bytes.matches(0, JPEG_XL_BOX) || bytes.matches(0, "\u00ff\n")) {
      return FileFormat.JPEG_XL;
    }
    if (bytes.matches(0, JPEG_2000_BOX) || bytes.matches(0, "\u00ffO\u00ffQ")) {
      return FileFormat.JPEG_2000;
    }
    if (TiffStructure.isBigTiff(bytes)) {
      return FileFormat.BIG_TIFF;
    }
    if (isCameraRaw(bytes)) {
      return FileFormat.CAMERA_RAW;
    }
    if (bytes.matches(0, "8BPS\0")) {
      return FileFormat.PSD;
    }
    if (bytes.matches(0, "v/1\u0001")) {
      return FileFormat.OPEN_EXR;
    }
    if (bytes.matches(0, "\0\0\u0001\0") && bytes.u8(4) > 0 && bytes.u8(9) == 0) {
      return FileFormat.ICON;
    }
    if (bytes.u8(0) == 'P' && bytes.u8(1) >= '1' && bytes.u8(1) <= '7' && isSpace(bytes.u8(2))) {
      return FileFormat.PORTABLE_ANYMAP;
    }
    if (bytes.letters(0, PDF_START).contains("%PDF-")) {
      return FileFormat.PDF;
    }
    return "svg".equals(rootElement(bytes)) ? FileFormat.SVG : null;
  }

  /** Raw formats whose first bytes are their own; DNG, NEF, CR2 and the like are TIFF files. */
  private static boolean isCameraRaw(ByteSource bytes) {
    return bytes.matches(0, "FUJIFILMCCD-RAW")
        || bytes.matches(0, "IIRO")
        || bytes.matches(0, "IIRS")
        || bytes.matches(0, "MMOR")
        || bytes.matches(0, "IIU\0")
        || bytes.matches(0, "FOVb")
        || bytes.matches(0, "\0MRM");
  }

  private static boolean isSpace(int letter) {
    return letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t';
  }

  /** The local name of the first element of an XML file, null if it is none. */
  private static @Nullable String rootElement(ByteSource bytes) {
    String text = bytes.letters(0, 4).startsWith("\u00ef\u00bb\u00bf") ? "   " : "";
    text += bytes.letters(text.length(), XML_PROLOG);
    int at = 0;
    while (true) {
      while (at < text.length() && isSpace(text.charAt(at))) {
        at++;
      }
      if (at >= text.length() || text.charAt(at) != '<') {
        return null;
      }
      String close = prologEnd(text, at);
      if (close.isEmpty()) {
        break;
      }
      int end = text.indexOf(close, at);
      if (end < 0) {
        return null;
      }
      at = end + close.length();
    }
    int end = at + 1;
    while (end < text.length()
        && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == ':')) {
      end++;
    }
    String name = text.substring(at + 1, end);
    return name.substring(name.indexOf(':') + 1).toLowerCase(Locale.ROOT);
  }

  /** What ends the declaration, comment or document type that begins here; empty for an element. */
  private static String prologEnd(String text, int at) {
    if (text.startsWith("<?", at)) {
      return "?>";
    }
    if (text.startsWith("<!--", at)) {
      return "-->";
    }
    if (text.startsWith("<!", at)) {
      int bracket = text.indexOf('[', at);
      int angle = text.indexOf('>', at);
      return bracket >= 0 && bracket < angle ? "]>" : ">";
    }
    return "";
  }

  private static @Nullable FileFormat video(ByteSource bytes) {
    if (bytes.matches(4, "ftyp")) {
      return isoMedia(bytes);
    }
    if (OLD_QUICKTIME.contains(bytes.letters(4, 4)) && !IsoBox.all(bytes).isEmpty()) {
      return FileFormat.MP4;
    }
    if (bytes.matches(0, "\u001aE\u00df\u00a3")) {
      return FileFormat.MATROSKA;
    }
    if (bytes.matches(0, "RIFF") && bytes.matches(8, "AVI ")) {
      return FileFormat.AVI;
    }
    if (bytes.matches(0, "OggS")) {
      return FileFormat.OGG;
    }
    if (bytes.matches(0, "FLV\u0001")) {
      return FileFormat.FLV;
    }
    if (bytes.matches(0, "DKIF")) {
      return FileFormat.IVF;
    }
    return isMpeg(bytes) ? FileFormat.MPEG : null;
  }

  /**
   * HEIF and AVIF pictures have a primary item, films a track. Where a file has both, the brand
   * that it names first decides (ISO/IEC 23008-12, 10.2).
   */
  private static FileFormat isoMedia(ByteSource bytes) {
    List<IsoBox> boxes = IsoBox.all(bytes);
    Set<String> brands = brands(bytes, boxes.isEmpty() ? null : boxes.get(0));
    String major = brands.isEmpty() ? "" : brands.iterator().next();
    if (brands.contains("crx ")) {
      return FileFormat.CAMERA_RAW;
    }
    IsoBox meta = IsoBox.first(boxes, "meta");
    IsoBox item = meta != null && HeifStructure.isPicture(bytes, meta) ? meta : null;
    boolean track = IsoBox.first(boxes, "moov") != null || IsoBox.first(boxes, "moof") != null;
    boolean sequence = brands.stream().anyMatch(HeifStructure.SEQUENCE_BRANDS::contains);
    if (item != null && !(track && HeifStructure.SEQUENCE_BRANDS.contains(major))) {
      return HeifStructure.isAvif(bytes, item) ? FileFormat.AVIF : FileFormat.HEIF;
    }
    if (track) {
      return sequence ? FileFormat.IMAGE_SEQUENCE : FileFormat.MP4;
    }
    // Cut off before its boxes: the brands are all that is left.
    if (brands.stream().anyMatch(brand -> brand.equals("avif") || brand.equals("avis"))) {
      return FileFormat.AVIF;
    }
    return brands.stream().anyMatch(HeifStructure.BRANDS::contains)
        ? FileFormat.HEIF
        : FileFormat.MP4;
  }

  /** The major brand, then the compatible ones. */
  private static Set<String> brands(ByteSource bytes, @Nullable IsoBox fileType) {
    Set<String> brands = new LinkedHashSet<>();
    if (fileType != null && fileType.type().equals("ftyp")) {
      brands.add(bytes.letters(fileType.at(), 4));
      for (long at = fileType.at() + 8; at + 4 <= fileType.end(); at += 4) {
        brands.add(bytes.letters(at, 4));
      }
    }
    return brands;
  }

  /** A program stream, an elementary stream, or a transport stream. */
  private static boolean isMpeg(ByteSource bytes) {
    int zeros = 0;
    while (zeros < 4 && bytes.u8(zeros) == 0) {
      zeros++;
    }
    if (zeros >= 2 && bytes.u8(zeros) == 1) {
      return true;
    }
    return isTransportStream(bytes, TRANSPORT_PACKET)
        // With a time before each packet, as cameras write it, or with error correction.
        || isTransportStream(bytes, TRANSPORT_PACKET + 4)
        || isTransportStream(bytes, TRANSPORT_PACKET + 16);
  }

  /**
   * A stream may be cut anywhere, so its first packet may begin within the first packet's bytes.
   */
  private static boolean isTransportStream(ByteSource bytes, int packet) {
    for (int from = 0; from < packet; from++) {
      int packets = 0;
      while (packets < 4 && bytes.u8(from + (long) packets * packet) == 0x47) {
        packets++;
      }
      boolean toTheEnd = from + (long) packets * packet >= bytes.length() && packets > 1;
      if (packets == 4 || (toTheEnd && from == 0)) {
        return true;
      }
    }
    return false;
  }
}
