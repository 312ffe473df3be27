package dev.squint.testing;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/**
 * Which packages of a folder of class files use which, as the JDK's {@code jdeps} finds them.
 *
 * @param uses by package, the packages of the same folder that it uses, without itself
 */
public record PackageGraph(Map<String, Set<String>> uses) {

  private static final Pattern LINE = Pattern.compile("^\\s+([\\w.]+)\\s+->\\s+([\\w.]+)\\s");

  /** Copies the sets. */
  public PackageGraph {
    Map<String, Set<String>> copy = new TreeMap<>();
    uses.forEach((from, to) -> copy.put(from, new TreeSet<>(to)));
    uses = copy;
  }

  /** The packages of the folder or jar that a class comes from. */
  public static PackageGraph of(Class<?> member) {
    try {
      return of(Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(member + " does not come from a file", e);
    }
  }

  /**
   * The packages of a folder or jar.
   *
   * @throws IllegalStateException if {@code jdeps} is missing, as in a runtime without a JDK, or
   *     fails
   */
  public static PackageGraph of(Path classes) {
    ToolProvider jdeps =
        ToolProvider.findFirst("jdeps")
            .orElseThrow(() -> new IllegalStateException("no jdeps; run the tests on a JDK"));
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out);
    int status =
        jdeps.run(
            writer,
            writer,
            "-verbose:package",
            "-filter:none",
            "--multi-release",
            "base",
            classes.toString());
    if (status != 0) {
      throw new IllegalStateException("jdeps ended with %d: %s".formatted(status, out));
    }
    Map<String, Set<String>> all = new TreeMap<>();
    for (String line : out.toString().lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.find()) {
        all.computeIfAbsent(matcher.group(1), from -> new TreeSet<>()).add(matcher.group(2));
      }
    }
    all.forEach(
        (from, to) -> {
          to.remove(from);
          to.retainAll(all.keySet());
        });
    return new PackageGraph(all);
  }

  /** A cycle such as {@code [a, b, a]}; empty if there is none. */
  public List<String> cycle() {
    Set<String> done = new TreeSet<>();
    for (String start : uses.keySet()) {
      List<String> cycle = cycle(start, new ArrayList<>(), done);
      if (!cycle.isEmpty()) {
        return cycle;
      }
    }
    return List.of();
  }

  private List<String> cycle(String at, List<String> path, Set<String> done) {
    if (path.contains(at)) {
      List<String> cycle = new ArrayList<>(path.subList(path.indexOf(at), path.size()));
      cycle.add(at);
      return cycle;
    }
    if (done.contains(at)) {
      return List.of();
    }
    path.add(at);
    for (String next : uses.getOrDefault(at, Set.of())) {
      List<String> cycle = cycle(next, path, done);
      if (!cycle.isEmpty()) {
        return cycle;
      }
    }
    path.remove(path.size() - 1);
    done.add(at);
    return List.of();
  }

  /**
   * Uses that go up in an order of packages, such as {@code "cache -> stage"}. Packages that are
   * not named are not examined.
   *
   * @param prefix of all names
   * @param lowestFirst names after the prefix
   */
  public List<String> upwards(String prefix, List<String> lowestFirst) {
    List<String> wrong = new ArrayList<>();
    uses.forEach(
        (from, all) -> {
          int floor = floor(prefix, lowestFirst, from);
          for (String to : all) {
            if (floor >= 0 && floor(prefix, lowestFirst, to) > floor) {
              wrong.add(from + " -> " + to);
            }
          }
        });
    return wrong;
  }

  private static int floor(String prefix, List<String> lowestFirst, String name) {
    return lowestFirst.stream().map(some -> prefix + some).toList().indexOf(name);
  }
}
