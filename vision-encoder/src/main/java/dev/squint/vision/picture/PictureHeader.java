package dev.squint.vision.picture;

import com.drew.imaging.FileType;
import com.drew.imaging.FileTypeDetector;
import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.imaging.jpeg.JpegMetadataReader;
import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Directory;
import com.drew.metadata.Metadata;
import com.drew.metadata.bmp.BmpHeaderDirectory;
import com.drew.metadata.exif.ExifDirectoryBase;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifImageDirectory;
import com.drew.metadata.exif.ExifReader;
import com.drew.metadata.exif.ExifThumbnailDirectory;
import com.drew.metadata.gif.GifHeaderDirectory;
import com.drew.metadata.gif.GifImageDirectory;
import com.drew.metadata.jpeg.JpegDirectory;
import com.drew.metadata.jpeg.JpegReader;
import com.drew.metadata.webp.WebpDirectory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a picture file says about itself before it is decoded.
 *
 * @param type the format, by the first bytes and not by the file's name
 * @param width in pixels as stored, before turning
 * @param height in pixels as stored, before turning
 * @param orientation EXIF orientation, 1 to 8; 1 if it is not given or makes no sense
 * @param animated whether there are several frames or pages
 */
record PictureHeader(FileType type, int width, int height, int orientation, boolean animated) {

  private static final int PNG_SIGNATURE_BYTES = 8;
  private static final int LITTLE_ENDIAN_TIFF = 0x49492a00;
  private static final int BIG_ENDIAN_TIFF = 0x4d4d002a;
  private static final int REDUCED = 1;
  private static final int IHDR = 0x49484452;
  private static final int ACTL = 0x6163544c;
  private static final int EXIF = 0x65584966;

  /**
   * Reads the header.
   *
   * @throws IllegalArgumentException if these are not the bytes of a picture that can be read
   */
  static PictureHeader of(byte[] encoded, String name) {
    try {
      FileType type = type(encoded);
      return switch (type) {
        case Jpeg -> ofJpeg(encoded);
        case Png -> ofPng(ByteBuffer.wrap(encoded));
        case Gif -> ofGif(readAll(encoded, type));
        case Bmp ->
            of(
                type,
                readAll(encoded, type),
                BmpHeaderDirectory.class,
                BmpHeaderDirectory.TAG_IMAGE_WIDTH,
                BmpHeaderDirectory.TAG_IMAGE_HEIGHT,
                false);
        case Tiff -> ofTiff(readAll(encoded, type));
        case WebP -> ofWebP(readAll(encoded, type));
        default ->
            throw new IllegalArgumentException(
                name
                    + (type == FileType.Unknown
                        ? " is not a picture"
                        : " is a %s file".formatted(type.getName()))
                    + "; JPEG, PNG, GIF, BMP, TIFF and WebP pictures can be read");
      };
    } catch (ImageProcessingException | IOException | BufferUnderflowException e) {
      throw new IllegalArgumentException(name + " is damaged or cut off: no picture header", e);
    }
  }

  /** Every TIFF file of a usual writer looks like a camera's raw file to the detector. */
  private static FileType type(byte[] encoded) throws IOException {
    int magic = encoded.length < 4 ? 0 : ByteBuffer.wrap(encoded).getInt();
    return magic == LITTLE_ENDIAN_TIFF || magic == BIG_ENDIAN_TIFF
        ? FileType.Tiff
        : FileTypeDetector.detectFileType(new ByteArrayInputStream(encoded));
  }

  private static Metadata readAll(byte[] encoded, FileType type)
      throws ImageProcessingException, IOException {
    return ImageMetadataReader.readMetadata(
        new ByteArrayInputStream(encoded), encoded.length, type);
  }

