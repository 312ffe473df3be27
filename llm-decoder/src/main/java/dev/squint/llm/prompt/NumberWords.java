package dev.squint.llm.prompt;

import java.util.List;

/** Numbers in English words, as Python's num2words writes them. */
final class NumberWords {

  private static final List<String> SMALL =
      List.of(
          "zero",
          "one",
          "two",
          "three",
          "four",
          "five",
          "six",
          "seven",
          "eight",
          "nine",
          "ten",
          "eleven",
          "twelve",
          "thirteen",
          "fourteen",
          "fifteen",
          "sixteen",
          "seventeen",
          "eighteen",
          "nineteen");

  private static final List<String> TENS =
      List.of("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");

  private NumberWords() {}

  /** A number from 0 to 999. */
  static String of(int number) {
    if (number < 0 || number > 999) {
      throw new IllegalArgumentException("numbers from 0 to 999 have words but was " + number);
    }
    if (number < 20) {
      return SMALL.get(number);
    }
    if (number < 100) {
      String tens = TENS.get(number / 10);
      return number % 10 == 0 ? tens : tens + "-" + SMALL.get(number % 10);
    }
    String hundreds = SMALL.get(number / 100) + " hundred";
    return number % 100 == 0 ? hundreds : hundreds + " and " + of(number % 100);
  }
}
