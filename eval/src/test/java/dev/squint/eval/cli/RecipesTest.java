package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParseResult;

/** The commands of docs/cluster.md are commands of this version. */
class RecipesTest {

  private static final Pattern COMMAND =
      Pattern.compile("\\./squint (eval|report) ((?:[^\\n]|\\\\\\n|\\n +--)*)");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  private static List<ParseResult> commands() throws IOException {
    List<ParseResult> parsed = new ArrayList<>();
    Matcher command = COMMAND.matcher(Files.readString(Path.of("../docs/cluster.md")));
    while (command.find()) {
      List<String> words = new ArrayList<>(List.of(command.group(1)));
      Matcher word = WORD.matcher(command.group(2).replaceAll("\\\\?\\n", " "));
      while (word.find()) {
        words.add(word.group(1) == null ? word.group(2) : word.group(1));
      }
      parsed.add(
          new picocli.CommandLine(Squint.class)
              .parseArgs(words.toArray(String[]::new))
              .subcommand());
    }
    return parsed;
  }

  @Test
  void recipesOfShards_areCommandsOfThisVersion() throws IOException {
    List<ParseResult> commands = commands();
    List<String> shards =
        commands.stream()
            .filter(one -> one.hasMatchedOption("--shard"))
            .map(one -> one.<String>matchedOptionValue("--shard", ""))
            .toList();
    assertThat(shards).containsExactly("2/8", "auto", "auto/8");
    assertThat(commands).hasSizeGreaterThan(shards.size());
  }
}
