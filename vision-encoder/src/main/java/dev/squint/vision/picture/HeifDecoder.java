package dev.squint.vision.picture;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.Extent;
import dev.squint.vision.format.HeifStructure;
import dev.squint.vision.format.HeifStructure.Coded;
import dev.squint.vision.format.HeifStructure.Tile;
import dev.squint.vision.format.HeifStructure.Transform;
import dev.squint.vision.io.JavaCppLog;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the coded pictures of HEIF and AVIF files with FFmpeg's HEVC and AV1 decoders, and puts
 * tiles together. It asks between tiles whether to stop.
 */
final class HeifDecoder {

  /** What a decoder may add to the sides that a file declares. */
  private static final int PADDING = 64;

  private static final int OPAQUE = 0xff;

  static {
    JavaCppLog.toSlf4j();
  }

  private final ByteSource bytes;
  private final String name;
  private final DecodeBudget budget;

  private HeifDecoder(byte[] encoded, String name, DecodeBudget budget) {
    this.bytes = ByteSource.of(encoded);
    this.name = name;
    this.budget = budget;
  }

  /** The picture as it is shown, transforms applied; null if it is damaged or cut off. */
  static @Nullable DecodedPixels decode(
      byte[] encoded, HeifStructure heif, boolean withAlpha, String name, DecodeBudget budget) {
    HeifDecoder decoder = new HeifDecoder(encoded, name, budget);
    Picture colours = decoder.assembled(heif.colours());
    if (colours == null) {
      return null;
    }
    Picture alpha =
        withAlpha && heif.alpha().isPresent() ? decoder.assembled(heif.alpha().get()) : null;
    boolean fits =
        alpha != null && alpha.width() == colours.width() && alpha.height() == colours.height();
    for (Transform transform : heif.transforms()) {
      colours = transformed(colours, transform);
      alpha = alpha == null ? null : transformed(alpha, transform);
    }
    return new DecodedPixels(colours, fits && alpha != null ? firstOfEach(alpha) : null);
  }

  private @Nullable Picture assembled(Coded coded) {
    List<Tile> tiles = coded.tiles();
    if (!coded.type().equals("grid")) {
      return decoded(tiles.get(0));
    }
    byte[] rgb = new byte[Picture.arrayLength(coded.width(), coded.height())];
    int tileWidth = 0;
    int tileHeight = 0;
    for (int i = 0; i < tiles.size(); i++) {
      Picture tile = decoded(tiles.get(i));
      if (tile == null) {
        return null;
      }
      if (i == 0) {
        tileWidth = tile.width();
        tileHeight = tile.height();
        int rows = tiles.size() / coded.columns();
        if ((long) tileWidth * coded.columns() < coded.width()
            || (long) tileHeight * rows < coded.height()) {
          return null;
        }
      } else if (tile.width() != tileWidth || tile.height() != tileHeight) {
        return null;
      }
      paste(
          tile,
          rgb,
          coded.width(),
          coded.height(),
          i % coded.columns() * tileWidth,
          i / coded.columns() * tileHeight);
    }
    return new Picture(coded.width(), coded.height(), rgb);
  }

  private static void paste(Picture tile, byte[] rgb, int width, int height, int left, int top) {
    int columns = Math.min(tile.width(), width - left);
    for (int y = 0; y < Math.min(tile.height(), height - top) && columns > 0; y++) {
      System.arraycopy(
          tile.rgb(), 3 * y * tile.width(), rgb, 3 * ((top + y) * width + left), 3 * columns);
    }
  }

  private static byte[] firstOfEach(Picture grey) {
    byte[] alpha = new byte[grey.width() * grey.height()];
    for (int pixel = 0; pixel < alpha.length; pixel++) {
      alpha[pixel] = (byte) (grey.rgb()[3 * pixel] & OPAQUE);
    }
    return alpha;
  }

  private static Picture transformed(Picture picture, Transform transform) {
    if (transform instanceof Transform.Turn turn) {
      return picture.turned((360 - turn.anticlockwise()) % 360);
    }
    if (transform instanceof Transform.Mirror mirror) {
      return Orientation.upright(picture, mirror.leftAndRight() ? 2 : 4);
    }
    Transform.Crop crop = (Transform.Crop) transform;
    int left = (int) Math.round((picture.width() - crop.width()) / 2.0 + crop.right());
    int top = (int) Math.round((picture.height() - crop.height()) / 2.0 + crop.down());
    return picture.crop(left, top, crop.width(), crop.height());
  }

  private @Nullable Picture decoded(Tile tile) {
    budget.checkCancelled(name);
    AVCodec codec =
        tile.av1()
            ? avcodec.avcodec_find_decoder_by_name("libaom-av1")
            : avcodec.avcodec_find_decoder(avcodec.AV_CODEC_ID_HEVC);
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    AVCodecContext decoder = avcodec.avcodec_alloc_context3(codec);
    AVPacket packet = avcodec.av_packet_alloc();
    AVFrame frame = avutil.av_frame_alloc();
    AVFrame full = null;
    long maxPixels = (long) (tile.width() + PADDING) * (tile.height() + PADDING);
    try (FrameConverter converter = new FrameConverter(name, maxPixels)) {
      decoder.max_pixels(maxPixels);
      decoder.thread_count(1);
      setExtraData(decoder, bytes.copy(tile.configuration().at(), tile.configuration().length()));
      if (avcodec.avcodec_open2(decoder, codec, (PointerPointer<?>) null) < 0
          || !fill(packet, tile)
          || avcodec.avcodec_send_packet(decoder, packet) < 0) {
        return null;
      }
      avcodec.avcodec_send_packet(decoder, null);
      if (avcodec.avcodec_receive_frame(decoder, frame) < 0
          || frame.width() != tile.width()
          || frame.height() != tile.height()
          || frame.decode_error_flags() != 0) {
        return null;
      }
      if (tile.matrix() > 0) {
        frame.colorspace(tile.matrix());
      }
      if (tile.matrix() >= 0) {
        frame.color_range(tile.fullRange() ? avutil.AVCOL_RANGE_JPEG : avutil.AVCOL_RANGE_MPEG);
      }
      full = ChromaUpsampling.of(frame);
      return converter.picture(full == null ? frame : full, frame.width());
    } finally {
      if (full != null) {
        avutil.av_frame_free(full);
      }
      avutil.av_frame_free(frame);
      avcodec.av_packet_free(packet);
      avcodec.avcodec_free_context(decoder);
    }
  }

  private static void setExtraData(AVCodecContext decoder, byte[] configuration) {
    BytePointer copy =
        new BytePointer(
            avutil.av_mallocz(configuration.length + avcodec.AV_INPUT_BUFFER_PADDING_SIZE));
    copy.put(configuration, 0, configuration.length);
    // The context frees it.
    decoder.extradata(copy);
    decoder.extradata_size(configuration.length);
  }

  /** Copies the data of a tile; false if the file does not hold all of them. */
  private boolean fill(AVPacket packet, Tile tile) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    long expected = 0;
    for (Extent part : tile.data()) {
      expected += part.length();
      if (part.at() + part.length() > bytes.length() || expected > bytes.length()) {
        return false;
      }
      data.writeBytes(bytes.copy(part.at(), part.length()));
    }
    if (data.size() == 0 || avcodec.av_new_packet(packet, data.size()) < 0) {
      return false;
    }
    packet.data().capacity(data.size()).put(data.toByteArray(), 0, data.size());
    packet.flags(packet.flags() | avcodec.AV_PKT_FLAG_KEY);
    return true;
  }
}
