package dev.squint.eval.scene;

import java.awt.Shape;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.util.Locale;

/** Shapes. */
enum ShapeKind {
  CIRCLE,
  TRIANGLE,
  RECTANGLE,
  STAR,
  CROSS,
  HEART,
  DIAMOND,
  RING;

  /** Returns the outline with centre (x, y) and radius r. */
  Shape outline(double x, double y, double r) {
    return switch (this) {
      case CIRCLE -> disc(x, y, r);
      case RING -> {
        Area ring = new Area(disc(x, y, r));
        ring.subtract(new Area(disc(x, y, 0.52 * r)));
        yield ring;
      }
      case TRIANGLE -> polygon(x, y - r, x + 0.95 * r, y + 0.8 * r, x - 0.95 * r, y + 0.8 * r);
      case RECTANGLE ->
          polygon(
              x - r, y - 0.65 * r, x + r, y - 0.65 * r, x + r, y + 0.65 * r, x - r, y + 0.65 * r);
      case DIAMOND -> polygon(x, y - r, x + 0.72 * r, y, x, y + r, x - 0.72 * r, y);
      case STAR -> star(x, y, r);
      case CROSS -> {
        Area cross =
            new Area(
                polygon(x - r / 3, y - r, x + r / 3, y - r, x + r / 3, y + r, x - r / 3, y + r));
        cross.add(
            new Area(
                polygon(x - r, y - r / 3, x + r, y - r / 3, x + r, y + r / 3, x - r, y + r / 3)));
        yield cross;
      }
      case HEART -> {
        Area heart = new Area(disc(x - 0.48 * r, y - 0.35 * r, 0.52 * r));
        heart.add(new Area(disc(x + 0.48 * r, y - 0.35 * r, 0.52 * r)));
        heart.add(
            new Area(polygon(x - 0.93 * r, y - 0.12 * r, x + 0.93 * r, y - 0.12 * r, x, y + r)));
        yield heart;
      }
    };
  }

  private static Shape disc(double x, double y, double r) {
    return new Ellipse2D.Double(x - r, y - r, 2 * r, 2 * r);
  }

  private static Shape polygon(double... points) {
    Path2D path = new Path2D.Double();
    path.moveTo(points[0], points[1]);
    for (int i = 2; i < points.length; i += 2) {
      path.lineTo(points[i], points[i + 1]);
    }
    path.closePath();
    return path;
  }

  private static Shape star(double x, double y, double r) {
    double[] points = new double[20];
    for (int i = 0; i < 10; i++) {
      double length = i % 2 == 0 ? r : 0.42 * r;
      points[2 * i] = x + length * Math.sin(i * Math.PI / 5);
      points[2 * i + 1] = y - length * Math.cos(i * Math.PI / 5);
    }
    return polygon(points);
  }

  /** Returns the plural of the name. */
  String plural() {
    return this == CROSS ? "crosses" : this + "s";
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
