package dev.squint.vision.picture;

import dev.squint.vision.format.FileFormat;

/** Messages about formats that are not read as pictures. */
final class PictureFormats {

  static final String READ = "JPEG, PNG, GIF, BMP, TIFF, WebP, HEIC and AVIF pictures can be read";

  private PictureFormats() {}

  /** Says what a file is and what to do. */
  static String refusal(FileFormat format, String name) {
    if (format == FileFormat.UNKNOWN) {
      return name + " is not a picture; " + READ;
    }
    if (format.isVideo() || format.isAnimation()) {
      return "%s is a video (%s), not a picture; give it as a clip, or save one frame as JPEG or PNG"
          .formatted(name, format.title());
    }
    return "%s is %s %s file, which is not read; %s"
        .formatted(name, article(format.title()), format.title(), advice(format));
  }

  private static String article(String title) {
    return title.matches("(?i)[aeio].*|SVG.*") ? "an" : "a";
  }

  private static String advice(FileFormat format) {
    return switch (format) {
      case PDF -> "export the page as PNG";
      case SVG -> "draw it as PNG";
      case CAMERA_RAW -> "develop it as JPEG, or use the JPEG that the camera saved beside it";
      default -> "save it as JPEG or PNG";
    };
  }
}
