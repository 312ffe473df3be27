package dev.squint.vision.format;

/** A file format, recognised by the structure of the file and not by its name. */
public enum FileFormat {
  JPEG("JPEG", Kind.PICTURE),
  PNG("PNG", Kind.PICTURE),
  GIF("GIF", Kind.PICTURE),
  BMP("BMP", Kind.PICTURE),
  TIFF("TIFF", Kind.PICTURE),
  WEBP("WebP", Kind.PICTURE),
  HEIF("HEIF (HEIC)", Kind.PICTURE),
  AVIF("AVIF", Kind.PICTURE),
  /** PNG with several frames. */
  APNG("animated PNG", Kind.ANIMATION),
  /** GIF with several frames. */
  ANIMATED_GIF("animated GIF", Kind.ANIMATION),
  /** WebP with several frames. */
  ANIMATED_WEBP("animated WebP", Kind.ANIMATION),
  /** AVIF or HEIF with a track of several frames. */
  IMAGE_SEQUENCE("AVIF or HEIF sequence", Kind.ANIMATION),
  MP4("MP4 or MOV", Kind.VIDEO),
  MATROSKA("Matroska or WebM", Kind.VIDEO),
  AVI("AVI", Kind.VIDEO),
  OGG("Ogg", Kind.VIDEO),
  FLV("FLV", Kind.VIDEO),
  IVF("IVF", Kind.VIDEO),
  MPEG("MPEG stream", Kind.VIDEO),
  JPEG_XL("JPEG XL", Kind.REFUSED),
  JPEG_2000("JPEG 2000", Kind.REFUSED),
  BIG_TIFF("BigTIFF", Kind.REFUSED),
  CAMERA_RAW("camera raw", Kind.REFUSED),
  SVG("SVG", Kind.REFUSED),
  PDF("PDF", Kind.REFUSED),
  PSD("Photoshop", Kind.REFUSED),
  ICON("icon", Kind.REFUSED),
  OPEN_EXR("OpenEXR", Kind.REFUSED),
  PORTABLE_ANYMAP("PNM", Kind.REFUSED),
  /** None of the others. */
  UNKNOWN("unknown", Kind.REFUSED);

  private enum Kind {
    PICTURE,
    ANIMATION,
    VIDEO,
    REFUSED
  }

  private final String title;
  private final Kind kind;

  FileFormat(String title, Kind kind) {
    this.title = title;
    this.kind = kind;
  }

  /** What people call it. */
  public String title() {
    return title;
  }

  /** Whether it is a still picture that is read. */
  public boolean isPicture() {
    return kind == Kind.PICTURE;
  }

  /** Whether it is a picture with several frames. */
  public boolean isAnimation() {
    return kind == Kind.ANIMATION;
  }

  /** Whether it is a container of videos, which may hold only sound. */
  public boolean isVideo() {
    return kind == Kind.VIDEO;
  }

  /** Recognises the format of a file. */
  public static FileFormat of(ByteSource bytes) {
    return FormatDetector.detect(bytes);
  }

  /** Recognises the format of a file in memory. */
  public static FileFormat of(byte[] bytes) {
    return of(ByteSource.of(bytes));
  }
}
