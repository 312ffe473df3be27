package dev.squint.vision.picture;

import dev.squint.vision.onnx.NativeVariables;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DirectColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;

/**
 * Decodes files to the pixels that they hold, not turned, with colour profiles and transparency
 * ignored.
 *
 * <p>The JDK's decoders and OpenCV's give the very pixels that Pillow gives; the JDK's come first
 * since they are there at once, while loading OpenCV takes most of a second.
 */
final class PictureDecoder {

  private PictureDecoder() {}

  /** Decodes a picture whose header was read; null if it is damaged or cut off. */
  static @Nullable Picture decode(byte[] encoded, PictureHeader header) {
    return switch (header.type()) {
      case WebP -> withOpenCv(encoded);
      case Jpeg -> {
        // The JDK's decoder refuses CMYK and some odd but sound files.
        Picture picture = withImageIo(encoded, "jpeg");
        yield picture == null ? withOpenCv(encoded) : picture;
      }
      default -> withImageIo(encoded, header.type().getName());
    };
  }

  /** Null if the reader threw, ran out of data, or gave other colours than grey and RGB. */
  private static @Nullable Picture withImageIo(byte[] encoded, String format) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try (MemoryCacheImageInputStream input =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      // JPEG files that are cut off are filled up with grey and a warning.
      AtomicBoolean cutOff = new AtomicBoolean();
      reader.addIIOReadWarningListener(
          (source, warning) -> cutOff.compareAndSet(false, warning.startsWith("Truncated")));
      reader.setInput(input, true, true);
      BufferedImage image = reader.read(0, unconverted(reader));
      return cutOff.get() ? null : rgb(image);
    } catch (IOException | RuntimeException e) {
      // Readers answer damaged files with about any exception.
      return null;
    } finally {
      reader.dispose();
    }
  }

  /** Asks for the colour space of the embedded profile, so that nothing is converted from it. */
  private static ImageReadParam unconverted(ImageReader reader) throws IOException {
    ImageReadParam param = reader.getDefaultReadParam();
    for (Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0); types.hasNext(); ) {
      ImageTypeSpecifier type = types.next();
      ColorSpace colours = type.getColorModel().getColorSpace();
      if (type.getNumBands() == 3
          && colours.getType() == ColorSpace.TYPE_RGB
          && !colours.isCS_sRGB()) {
        param.setDestinationType(type);
      }
    }
    return param;
  }

  private static @Nullable Picture rgb(BufferedImage image) {
    ColorModel colours = image.getColorModel();
    if (colours instanceof DirectColorModel) {
      return Picture.of(image);
    }
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    boolean grey = bands <= 2;
    if (!grey && colours.getColorSpace().getType() != ColorSpace.TYPE_RGB) {
      return null;
    }
    int width = image.getWidth();
    byte[] rgb = new byte[Picture.arrayLength(width, image.getHeight())];
    for (int y = 0; y < image.getHeight(); y++) {
      byte[] row = row(raster, y);
      if (row == null) {
        return null;
      }
      int to = 3 * width * y;
      for (int x = 0; x < width; x++, to += 3) {
        if (colours instanceof IndexColorModel palette) {
          int index = row[x] & 0xff;
          rgb[to] = (byte) palette.getRed(index);
          rgb[to + 1] = (byte) palette.getGreen(index);
          rgb[to + 2] = (byte) palette.getBlue(index);
        } else {
          rgb[to] = row[bands * x];
          rgb[to + 1] = row[bands * x + (grey ? 0 : 1)];
          rgb[to + 2] = row[bands * x + (grey ? 0 : 2)];
        }
      }
    }
    return new Picture(width, image.getHeight(), rgb);
  }

  /** One row with 8 bits a sample; of 16 bits the upper 8. */
  private static byte @Nullable [] row(Raster raster, int y) {
    Object samples = raster.getDataElements(0, y, raster.getWidth(), 1, null);
    return switch (raster.getTransferType()) {
      case DataBuffer.TYPE_BYTE -> (byte[]) samples;
      case DataBuffer.TYPE_USHORT -> {
        short[] wide = (short[]) samples;
        byte[] row = new byte[wide.length];
        for (int i = 0; i < row.length; i++) {
          row[i] = (byte) (wide[i] >> 8);
        }
        yield row;
      }
      default -> null;
    };
  }

  private static @Nullable Picture withOpenCv(byte[] encoded) {
    // Damaged files are reported by exception, not by lines on standard error.
    NativeVariables.setDefault("OPENCV_LOG_LEVEL", "SILENT");
    try (BytePointer bytes = new BytePointer(encoded);
        Mat file =
            new Mat(1, encoded.length, org.bytedeco.opencv.global.opencv_core.CV_8UC1, bytes);
        Mat image =
            opencv_imgcodecs.imdecode(
                file,
                opencv_imgcodecs.IMREAD_COLOR_RGB | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION)) {
      if (image.empty()) {
        return null;
      }
      byte[] rgb = new byte[Picture.arrayLength(image.cols(), image.rows())];
      image.data().get(rgb);
      return new Picture(image.cols(), image.rows(), rgb);
    }
  }
}
