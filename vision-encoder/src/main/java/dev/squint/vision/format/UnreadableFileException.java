package dev.squint.vision.format;

/**
 * A file of a kind that is read, but damaged, cut off or without a picture; files of other kinds
 * and files beyond a limit are refused by {@link IllegalArgumentException} itself.
 */
public final class UnreadableFileException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  /** Why it cannot be read. */
  public enum Reason {
    /** Damaged, or shorter than its structure says. */
    DAMAGED,
    /** Sound, but there is no picture in it: nothing, or a track without a frame. */
    EMPTY
  }

  private final Reason reason;

  private UnreadableFileException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Makes the exception for a file that is damaged or cut off. */
  public static UnreadableFileException damaged(String message) {
    return new UnreadableFileException(Reason.DAMAGED, message);
  }

  /** Makes the exception for a sound file without a picture. */
  public static UnreadableFileException empty(String message) {
    return new UnreadableFileException(Reason.EMPTY, message);
  }

  /** Why the file cannot be read. */
  public Reason reason() {
    return reason;
  }
}
