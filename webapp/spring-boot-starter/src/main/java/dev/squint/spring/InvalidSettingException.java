package dev.squint.spring;

/** An invalid setting of {@link SquintProperties}. */
public final class InvalidSettingException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final String advice;

  /**
   * Makes the exception.
   *
   * @param setting its name
   * @param value its value
   * @param advice what to do
   * @param cause the reason
   */
  InvalidSettingException(String setting, String value, String advice, Throwable cause) {
    super("%s is '%s': %s".formatted(setting, value, cause.getMessage()), cause);
    this.advice = advice;
  }

  /** An error about a setting of {@link SquintProperties} or of an application's own. */
  public static InvalidSettingException of(
      String setting, String value, String advice, Throwable cause) {
    return new InvalidSettingException(setting, value, advice, cause);
  }

  /** What to do. */
  public String advice() {
    return advice;
  }
}
