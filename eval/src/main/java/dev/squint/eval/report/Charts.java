package dev.squint.eval.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.w3c.dom.Document;

/** Draws charts as SVG. */
final class Charts {

  private static final int WIDTH = 860;
  private static final int LEAST_HEIGHT = 420;
  private static final int LONGEST_LABEL = 52;

  /** Height of a legend entry, and of title and margins, in pixels. */
  private static final int ENTRY = 30;

  private static final int AROUND_LEGEND = 60;
  private static final Color FRONT = new Color(150, 150, 150);

  /** Marker shapes; the first for the plans of the first cycle of colours, and so on. */
  private static final List<Marker> MARKERS =
      List.of(
          SeriesMarkers.CIRCLE,
          SeriesMarkers.DIAMOND,
          SeriesMarkers.SQUARE,
          SeriesMarkers.TRIANGLE_UP);

  /** Okabe and Ito's colours, which are distinguishable with colour blindness, and three more. */
  private static final List<Color> COLOURS =
      List.of(
          new Color(0x000000),
          new Color(0xE69F00),
          new Color(0x56B4E9),
          new Color(0x009E73),
          new Color(0x999999),
          new Color(0xD55E00),
          new Color(0x0072B2),
          new Color(0xCC79A7),
          new Color(0x7F3C8D),
          new Color(0xA5AA00));

  private Charts() {}

  /**
   * A plan in a scatter chart.
   *
   * @param name name of the plan
   * @param cost cost on the x axis; less is better
   * @param accuracy in per cent
   * @param error half the width of its 95 % interval
   */
  record PlanPoint(String name, double cost, double accuracy, double error) {}

  /** Draws accuracy against a cost, with a line through the Pareto-optimal plans. */
  static String scatter(String title, String cost, List<PlanPoint> places) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(height(places.size() + 1))
            .title(title)
            .xAxisTitle(cost)
            .yAxisTitle("accuracy, %")
            .build();
    style(chart.getStyler());
    List<PlanPoint> front = front(places);
    if (front.size() > 1) {
      XYSeries line =
          chart.addSeries(
              "Pareto front",
              front.stream().map(PlanPoint::cost).toList(),
              front.stream().map(PlanPoint::accuracy).toList());
      line.setMarker(SeriesMarkers.NONE);
      line.setLineColor(FRONT);
    }
    for (int i = 0; i < places.size(); i++) {
      PlanPoint place = places.get(i);
      XYSeries dot =
          chart.addSeries(
              label(place.name(), i),
              List.of(place.cost()),
              List.of(place.accuracy()),
              List.of(place.error()));
      dot.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
      dot.setMarker(MARKERS.get(i / COLOURS.size() % MARKERS.size()));
      dot.setMarkerColor(colour(i));
    }
    return svg(chart);
  }

  /** Draws accuracy against the share of visual tokens, a line for each method. */
  static String curves(String title, List<BudgetCurves.Curve> curves, double unpruned) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(height(curves.size() + 1))
            .title(title)
            .xAxisTitle("visual tokens, % of all")
            .yAxisTitle("accuracy, %")
            .build();
    style(chart.getStyler());
    XYSeries all = chart.addSeries("all tokens", List.of(0.0, 100.0), List.of(unpruned, unpruned));
    all.setMarker(SeriesMarkers.NONE);
    all.setLineColor(FRONT);
    for (int i = 0; i < curves.size(); i++) {
      XYSeries line =
          chart.addSeries(
              label(curves.get(i).method(), i),
              curves.get(i).places().stream().map(BudgetCurves.Place::tokens).toList(),
              curves.get(i).places().stream().map(BudgetCurves.Place::accuracy).toList());
      line.setLineColor(colour(i));
      line.setMarkerColor(colour(i));
      line.setMarker(MARKERS.get(i / COLOURS.size() % MARKERS.size()));
    }
    return svg(chart);
  }

  /** Draws a bar chart with a group for each part and a bar for each plan. */
  static String bars(String title, List<String> parts, List<String> plans, double[][] accuracies) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(height(plans.size()))
            .title(title)
            .yAxisTitle("accuracy, %")
            .build();
    style(chart.getStyler());
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(100.0);
    for (int plan = 0; plan < plans.size(); plan++) {
      List<Double> values = new ArrayList<>();
      for (double value : accuracies[plan]) {
        values.add(value);
      }
      chart.addSeries(label(plans.get(plan), plan), parts, values).setFillColor(colour(plan));
    }
    return svg(chart);
  }

  /** Returns the Pareto-optimal plans, cheapest first. */
  static List<PlanPoint> front(List<PlanPoint> places) {
    List<PlanPoint> sorted =
        places.stream()
            .sorted(
                Comparator.comparingDouble(PlanPoint::cost)
                    .thenComparing(Comparator.comparingDouble(PlanPoint::accuracy).reversed()))
            .toList();
    List<PlanPoint> front = new ArrayList<>();
    double best = Double.NEGATIVE_INFINITY;
    for (PlanPoint place : sorted) {
      if (place.accuracy() > best) {
        front.add(place);
        best = place.accuracy();
      }
    }
    return front;
  }

  /** Shortens a name for the legend; different plans keep different names. */
  static String label(String name, int plan) {
    return name.length() <= LONGEST_LABEL
        ? name
        : "%s… [%d]".formatted(name.substring(0, LONGEST_LABEL - 6), plan + 1);
  }

  /** Returns a height at which the legend is not cut off. */
  private static int height(int entries) {
    return Math.max(LEAST_HEIGHT, AROUND_LEGEND + ENTRY * entries);
  }

  private static Color colour(int plan) {
    return COLOURS.get(plan % COLOURS.size());
  }

  private static void style(AxesChartStyler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    styler.setLocale(Locale.ROOT);
    styler.setPlotGridLinesStroke(new BasicStroke(0.5f)); // Each dash would be a separate path.
  }

  private static String svg(Chart<?, ?> chart) {
    SVGGraphics2D pen = new SVGGraphics2D(emptyDocument());
    pen.setSVGCanvasSize(new Dimension(chart.getWidth(), chart.getHeight()));
    chart.paint(pen, chart.getWidth(), chart.getHeight());
    StringWriter text = new StringWriter();
    try {
      pen.stream(text, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String svg = text.toString();
    // Text becomes paths, so the chart looks the same everywhere; screen readers get the title.
    return svg.substring(svg.indexOf("<svg"))
        .replaceFirst("<svg", "<svg role=\"img\" aria-label=\"%s\"".formatted(chart.getTitle()));
  }

  private static Document emptyDocument() {
    try {
      return DocumentBuilderFactory.newNSInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument("http://www.w3.org/2000/svg", "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the JDK has no XML parser", e);
    }
  }
}
