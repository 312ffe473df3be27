package dev.squint.webapp.ask;

import dev.squint.webapp.http.Refusal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.http.codec.multipart.FormFieldPart;
import org.springframework.http.codec.multipart.Part;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The fields of a form that was sent.
 *
 * @param parts as they were received
 */
record Form(MultiValueMap<String, Part> parts) {

  private static final int LONGEST_NAME = 80;

  /** The text of a field, or null if the form has none of this name. */
  @Nullable String text(String name) {
    List<Part> found = parts.getOrDefault(name, List.of());
    if (found.isEmpty()) {
      return null;
    }
    if (found.size() > 1 || !(found.get(0) instanceof FormFieldPart field)) {
      throw Refusal.invalid(name, "'%s' is one text field of the form".formatted(name));
    }
    return field.value().isBlank() ? null : field.value();
  }

  /** The number in a field, or null if the form has none of this name. */
  @Nullable Integer number(String name) {
    String text = text(name);
    try {
      return text == null ? null : Integer.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw Refusal.invalid(name, "'%s' must be a whole number".formatted(name));
    }
  }

  /** The number in a field, or null if the form has none of this name. */
  @Nullable Double decimal(String name) {
    String text = text(name);
    try {
      return text == null ? null : Double.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw Refusal.invalid(name, "'%s' must be a number".formatted(name));
    }
  }

  /** A file that was sent. */
  record SentFile(String name, byte[] content) {}

  /** The files of this name, in order. */
  Mono<List<SentFile>> files(String name) {
    List<Part> found = parts.getOrDefault(name, List.of());
    return Flux.range(0, found.size())
        .concatMap(i -> file(found.get(i), "%s[%d]".formatted(name, i)))
        .collectList();
  }

  private static Mono<SentFile> file(Part part, String param) {
    if (!(part instanceof FilePart file)) {
      return Mono.error(
          Refusal.invalid(param, "this field holds files, not texts: give each a file name"));
    }
    String name = "%s (%s)".formatted(param, visible(file.filename()));
    return DataBufferUtils.join(file.content())
        .map(Form::bytes)
        .defaultIfEmpty(new byte[0])
        .map(bytes -> new SentFile(name, bytes));
  }

  private static byte[] bytes(DataBuffer buffer) {
    byte[] bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    DataBufferUtils.release(buffer);
    return bytes;
  }

  /** The name is only ever shown. */
  private static String visible(String name) {
    String line = name.replaceAll("\\p{Cntrl}", " ").strip();
    return line.length() <= LONGEST_NAME ? line : line.substring(0, LONGEST_NAME) + "...";
  }
}