  private static PictureHeader of(
      FileType type,
      Metadata found,
      Class<? extends Directory> directory,
      int widthTag,
      int heightTag,
      boolean animated)
      throws IOException {
    Directory header = found.getFirstDirectoryOfType(directory);
    Integer width = header == null ? null : header.getInteger(widthTag);
    Integer height = header == null ? null : header.getInteger(heightTag);
    if (width == null || height == null) {
      throw new IOException("no width and height");
    }
    // Bitmaps that run from the top have a negative height.
    return new PictureHeader(type, width, Math.abs(height), orientation(found), animated);
  }

  /** Only these two readers: others inflate as much as a hostile file declares. */
  private static PictureHeader ofJpeg(byte[] encoded) throws ImageProcessingException, IOException {
    Metadata found =
        JpegMetadataReader.readMetadata(
            new ByteArrayInputStream(encoded), List.of(new JpegReader(), new ExifReader()));
    return of(
        FileType.Jpeg,
        found,
        JpegDirectory.class,
        JpegDirectory.TAG_IMAGE_WIDTH,
        JpegDirectory.TAG_IMAGE_HEIGHT,
        false);
  }

  private static PictureHeader ofGif(Metadata found) throws IOException {
    return of(
        FileType.Gif,
        found,
        GifHeaderDirectory.class,
        GifHeaderDirectory.TAG_IMAGE_WIDTH,
        GifHeaderDirectory.TAG_IMAGE_HEIGHT,
        found.getDirectoriesOfType(GifImageDirectory.class).size() > 1);
  }

  private static PictureHeader ofTiff(Metadata found) throws IOException {
    return of(
        FileType.Tiff,
        found,
        ExifIFD0Directory.class,
        ExifIFD0Directory.TAG_IMAGE_WIDTH,
        ExifIFD0Directory.TAG_IMAGE_HEIGHT,
        hasSecondPage(found));
  }

  private static PictureHeader ofWebP(Metadata found) throws IOException {
    WebpDirectory webp = found.getFirstDirectoryOfType(WebpDirectory.class);
    return of(
        FileType.WebP,
        found,
        WebpDirectory.class,
        WebpDirectory.TAG_IMAGE_WIDTH,
        WebpDirectory.TAG_IMAGE_HEIGHT,
        webp != null && Boolean.TRUE.equals(webp.getBooleanObject(WebpDirectory.TAG_IS_ANIMATION)));
  }

  /** Walks over the chunks; none is inflated. */
  private static PictureHeader ofPng(ByteBuffer png) throws IOException {
    png.position(PNG_SIGNATURE_BYTES);
    int width = 0;
    int height = 0;
    int orientation = 1;
    int frames = 1;
    while (png.remaining() >= 12) {
      int length = png.getInt();
      int chunk = png.getInt();
      if (length < 0 || length > png.remaining() - 4) {
        break;
      }
      int next = png.position() + length + 4;
      if (chunk == IHDR) {
        width = png.getInt();
        height = png.getInt();
      } else if (chunk == ACTL) {
        frames = png.getInt();
      } else if (chunk == EXIF) {
        byte[] exif = new byte[length];
        png.get(exif);
        Metadata found = new Metadata();
        new ExifReader().extract(new ByteArrayReader(exif), found, 0);
        orientation = orientation(found);
      }
      png.position(next);
    }
    if (width == 0 || height == 0) {
      throw new IOException("no width and height");
    }
    return new PictureHeader(FileType.Png, width, height, orientation, frames > 1);
  }

  /** Small versions of the same picture are not pages. */
  private static boolean hasSecondPage(Metadata tiff) {
    return Stream.of(ExifImageDirectory.class, ExifThumbnailDirectory.class)
        .flatMap(kind -> tiff.getDirectoriesOfType(kind).stream())
        .map(directory -> directory.getInteger(ExifDirectoryBase.TAG_NEW_SUBFILE_TYPE))
        .anyMatch(kind -> kind == null || (kind & REDUCED) == 0);
  }

  private static int orientation(Metadata found) {
    ExifIFD0Directory exif = found.getFirstDirectoryOfType(ExifIFD0Directory.class);
    Integer value = exif == null ? null : exif.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
    return value == null || value < 1 || value > 8 ? 1 : value;
  }
}
