package dev.squint.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.vision.Fixtures;
import dev.squint.vision.format.FileFormat;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of docs/pictures.md, a file for each trait of each format. {@code
 * samples/fixtures/traits.py} makes them with Pillow's pixels; those of HEIC and AVIF are what was
 * written.
 */
class TraitsTest {

  private static final JsonNode EXPECTED = Fixtures.json("traits/expected.json");

  private final PictureReader reader = new PictureReader();

  static Stream<String> everyTrait() {
    return EXPECTED.properties().stream().map(Map.Entry::getKey);
  }

  static Stream<String> transparent() {
    return everyTrait().filter(name -> EXPECTED.get(name).has("white"));
  }

  @ParameterizedTest
  @MethodSource("everyTrait")
  void hasThePixelsOfPillow(String name) {
    Picture read = reader.read(Fixtures.bytes("traits/" + name), name);
    JsonNode expected = EXPECTED.get(name);
    assertThat(Fixtures.difference(read, Fixtures.picture(expected.get("plain"))))
        .isLessThanOrEqualTo(expected.get("tolerance").intValue());
    assertThat(reader.size(Fixtures.bytes("traits/" + name), name)).isEqualTo(Dimensions.of(read));
  }

  @ParameterizedTest
  @MethodSource("transparent")
  void onWhite_hasThePixelsOfPillow(String name) {
    Picture read = reader.withBackground(0xffffff).read(Fixtures.bytes("traits/" + name), name);
    JsonNode expected = EXPECTED.get(name);
    assertThat(Fixtures.difference(read, Fixtures.picture(expected.get("white"))))
        .isLessThanOrEqualTo(expected.get("tolerance").intValue());
  }

  @ParameterizedTest
  @MethodSource("everyTrait")
  void cutOff_isRefusedUnlessAllPixelsAreThere(String name) {
    byte[] file = Fixtures.bytes("traits/" + name);
    byte[] half = Arrays.copyOf(file, file.length / 2);
    // The second of two pictures that are joined.
    if (name.equals("behind-its-end.jpg")) {
      return;
    }
    assertThatThrownBy(() -> reader.read(half, name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(name + " is ")
        .hasMessageContaining("damaged");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\\xff\\x0a\\xfa\\x00 | a JPEG XL",
        "\\0\\0\\0\\x0cJXL \\r\\n\\x87\\n | a JPEG XL",
        "\\0\\0\\0\\x0cjP  \\r\\n\\x87\\n | a JPEG 2000",
        "<?xml version='1.0'?><!-- x --><!DOCTYPE svg [<!ENTITY a 'b'>]><svg> | an SVG",
        "\\xef\\xbb\\xbf<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/> | an SVG",
        "%PDF-1.7 | a PDF",
        "rubbish %PDF-1.7 | a PDF",
        "FUJIFILMCCD-RAW | a camera raw",
        "II*\\0\\x10\\0\\0\\0CR\\x02\\0\\0\\0 | a camera raw",
        "\\0\\0\\0\\x18ftypcrx \\0\\0\\0\\x01crx isom | a camera raw",
        "II+\\0\\x08\\0\\0\\0 | a BigTIFF",
        "8BPS\\0\\x01 | a Photoshop",
        "\\0\\0\\x01\\0\\x01\\0\\x10\\x10\\0\\0 | an icon",
        "v/1\\x01 | an OpenEXR",
        "P6 4 4 255 | a PNM"
      })
  void otherFormats_areRefusedByName(String start, String said) {
    byte[] file = bytes(start);
    assertThatThrownBy(() -> reader.read(file, "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a is " + said + " file, which is not read; ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<html><svg></svg></html> | UNKNOWN",
        "a letter about NETSCAPE2.0 and acTL and ANIM | UNKNOWN",
        "BM is a word | UNKNOWN",
        "\\0\\0\\0\\x18ftypheic\\0\\0\\0\\0mif1heic | HEIF",
        "\\0\\0\\0\\x1cftypmif1\\0\\0\\0\\0mif1avifmiaf | AVIF",
        "\\0\\0\\0\\x18ftypisom\\0\\0\\0\\0isomiso2 | MP4",
        "\\0\\0\\0\\x18ftypnew1\\0\\0\\0\\0isomiso2 | MP4",
        "\\x1aE\\xdf\\xa3 | MATROSKA",
        "RIFFxxxxAVI LIST | AVI",
        "RIFFxxxxWAVE | UNKNOWN"
      })
  void formatsAreFoundByStructure(String start, FileFormat format) {
    assertThat(FileFormat.of(bytes(start))).isEqualTo(format);
  }

  /** Text with escapes: {@code \xNN}, {@code \0}, {@code \r} and {@code \n}. */
  private static byte[] bytes(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      if (letter != '\\') {
        plain.append(letter);
        continue;
      }
      char kind = text.charAt(++i);
      switch (kind) {
        case 'x' -> {
          plain.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
          i += 2;
        }
        case 'r' -> plain.append('\r');
        case 'n' -> plain.append('\n');
        default -> plain.append('\0');
      }
    }
    return plain.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
