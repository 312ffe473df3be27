package dev.squint.eval.scene;

import java.awt.Color;
import java.util.Locale;

/** Colours with unambiguous names. */
enum Colour {
  BLACK(0, 0, 0),
  GRAY(128, 128, 128),
  RED(220, 20, 20),
  BLUE(20, 40, 220),
  GREEN(20, 150, 30),
  YELLOW(250, 220, 20),
  TEAL(0, 140, 140),
  BROWN(140, 70, 20),
  ORANGE(255, 140, 0),
  PURPLE(130, 20, 160),
  PINK(255, 130, 190),
  WHITE(255, 255, 255);

  private static final double APART = 75;

  private final int red;
  private final int green;
  private final int blue;

  Colour(int red, int green, int blue) {
    this.red = red;
    this.green = green;
    this.blue = blue;
  }

  /** Returns a random shade with the same name. */
  Color shade(Dice dice) {
    if (red == green && green == blue) {
      int grey = near(red, dice); // A tinted grey would have another name.
      return new Color(grey, grey, grey);
    }
    return new Color(near(red, dice), near(green, dice), near(blue, dice));
  }

  private static int near(int value, Dice dice) {
    return Math.max(0, Math.min(255, value + dice.between(-14, 14)));
  }

  /** Whether the colour is visible on a background of this grey. */
  boolean standsOutFrom(int grey) {
    double r = red - grey;
    double g = green - grey;
    double b = blue - grey;
    return Math.sqrt(r * r + g * g + b * b) > APART;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
