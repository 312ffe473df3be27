package dev.squint.vision.picture;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.event.IIOReadProgressListener;
import org.jspecify.annotations.Nullable;

/** Decodes with the JDK's readers, which can be stopped between rows and blocks of the file. */
final class ImageIoDecoder {

  private static final int INKS = 4;

  private ImageIoDecoder() {}

  /**
   * Decodes the first picture of a file.
   *
   * @param format as ImageIO calls it
   * @param palette the colours of a palette, 0xRRGGBB, instead of ImageIO's; may be empty
   * @param mostPixels the size that was checked; a damaged file may look larger to the reader
   * @return null if the reader threw, ran out of data, finds a larger picture, or gave samples of a
   *     rare kind
   * @throws CancellationException if decoding was cancelled
   */
  static @Nullable DecodedPixels decode(
      byte[] encoded,
      String format,
      int[] palette,
      long mostPixels,
      String name,
      DecodeBudget budget) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try (ArrayImageInput input = new ArrayImageInput(encoded, name, budget)) {
      // JPEG files that are cut off are filled up with grey and a warning.
      AtomicBoolean cutOff = new AtomicBoolean();
      reader.addIIOReadWarningListener(
          (source, warning) -> {
            if (warning.startsWith("Truncated")) {
              cutOff.set(true);
            }
          });
      reader.addIIOReadProgressListener(new Stopping(budget));
      reader.setInput(input, true, true);
      if ((long) reader.getWidth(0) * reader.getHeight(0) > mostPixels) {
        return null;
      }
      DecodedPixels pixels = read(reader, format, palette);
      budget.checkCancelled(name);
      return cutOff.get() ? null : pixels;
    } catch (CancellationException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Readers answer damaged files with about any exception.
      budget.checkCancelled(name);
      return null;
    } finally {
      reader.dispose();
    }
  }

  private static @Nullable DecodedPixels read(ImageReader reader, String format, int[] palette)
      throws IOException {
    boolean inks = format.equals("jpeg") && !reader.getImageTypes(0).hasNext();
    if (inks) {
      // Four components: ImageIO gives them as they are stored.
      var raster = reader.readRaster(0, null);
      return raster.getNumBands() == INKS ? RasterPixels.ofCmyk(raster, true) : null;
    }
    BufferedImage image = reader.read(0, unconverted(reader));
    return RasterPixels.of(image, palette);
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

  /** Aborts the reader, which asks after each row or so. */
  private record Stopping(DecodeBudget budget) implements IIOReadProgressListener {

    @Override
    public void imageProgress(ImageReader source, float percentageDone) {
      if (budget.isCancelled()) {
        source.abort();
      }
    }

    @Override
    public void sequenceStarted(ImageReader source, int minIndex) {}

    @Override
    public void sequenceComplete(ImageReader source) {}

    @Override
    public void imageStarted(ImageReader source, int imageIndex) {}

    @Override
    public void imageComplete(ImageReader source) {}

    @Override
    public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

    @Override
    public void thumbnailProgress(ImageReader source, float percentageDone) {}

    @Override
    public void thumbnailComplete(ImageReader source) {}

    @Override
    public void readAborted(ImageReader source) {}
  }
}
