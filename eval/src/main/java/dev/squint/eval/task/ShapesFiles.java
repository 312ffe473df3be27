package dev.squint.eval.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.data.EncodedPictures;
import dev.squint.eval.data.TextFiles;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads SHAPES as n2nmn has it: a query a line, {@code true} or {@code false} a line, and all
 * pictures in one NumPy file, [N, H, W, 3] of bytes, blue first.
 */
final class ShapesFiles {

  private static final Pattern HEADER =
      Pattern.compile(
          "'descr': '\\|u1', 'fortran_order': False, 'shape': \\((\\d+), (\\d+), (\\d+), 3\\)");
  private static final int HEADER_START = 10;

  private ShapesFiles() {}

  /**
   * Reads the rows of a split and stores its pictures.
   *
   * @param queries the file {@code SPLIT.query_str.txt}; the others are beside it
   */
  static List<ObjectNode> rows(Path queries, EncodedPictures pictures) throws IOException {
    String name = String.valueOf(queries.getFileName());
    String split = name.substring(0, name.indexOf(".query_str.txt"));
    List<String> texts = TextFiles.lines(queries);
    List<String> outputs = TextFiles.lines(queries.resolveSibling(split + ".output"));
    List<Picture> images = images(queries.resolveSibling(split + ".input.npy"));
    if (texts.size() != outputs.size() || texts.size() != images.size()) {
      throw new IOException(
          "%s has %d queries, %d answers and %d pictures; take all three files of one split"
              .formatted(split, texts.size(), outputs.size(), images.size()));
    }
    List<ObjectNode> rows = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      String query = texts.get(i).strip();
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      row.put("_picture", pictures.add("%s, %d".formatted(split, i), images.get(i).toPng()));
      row.put("query", query);
      row.put("words", "%d words".formatted(query.split(" ", -1).length));
      row.put("output", outputs.get(i).strip());
      rows.add(row);
    }
    return rows;
  }

  private static List<Picture> images(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.limit() < HEADER_START || bytes.get(1) != 'N' || bytes.get(6) != 1) {
      throw new IOException("%s is no NumPy file of version 1".formatted(file.getFileName()));
    }
    int data = HEADER_START + Short.toUnsignedInt(bytes.getShort(8));
    String header =
        new String(
            bytes.array(),
            HEADER_START,
            Math.min(data, bytes.limit()) - HEADER_START,
            StandardCharsets.ISO_8859_1);
    Matcher shape = HEADER.matcher(header);
    if (!shape.find()) {
      throw new IOException(
          "%s holds no pictures: its header is %s, but bytes [N, H, W, 3] are read"
              .formatted(file.getFileName(), header.strip()));
    }
    int count = Integer.parseInt(shape.group(1));
    int height = Integer.parseInt(shape.group(2));
    int width = Integer.parseInt(shape.group(3));
    if (bytes.limit() - data != 3L * count * height * width) {
      throw new IOException("%s is cut off".formatted(file.getFileName()));
    }
    bytes.position(data);
    List<Picture> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      images.add(image(bytes, height, width));
    }
    return images;
  }

  private static Picture image(ByteBuffer bytes, int height, int width) {
    byte[] rgb = new byte[height * width * 3];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i + 2] = bytes.get();
      rgb[i + 1] = bytes.get();
      rgb[i] = bytes.get();
    }
    return new Picture(width, height, rgb);
  }
}
