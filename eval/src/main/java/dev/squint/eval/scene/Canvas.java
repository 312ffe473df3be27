package dev.squint.eval.scene;

import dev.squint.eval.data.Box;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Collection;

/** A grey picture to draw on. */
final class Canvas {

  private final BufferedImage image;
  private final Graphics2D pen;
  private final int ground;

  private Canvas(int width, int height, int ground) {
    this.ground = ground;
    image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    pen = image.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    pen.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    pen.setColor(new Color(ground, ground, ground));
    pen.fillRect(0, 0, width, height);
  }

  /**
   * Returns a random grey that all these colours stand out from, or a default grey if none is
   * found.
   */
  static int ground(Dice dice, Collection<Colour> used) {
    for (int tries = 0; tries < 200; tries++) {
      int grey = dice.chance(0.7) ? dice.between(180, 255) : dice.between(0, 200);
      if (used.stream().allMatch(colour -> colour.standsOutFrom(grey))) {
        return grey;
      }
    }
    return used.contains(Colour.WHITE) ? 200 : 255;
  }

  /** Creates a canvas with one grey. */
  static Canvas of(int width, int height, int ground) {
    return new Canvas(width, height, ground);
  }

  /** Fills a shape and returns its bounding box. */
  Box fill(Shape shape, Color colour, int frame) {
    pen.setColor(colour);
    pen.fill(shape);
    return box(shape.getBounds2D(), frame);
  }

  /** Returns the visible part of a rectangle as a box. */
  Box box(Rectangle2D bounds, int frame) {
    return new Box(
        frame,
        Math.max(0, Math.floor(bounds.getMinX())),
        Math.max(0, Math.floor(bounds.getMinY())),
        Math.min(image.getWidth(), Math.ceil(bounds.getMaxX())),
        Math.min(image.getHeight(), Math.ceil(bounds.getMaxY())));
  }

  /** Returns the graphics object for other drawing. */
  Graphics2D pen() {
    return pen;
  }

  /** Returns black or white, whichever is readable on the background. */
  Color ink() {
    return ground > 127 ? Color.BLACK : Color.WHITE;
  }

  /** Returns the finished picture. */
  BufferedImage finished() {
    pen.dispose();
    return image;
  }
}
