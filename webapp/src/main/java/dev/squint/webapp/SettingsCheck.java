package dev.squint.webapp;

import dev.squint.pruner.plan.Suggestion;
import dev.squint.spring.SquintProperties;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.stereotype.Component;

/**
 * Refuses settings that nothing reads, because a misspelt key would leave the server open, and an
 * open server on an address that other machines reach.
 */
@Component
public final class SettingsCheck {

  /** Read elsewhere: the launcher, and the caches of the library. */
  private static final List<String> OTHERS =
      List.of("squint.home", "squint.cache", "squint.hub", "squint.jar");

  /** Short names of the command line, in application.yaml. */
  private static final List<String> SHORT =
      List.of("port", "address", "model", "variant", "device", "help", "debug", "trace");

  private static final String COMMAND_LINE = "commandLineArgs";

  /**
   * Checks the settings of an environment.
   *
   * @throws IllegalArgumentException naming the first that is unknown, or if the server would be
   *     open to other machines
   */
  public SettingsCheck(ConfigurableEnvironment environment, ServerSettings settings) {
    Set<String> known = known();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof EnumerablePropertySource<?> list) {
        for (String name : list.getPropertyNames()) {
          check(name, source.getName(), known);
        }
      }
    }
    if (settings.allKeys().isEmpty()
        && !settings.open()
        && !ServerAddress.isLoopback(environment)) {
      throw new IllegalArgumentException(
          "the server would answer every client at %s without an API key; set --squint.api-key (or SQUINT_APIKEY), or --squint.open=true if that is meant"
              .formatted(environment.getProperty("server.address")));
    }
  }

  private static void check(String name, String source, Set<String> known) {
    if (source.equals(COMMAND_LINE) && !name.contains(".") && !name.equals("nonOptionArgs")) {
      if (!SHORT.contains(name)) {
        throw unknown("--" + name, Suggestion.of(name, suggestions(known)));
      }
      return;
    }
    boolean variable = name.startsWith("SQUINT_");
    String plain = plain(name);
    if (!variable && !plain.startsWith("squint.")) {
      return;
    }
    boolean isKnown =
        variable
            ? known.stream().anyMatch(each -> matchesVariable(name, each))
            : known.stream().anyMatch(each -> matches(plain, each));
    if (!isKnown) {
      throw variable
          ? unknown(name, Suggestion.of(name, known.stream().map(SettingsCheck::variable).toList()))
          : unknown(name, Suggestion.of(plain, known));
    }
  }

  private static IllegalArgumentException unknown(String name, String suggestion) {
    return new IllegalArgumentException(
        "there is no setting %s%s; 'squint serve --help' lists the settings"
            .formatted(name, suggestion));
  }

  private static List<String> suggestions(Set<String> known) {
    List<String> all = new ArrayList<>(SHORT);
    known.forEach(each -> all.add(each.substring("squint.".length())));
    all.addAll(known);
    return all;
  }

  /** Spring accepts camel case and underscores too, and numbers for entries of lists. */
  private static String plain(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
        .replace('_', '-')
        .replaceAll("\\[.*]$", "")
        .toLowerCase(Locale.ROOT);
  }

  private static boolean matches(String name, String known) {
    return known.endsWith(".*")
        ? name.startsWith(known.substring(0, known.length() - 1))
        : name.replace("-", "").equals(known.replace("-", ""));
  }

  private static boolean matchesVariable(String name, String known) {
    return known.endsWith(".*")
        ? name.startsWith(variable(known.substring(0, known.length() - 1)))
        : name.replaceAll("_[0-9]+$", "").equals(variable(known)) || name.equals("SQUINT_HOME");
  }

  /** The environment variable of a setting: dots become underscores, hyphens go. */
  private static String variable(String setting) {
    return setting.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  private static Set<String> known() {
    Set<String> names = new TreeSet<>(OTHERS);
    add(ServerSettings.class, "squint", names);
    add(SquintProperties.class, "squint", names);
    return names;
  }

  private static void add(Class<?> type, String prefix, Set<String> names) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name =
          prefix
              + "."
              + component
                  .getName()
                  .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                  .toLowerCase(Locale.ROOT);
      if (component.getType().isRecord()) {
        add(component.getType(), name, names);
      } else {
        names.add(Map.class.isAssignableFrom(component.getType()) ? name + ".*" : name);
      }
    }
  }
}
