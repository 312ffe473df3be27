package dev.squint.eval.data;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * Opens text files of data sets: plain or gzip, in UTF-8 or with the byte order mark of UTF-8 or
 * UTF-16. Both are recognized by the first bytes, not by the name.
 */
public final class TextFiles {

  private static final int LONGEST_MARK = 3;

  private TextFiles() {}

  /**
   * Opens a file as text, without its byte order mark.
   *
   * @throws IOException if it cannot be opened; reading throws {@link CharacterCodingException} for
   *     bytes that are not valid in the file's encoding
   */
  public static BufferedReader open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    try {
      PushbackInputStream plain = unzipped(in);
      byte[] start = start(plain, LONGEST_MARK);
      Charset charset = StandardCharsets.UTF_8;
      int mark = 0;
      if (startsWith(start, 0xef, 0xbb, 0xbf)) {
        mark = 3;
      } else if (startsWith(start, 0xff, 0xfe)) {
        charset = StandardCharsets.UTF_16LE;
        mark = 2;
      } else if (startsWith(start, 0xfe, 0xff)) {
        charset = StandardCharsets.UTF_16BE;
        mark = 2;
      }
      plain.skipNBytes(mark);
      return new BufferedReader(
          new InputStreamReader(
              plain,
              charset
                  .newDecoder()
                  .onMalformedInput(CodingErrorAction.REPORT)
                  .onUnmappableCharacter(CodingErrorAction.REPORT)));
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /**
   * Reads all lines of a file.
   *
   * @throws IOException if it cannot be read; the message says why
   */
  public static List<String> lines(Path file) throws IOException {
    try (BufferedReader reader = open(file)) {
      List<String> lines = new ArrayList<>();
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
      return lines;
    } catch (CharacterCodingException e) {
      throw new IOException("the text is not UTF-8; save it as UTF-8", e);
    } catch (EOFException e) {
      throw new IOException("the gzip file is cut off", e);
    }
  }

  private static PushbackInputStream unzipped(InputStream in) throws IOException {
    PushbackInputStream plain = new PushbackInputStream(in, LONGEST_MARK);
    return startsWith(start(plain, 2), 0x1f, 0x8b)
        ? new PushbackInputStream(new GZIPInputStream(plain), LONGEST_MARK)
        : plain;
  }

  /** Returns the first bytes and leaves them in the stream. */
  private static byte[] start(PushbackInputStream in, int length) throws IOException {
    byte[] start = in.readNBytes(length);
    in.unread(start);
    return start;
  }

  private static boolean startsWith(byte[] bytes, int... start) {
    return bytes.length >= start.length
        && Arrays.equals(
            start, IntStream.range(0, start.length).map(i -> bytes[i] & 0xff).toArray());
  }
}
