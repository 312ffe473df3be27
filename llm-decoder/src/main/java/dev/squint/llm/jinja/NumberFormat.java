package dev.squint.llm.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Floats in the forms {@code f}, {@code e} and {@code g} of C, without sign and padding. */
final class NumberFormat {

  private NumberFormat() {}

  /**
   * A number's digits.
   *
   * @param form {@code f}, {@code e} or {@code g}, in either case
   * @param keepZeros whether {@code g} keeps zeros at the end
   */
  static String of(double value, char form, int precision, boolean keepZeros) {
    String text;
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      text = Double.isNaN(value) ? "nan" : "inf";
    } else {
      BigDecimal exact = new BigDecimal(Math.abs(value));
      text =
          switch (Character.toLowerCase(form)) {
            case 'f' -> exact.setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
            case 'e' -> scientific(exact, precision);
            default -> general(exact, Math.max(1, precision), keepZeros);
          };
    }
    return Character.isUpperCase(form) ? text.toUpperCase(java.util.Locale.ROOT) : text;
  }

  private static String scientific(BigDecimal value, int precision) {
    BigDecimal rounded =
        value.signum() == 0
            ? BigDecimal.ZERO
            : value.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
    String digits = rounded.unscaledValue().toString();
    int exponent = value.signum() == 0 ? 0 : digits.length() - 1 - rounded.scale();
    digits = (digits + "0".repeat(precision + 1)).substring(0, precision + 1);
    return digits.charAt(0)
        + (precision > 0 ? "." + digits.substring(1) : "")
        + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private static String general(BigDecimal value, int precision, boolean keepZeros) {
    String scientific = scientific(value, precision - 1);
    int exponent = Integer.parseInt(scientific.substring(scientific.indexOf('e') + 1));
    if (exponent >= -4 && exponent < precision) {
      String plain =
          value.setScale(precision - 1 - exponent, RoundingMode.HALF_EVEN).toPlainString();
      return keepZeros ? plain : withoutZeros(plain);
    }
    int e = scientific.indexOf('e');
    String mantissa = scientific.substring(0, e);
    return (keepZeros ? mantissa : withoutZeros(mantissa)) + scientific.substring(e);
  }

  private static String withoutZeros(String text) {
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }
}
