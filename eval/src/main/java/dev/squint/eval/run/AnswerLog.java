package dev.squint.eval.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answers of a run, {@code answers.jsonl}. Each answer is written to disk immediately. An
 * incomplete last line, left by a killed process, is removed when the log is opened. Of several
 * lines for the same question and plan the last one counts. Thread-safe.
 */
public final class AnswerLog implements AutoCloseable {

  private final Path file;
  private final FileChannel channel;
  private final Map<AnswerLine.Key, AnswerLine> answers = new LinkedHashMap<>();

  private AnswerLog(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens the log in a folder and reads its answers.
   *
   * @throws IllegalArgumentException if a complete line is not an answer
   */
  public static AnswerLog open(Path folder) {
    Path file = folder.resolve("answers.jsonl");
    try {
      Files.createDirectories(folder);
      AnswerLog log =
          new AnswerLog(
              file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
      try {
        log.readAndCut();
      } catch (IOException | RuntimeException e) {
        log.channel.close();
        throw e;
      }
      return log;
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be opened", e);
    }
  }

  private void readAndCut() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int start = 0;
    int number = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        String text = new String(bytes, start, i - start, StandardCharsets.UTF_8);
        AnswerLine line = parse(text, ++number);
        answers.put(line.key(), line);
        start = i + 1;
      }
    }
    channel.truncate(start);
    channel.position(start);
  }

  private AnswerLine parse(String line, int number) {
    try {
      return AnswerLineJson.read(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "line %d of %s is not an answer of a run; choose another folder".formatted(number, file),
          e);
    }
  }

  /** Writes an answer. */
  public synchronized void add(AnswerLine answer) {
    try {
      byte[] line = (AnswerLineJson.write(answer) + "\n").getBytes(StandardCharsets.UTF_8);
      ByteBuffer rest = ByteBuffer.wrap(line);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
    answers.put(answer.key(), answer);
  }

  /** Returns the answer to a question under a plan, or null if the log has none. */
  public synchronized @Nullable AnswerLine find(String set, String plan, String id) {
    return answers.get(new AnswerLine.Key(set, plan, id));
  }

  @Override
  public synchronized void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be closed", e);
    }
  }
}
