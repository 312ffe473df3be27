package dev.squint.vision.picture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A PNG file of 4 x 2 pixels with orientation 6 is 2 x 4, as Pillow reads it. */
class PngOrientationTest {

  private static final int BEHIND_HEADER = 33;
  private static final String EXIF =
      "457869660000" // Exif
          + "49492a0008000000" // header, first directory at 8
          + "0100" // one entry
          + "120103000100000006000000" // orientation, one short, 6
          + "00000000";
  private static final String XMP =
      "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF"
          + " xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description"
          + " xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:Orientation='6'/></rdf:RDF></x:xmpmeta>";
  private static final String DIGITS =
      "\nexif\n      32\n" + EXIF.substring(0, 36) + "\n" + EXIF.substring(36) + "\n";

  @ParameterizedTest
  @CsvSource({
    "eXIf, 2",
    "eXIf with its mark, 2",
    "tEXt, 2",
    "zTXt, 2",
    "iTXt with digits, 2",
    "iTXt, 2",
    "iTXt compressed, 2",
    "zTXt of another profile, 4",
    "zTXt damaged, 4",
    "tEXt with too few lines, 4",
  })
  void anOrientationTurnsThePicture(String where, int width) throws IOException {
    byte[] file = withChunk(chunk(where));

    Picture picture = new PictureReader().read(file, "a.png");

    assertThat(picture.width()).isEqualTo(width);
    assertThat(picture.height()).isEqualTo(8 / width);
  }

  private static byte[] chunk(String where) throws IOException {
    String profile = "Raw profile type exif\0";
    String packet = "XML:com.adobe.xmp\0";
    byte[] exif = HexFormat.of().parseHex(EXIF);
    return switch (where) {
      case "eXIf" -> chunk("eXIf", Arrays.copyOfRange(exif, 6, exif.length));
      case "eXIf with its mark" -> chunk("eXIf", exif);
      case "tEXt" -> chunk("tEXt", bytes(profile + DIGITS));
      case "zTXt" -> chunk("zTXt", joined(bytes(profile + "\0"), deflated(DIGITS)));
      case "iTXt with digits" -> chunk("iTXt", bytes(profile + "\0\0\0\0" + DIGITS));
      case "iTXt" -> chunk("iTXt", bytes(packet + "\0\0en\0\0" + XMP));
      case "iTXt compressed" -> chunk("iTXt", joined(bytes(packet + "\1\0\0\0"), deflated(XMP)));
      case "zTXt of another profile" ->
          chunk("zTXt", joined(bytes("Raw profile type APP1\0\0"), deflated(DIGITS)));
      case "zTXt damaged" -> chunk("zTXt", bytes(profile + "\0not deflated"));
      case "tEXt with too few lines" -> chunk("tEXt", bytes(profile + "\nexif\n"));
      default -> throw new IllegalArgumentException(where);
    };
  }

  private static byte[] withChunk(byte[] chunk) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(4, 2, BufferedImage.TYPE_INT_RGB), "png", png);
    byte[] plain = png.toByteArray();
    return joined(
        Arrays.copyOf(plain, BEHIND_HEADER),
        joined(chunk, Arrays.copyOfRange(plain, BEHIND_HEADER, plain.length)));
  }

  private static byte[] chunk(String type, byte[] content) {
    CRC32 sum = new CRC32();
    sum.update(type.getBytes(US_ASCII));
    sum.update(content);
    return ByteBuffer.allocate(content.length + 12)
        .putInt(content.length)
        .put(type.getBytes(US_ASCII))
        .put(content)
        .putInt((int) sum.getValue())
        .array();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static byte[] deflated(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(bytes)) {
      deflater.write(bytes(text));
    }
    return bytes.toByteArray();
  }

  private static byte[] joined(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }
}
