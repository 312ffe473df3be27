package dev.squint.webapp;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What a server can be told, under {@code squint} in its configuration. What concerns the model
 * alone is in {@link dev.squint.spring.SquintProperties}, under {@code squint} too.
 *
 * @param apiKey asked for on every route but health; empty for none
 * @param hosts names beside {@code localhost} by which clients may call a server that has no key
 * @param work how much is done at once
 * @param limits what a request may ask for
 * @param remote pictures and clips that the server fetches itself
 */
@ConfigurationProperties("squint")
public record ServerSettings(
    @DefaultValue("") String apiKey,
    @DefaultValue List<String> hosts,
    @DefaultValue Work work,
    @DefaultValue Limits limits,
    @DefaultValue Remote remote) {

  /**
   * How much is done at once.
   *
   * @param answers answers that are generated at the same time
   * @param clipCache bytes of the frames of clips that are remembered
   * @param queue questions that may wait; more are refused with status 429
   * @param deadline from the question to the end of its answer, waiting included
   * @param heartbeat how often a silent stream says that it is alive
   * @param bodyTimeout how long a client may take to send a request
   * @param bodies bytes of all request bodies that are held at once; more are refused with 429
   */
  public record Work(
      @DefaultValue("2") int answers,
      @DefaultValue("128MB") DataSize clipCache,
      @DefaultValue("16") int queue,
      @DefaultValue("60s") Duration deadline,
      @DefaultValue("5s") Duration heartbeat,
      @DefaultValue("20s") Duration bodyTimeout,
      @DefaultValue("128MB") DataSize bodies) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one of them leaves nothing to do
     */
    public Work {
      if (answers < 1 || queue < 0) {
        throw new IllegalArgumentException(
            "squint.work needs answers of at least 1 and a queue of at least 0 but has %d and %d"
                .formatted(answers, queue));
      }
      if (deadline.isNegative() || deadline.isZero() || heartbeat.toMillis() < 1) {
        throw new IllegalArgumentException(
            "squint.work needs a deadline and a heartbeat above 0 but has %s and %s"
                .formatted(deadline, heartbeat));
      }
    }
  }

  /**
   * What a request may ask for. All of it is checked before anything is decoded.
   *
   * @param requestBytes of a request's body
   * @param pixels of all pictures of a request, by their headers; and of all frames of its clips
   * @param pictures pictures and clips of a request
   * @param tiles pieces that the pictures of a request are cut into for the encoder
   * @param messages messages of a conversation
   * @param characters of all texts of a request
   * @param tokens of an answer
   * @param clips videos and animations
   */
  public record Limits(
      @DefaultValue("24MB") DataSize requestBytes,
      @DefaultValue("40000000") long pixels,
      @DefaultValue("8") int pictures,
      @DefaultValue("64") int tiles,
      @DefaultValue("64") int messages,
      @DefaultValue("16000") int characters,
      @DefaultValue("512") int tokens,
      @DefaultValue Clips clips) {}

  /**
   * What the clips of a request may be. All but {@code frames} is checked of each by its header.
   *
   * @param bytes of the file
   * @param length how long it may be
   * @param pixels of a frame
   * @param fileFrames how many frames the file may have
   * @param frames how many frames are looked at, of all clips of a request
   */
  public record Clips(
      @DefaultValue("16MB") DataSize bytes,
      @DefaultValue("10m") Duration length,
      @DefaultValue("8847360") long pixels,
      @DefaultValue("36000") int fileFrames,
      @DefaultValue("64") int frames) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if no clip could be within them
     */
    public Clips {
      if (length.isNegative() || length.isZero() || pixels < 1 || fileFrames < 1 || frames < 1) {
        throw new IllegalArgumentException(
            "squint.limits.clips needs a length, pixels, file-frames and frames above 0 but has %s, %d, %d and %d"
                .formatted(length, pixels, fileFrames, frames));
      }
    }
  }

  /**
   * Pictures and clips that the server fetches itself. None by default.
   *
   * @param hosts names of the hosts that it may fetch from, over HTTPS
   * @param bytes of one picture; those of a clip stand in the limits
   * @param timeout from the request for a picture to its last byte
   * @param clipTimeout the same for a clip
   */
  public record Remote(
      @DefaultValue List<String> hosts,
      @DefaultValue("8MB") DataSize bytes,
      @DefaultValue("5s") Duration timeout,
      @DefaultValue("30s") Duration clipTimeout) {

    private static final Pattern NAME = Pattern.compile("([a-z0-9-]+\\.)*[a-z][a-z0-9-]*");

    /**
     * Checks the names.
     *
     * @throws IllegalArgumentException if one of them is not a host's name, but an address
     */
    public Remote {
      hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
      for (String host : hosts) {
        if (!NAME.matcher(host).matches()) {
          throw new IllegalArgumentException(
              "squint.remote.hosts holds names such as images.example.org, not '%s'"
                  .formatted(host));
        }
      }
    }
  }
}
