package dev.squint.webapp.openai;

import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.http.Refusal;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Reads pictures from the addresses in a request: data URLs, and others where that is allowed. */
@Component
final class PictureUrls {

  private static final String FRAMES = "data:video/jpeg;base64,";

  private final RemotePictures remote;

  PictureUrls(ServerSettings settings) {
    this.remote = RemotePictures.of(settings.remote());
  }

  /**
   * The file at an address.
   *
   * @param param what in the request holds the address
   */
  Mono<byte[]> read(String url, String param) {
    return isData(url) ? Mono.fromSupplier(() -> data(url, param)) : remote.read(url, param);
  }

  /**
   * The frames of a clip that is written as JPEG files, separated by commas.
   *
   * @param most more are refused before one of them is decoded
   */
  static List<byte[]> frames(String url, String param, int most) {
    if (!url.regionMatches(true, 0, FRAMES, 0, FRAMES.length())) {
      throw new Refusal(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          "video_not_supported",
          param,
          "video files are not read; send up to %d frames as %sFRAME,FRAME,... or as image_url parts"
              .formatted(most, FRAMES));
    }
    String list = url.substring(FRAMES.length());
    long count = 1 + list.chars().filter(c -> c == ',').count();
    if (count > most) {
      throw Refusal.tooLarge(
          "too_many_pictures",
          param,
          "%d frames; a request may have %d pictures or frames".formatted(count, most));
    }
    List<byte[]> frames = new ArrayList<>();
    for (String frame : list.split(",", -1)) {
      frames.add(decode(frame, param));
    }
    return frames;
  }

  private static boolean isData(String url) {
    return url.regionMatches(true, 0, "data:", 0, 5);
  }

  private static byte[] data(String url, String param) {
    int comma = url.indexOf(',');
    if (comma < 0 || !url.substring(0, comma).toLowerCase(Locale.ROOT).endsWith(";base64")) {
      throw Refusal.invalid(
          param, "a data URL must read data:image/TYPE;base64,DATA; other encodings are not read");
    }
    return decode(url.substring(comma + 1), param);
  }

  private static byte[] decode(String base64, String param) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalid(param, "the data of the URL is not base64: " + e.getMessage());
    }
  }
}
