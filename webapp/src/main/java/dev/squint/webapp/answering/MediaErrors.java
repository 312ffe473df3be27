package dev.squint.webapp.answering;

import dev.squint.vision.format.UnreadableFileException;
import dev.squint.webapp.answering.Turn.Part.Media;
import dev.squint.webapp.http.ApiException;
import org.springframework.http.HttpStatus;

/** Errors about pictures and clips that cannot be read. */
final class MediaErrors {

  private MediaErrors() {}

  /**
   * Makes an error: {@code damaged_} or {@code empty_} and the kind with 400, if the file is of a
   * kind that is read, otherwise {@code unsupported_} with 415.
   *
   * @param kind picture or clip
   */
  static ApiException of(IllegalArgumentException cause, String kind, Media file) {
    String message = String.valueOf(cause.getMessage());
    if (!(cause instanceof UnreadableFileException unreadable)) {
      return new ApiException(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_" + kind, file.param(), message);
    }
    String code =
        switch (unreadable.reason()) {
          case DAMAGED -> "damaged_" + kind;
          case EMPTY -> "empty_" + kind;
        };
    return new ApiException(HttpStatus.BAD_REQUEST, code, file.param(), message);
  }
}
