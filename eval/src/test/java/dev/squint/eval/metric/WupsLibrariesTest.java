package dev.squint.eval.metric;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WupsLibrariesTest {

  @Test
  void testsHaveAllOfThem() {
    assertThatCode(() -> WupsLibraries.require("wups-0", getClass().getClassLoader()))
        .doesNotThrowAnyException();
  }

  @Test
  void missingLibrary_isNamedWithTheCommandThatAddsIt() {
    assertThatThrownBy(() -> WupsLibraries.require("wups-0", ClassLoader.getPlatformClassLoader()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the scorer 'wups-0' needs WordNet and OpenNLP, and"
                + " net/sf/extjwnl/dictionary/Dictionary.class is not on the class path; add them"
                + " with: mvn -B -Pwups -Dmaven.test.skip=true -pl eval -am package");
  }
}
