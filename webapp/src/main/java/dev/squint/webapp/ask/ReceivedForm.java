package dev.squint.webapp.ask;

import dev.squint.webapp.http.ApiException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.http.codec.multipart.FormFieldPart;
import org.springframework.http.codec.multipart.Part;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The fields of a received form.
 *
 * @param parts parts by name
 */
record ReceivedForm(MultiValueMap<String, Part> parts) {

  private static final int LONGEST_NAME = 80;

  /** The text of a field, or null if the form has no such field. */
  @Nullable String text(String name) {
    List<Part> found = parts.getOrDefault(name, List.of());
    if (found.isEmpty()) {
      return null;
    }
    if (found.size() > 1 || !(found.get(0) instanceof FormFieldPart field)) {
      throw ApiException.invalid(name, "'%s' is one text field of the form".formatted(name));
    }
    return field.value().isBlank() ? null : field.value();
  }

  /** The number in a field, or null if the form has no such field. */
  @Nullable Integer number(String name) {
    String text = text(name);
    try {
      return text == null ? null : Integer.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw ApiException.invalid(name, "'%s' must be a whole number".formatted(name));
    }
  }

  /** The number in a field, or null if the form has no such field. */
  @Nullable Long whole(String name) {
    String text = text(name);
    try {
      return text == null ? null : Long.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw ApiException.invalid(name, "'%s' must be a whole number of 64 bits".formatted(name));
    }
  }

  /** Whether a field is true; false if the form has no such field. */
  boolean flag(String name) {
    String text = text(name);
    if (text == null) {
      return false;
    }
    return switch (text.strip()) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw ApiException.invalid(
              name, "'%s' must be true or false but was '%s'".formatted(name, visible(text)));
    };
  }

  /** Refuses unknown fields, which are mostly misspelt. */
  void refuseOthersThan(Set<String> names) {
    for (String name : parts.keySet()) {
      if (!names.contains(name)) {
        throw new ApiException(
            HttpStatus.BAD_REQUEST,
            "unknown_field",
            visible(name),
            "the form has the unknown field '%s'; known are %s"
                .formatted(visible(name), String.join(", ", names)));
      }
    }
  }

  /** The number in a field, or null if the form has no such field. */
  @Nullable Double decimal(String name) {
    String text = text(name);
    try {
      return text == null ? null : Double.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw ApiException.invalid(name, "'%s' must be a number".formatted(name));
    }
  }

  /**
   * A received file.
   *
   * @param param the field with the file's index
   * @param name the same with the file name
   */
  record SentFile(String param, String name, byte[] content) {}

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
          ApiException.invalid(param, "this field takes files: give each part a file name"));
    }
    String name = "%s (%s)".formatted(param, visible(file.filename()));
    return DataBufferUtils.join(file.content())
        .map(ReceivedForm::bytes)
        .defaultIfEmpty(new byte[0])
        .map(
            bytes -> {
              if (bytes.length == 0) {
                throw new ApiException(
                    HttpStatus.BAD_REQUEST,
                    "empty_file",
                    param,
                    "%s is an empty file: send its content, or omit the field".formatted(name));
              }
              return new SentFile(param, name, bytes);
            });
  }

  private static byte[] bytes(DataBuffer buffer) {
    byte[] bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    DataBufferUtils.release(buffer);
    return bytes;
  }

  /** The name as it is shown in messages. */
  private static String visible(String name) {
    String line = name.replaceAll("\\p{Cntrl}", " ").strip();
    return line.length() <= LONGEST_NAME ? line : line.substring(0, LONGEST_NAME) + "...";
  }
}
