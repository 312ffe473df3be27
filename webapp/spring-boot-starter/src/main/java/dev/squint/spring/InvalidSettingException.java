package dev.squint.spring;

/** A setting of {@link SquintProperties} with which no model can be loaded. */
public final class InvalidSettingException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final String advice;

  /**
   * Names the setting.
   *
   * @param setting its name
   * @param value what it was set to
   * @param advice what to do
   * @param cause says what is wrong
   */
  InvalidSettingException(String setting, String value, String advice, Throwable cause) {
    super("%s is '%s': %s".formatted(setting, value, cause.getMessage()), cause);
    this.advice = advice;
  }

  /** What to do about it. */
  public String advice() {
    return advice;
  }
}
