package dev.squint.webapp.openai;

import dev.squint.vision.io.DataUrl;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.http.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Reads pictures and clips from data URLs, and from https URLs of allowed hosts. */
@Component
final class MediaUrls {

  private static final String FRAMES = "data:video/jpeg;base64,";

  private final RemoteFiles remote;
  private final RemoteFiles.Kind pictures;
  private final RemoteFiles.Kind clips;

  MediaUrls(ServerSettings settings) {
    this.remote = RemoteFiles.of(settings.remote());
    this.pictures =
        new RemoteFiles.Kind(
            "picture",
            settings.remote().bytes().toBytes(),
            "picture_too_large",
            settings.remote().timeout());
    this.clips =
        new RemoteFiles.Kind(
            "clip",
            settings.limits().clips().bytes().toBytes(),
            "clip_too_large",
            settings.remote().clipTimeout());
  }

  /**
   * The file at the address of a picture.
   *
   * @param param the field of the request that has the address
   */
  Mono<byte[]> picture(String url, String param) {
    return read(url, param, pictures);
  }

  /**
   * The file at the address of a clip.
   *
   * @param param the field of the request that has the address
   */
  Mono<byte[]> clip(String url, String param) {
    return read(url, param, clips);
  }

  private Mono<byte[]> read(String url, String param, RemoteFiles.Kind kind) {
    return DataUrl.isData(url)
        ? Mono.fromSupplier(() -> data(param, () -> DataUrl.decode(url)))
        : remote.read(url, param, kind);
  }

  /** The bytes of a text in base64. */
  static byte[] base64(String text, String param) {
    return data(param, () -> DataUrl.base64(text));
  }

  private static byte[] data(String param, Supplier<byte[]> decoded) {
    try {
      return decoded.get();
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid(param, String.valueOf(e.getMessage()));
    }
  }

  /** Whether a URL is a list of JPEG files, separated by commas. */
  static boolean isFrames(String url) {
    return url.regionMatches(true, 0, FRAMES, 0, FRAMES.length());
  }

  /**
   * The frames of a clip that is a list of JPEG files, separated by commas.
   *
   * @param most limit of the frames; more are refused before one is decoded
   */
  static List<byte[]> frames(String url, String param, int most) {
    String list = url.substring(FRAMES.length());
    long count = 1 + list.chars().filter(c -> c == ',').count();
    if (count > most) {
      throw ApiException.tooLarge(
          "too_many_frames",
          param,
          "the clip has %d frames; a request may use %d: send fewer".formatted(count, most));
    }
    List<byte[]> frames = new ArrayList<>();
    for (String frame : list.split(",", -1)) {
      frames.add(data(param, () -> DataUrl.decode("data:;base64," + frame)));
    }
    return frames;
  }
}
