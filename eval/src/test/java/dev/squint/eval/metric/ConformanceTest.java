package dev.squint.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squint.eval.data.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Special cases of the benchmarks' metrics, computed by hand from their rules. */
class ConformanceTest {

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0.3", "2, 0.6", "3, 0.9", "4, 1", "7, 1", "10, 1"})
  void vqaAccuracy_ofTenPeople_isNotMinOfKThirds(int agree, double expected) {
    List<String> people = new ArrayList<>(Collections.nCopies(agree, "red"));
    for (int i = agree; i < 10; i++) {
      people.add("other" + i);
    }
    assertThat(VqaAccuracy.OFFICIAL.score("Red.", open(people.toArray(String[]::new))).value())
        .isCloseTo(expected, within(1e-12));
  }

  @Test
  void vqaAccuracy_tenEqualAnswersAreNotCleaned_byTheOfficialCodeAlone() {
    Question question = open(Collections.nCopies(10, "the dog").toArray(String[]::new));
    assertThat(VqaAccuracy.OFFICIAL.score("the dog", question).value()).isZero();
    assertThat(VqaAccuracy.CLEAN_ALWAYS.score("the dog", question).value()).isEqualTo(1);
  }

  @Test
  void vqaAccuracy_twoDifferentAnswersAreEnoughToCleanAll() {
    List<String> people = new ArrayList<>(Collections.nCopies(8, "The dog"));
    people.addAll(List.of("dog", "dog"));
    Question question = open(people.toArray(String[]::new));

    assertThat(VqaAccuracy.OFFICIAL.score("the dog", question).value()).isEqualTo(1);
  }

  @Test
  void vqaAccuracy_lmmsEvalSplitsTheGenitiveWhereTheOfficialCodeDoesNot() {
    String[] people = new String[10];
    Arrays.fill(people, "levi 's");
    people[9] = "other";
    assertThat(VqaAccuracy.TOKENISED.score("Levi's", open(people)).value()).isEqualTo(1);
    assertThat(VqaAccuracy.OFFICIAL.score("Levi's", open(people)).value()).isZero();
  }

  @Test
  void vqaAccuracy_vlmEvalKitKeepsThePeriodBehindADigit() {
    String[] people = new String[10];
    Arrays.fill(people, "3");
    people[9] = "other.";
    assertThat(VqaAccuracy.OFFICIAL.score("3.", open(people)).value()).isEqualTo(1);
    assertThat(VqaAccuracy.PERIODS_KEPT.score("3.", open(people)).value()).isZero();
    assertThat(VqaAccuracy.PERIODS_KEPT.score("3", open(people)).value()).isEqualTo(1);
  }

  @Test
  void chartQa_vlmEvalKitIgnoresSpaceAroundTheAnswer() {
    assertThat(RelaxedNumber.score(" blue\n", open("Blue")).value()).isZero();
    assertThat(RelaxedNumber.stripped(" blue\n", open("Blue")).value()).isEqualTo(1);
  }

  @Test
  void pope_recallOfLmmsEvalLeavesOutAnswersThatAreNeither() {
    List<Question> questions = List.of(open("yes"), open("yes"), open("yes"), open("no"));
    List<String> answers = List.of("yes", "no", "maybe", "no");
    for (String name : List.of("yes-no", "yes-no-whole")) {
      Grading grading = new Grading(name, YesNo.WHOLE, Aggregates.get(name));
      assertThat(grading.aggregate().further(grading.grade(questions, answers)).get("recall"))
          .as(name)
          .isEqualTo(name.equals("yes-no") ? 1.0 / 3 : 1.0 / 2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Yes,               1, 1, 1, 1",
    "yes.,              1, 0, 1, 1",
    "'Yes, there is.',  1, 0, 1, 1",
    "There is a yes,    1, 0, 0, 1",
    "No,                0, 0, 0, 0",
    "'It is not there', 0, 0, 0, 0",
    "Maybe,             0, 0, 0, 1",
    "'yes and no',      0, 0, 1, 0",
    "yesterday,         0, 0, 1, 1"
  })
  void yesNo_ofAQuestionWhoseAnswerIsYes(
      String answer, double word, double whole, double firstFour, double noOrYes) {
    Question question = open("yes");
    assertThat(YesNo.WORD.score(answer, question).value()).isEqualTo(word);
    assertThat(YesNo.WHOLE.score(answer, question).value()).isEqualTo(whole);
    assertThat(YesNo.FIRST_FOUR.score(answer, question).value()).isEqualTo(firstFour);
    assertThat(YesNo.NO_OR_YES.score(answer, question).value()).isEqualTo(noOrYes);
  }

  @Test
  void yesNo_unparsedAnswer_isWrongAndCounted() {
    assertThat(YesNo.WORD.score("Maybe", open("no"))).isEqualTo(Score.UNPARSED);
    assertThat(YesNo.FIRST_FOUR.score("Perhaps", open("no"))).isEqualTo(Score.UNPARSED);
  }

  @Test
  void pope_figuresComputedByHand() {
    // truth y y n n n, answers y n y n maybe: accuracy 2/5, precision 1/2, recall 1/2, yes answers
    // 2/5.
    List<Question> questions =
        List.of(open("yes"), open("yes"), open("no"), open("no"), open("no"));
    Grading pope = new Grading("official", YesNo.WORD, Aggregates.get("yes-no"));
    List<Graded> graded = pope.grade(questions, List.of("Yes", "No", "yes", "no", "maybe"));
    assertThat(pope.aggregate().of(graded)).isEqualTo(0.4);
    assertThat(pope.aggregate().further(graded))
        .isEqualTo(
            Map.of(
                "precision", 0.5,
                "recall", 0.5,
                "f1", 0.5,
                "yes_ratio", 0.4,
                "yes_ratio_of_truth", 0.4));
  }

  @Test
  void mme_pointsComputedByHand() {
    // color: 3 of 4 right, one of two pictures fully right: 75 + 50. code_reasoning: 2 of 2: 100 +
    // 100.
    List<Question> questions =
        List.of(
            mme("color", "1"),
            mme("color", "1"),
            mme("color", "2"),
            mme("color", "2"),
            mme("code_reasoning", "3"),
            mme("code_reasoning", "3"));
    Grading mme = new Grading("official", YesNo.FIRST_FOUR, Aggregates.get("mme"));
    List<Graded> graded =
        mme.grade(questions, List.of("yes", "Yes", "Yes.", "no", "yes", "Yes it is"));
    assertThat(mme.aggregate().further(graded))
        .isEqualTo(Map.of("perception_points", 125.0, "cognition_points", 200.0, "points", 325.0));
    assertThat(mme.aggregate().of(graded)).isEqualTo(325.0 / 400);
  }

  @Test
  void mmbench_aQuestionCountsOnlyIfEveryOrderIsRight() {
    List<Question> questions =
        List.of(choice("1", "A"), choice("1", "B"), choice("2", "A"), choice("2", "B"));
    Grading circular = new Grading("official", Choice.LETTER, Aggregates.get("groups"));
    List<Graded> graded = circular.grade(questions, List.of("A", "B", "A", "A"));
    assertThat(circular.aggregate().of(graded)).isEqualTo(0.5);
    assertThat(circular.aggregate().further(graded)).isEqualTo(Map.of("single_answers", 0.75));
  }

  @Test
  void mmbench_bootstrapCountsAPictureDrawnTwiceAsTwo() {
    List<Question> questions = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      questions.add(choice("g" + i, "A"));
      answers.add(i % 2 == 0 ? "A" : "B");
    }
    Grading circular = new Grading("official", Choice.LETTER, Aggregates.get("groups"));
    Interval interval = Bootstrap.of(circular.grade(questions, answers), circular.aggregate());
    double half = 1.96 * Math.sqrt(0.25 / 200);
    assertThat(interval.value()).isEqualTo(0.5);
    assertThat(interval.low()).isCloseTo(0.5 - half, within(0.012));
    assertThat(interval.high()).isCloseTo(0.5 + half, within(0.012));
  }

  @ParameterizedTest
  @CsvSource({
    "B,                         1, 1, 1, 1",
    "B.,                        1, 1, 1, 1",
    "(B),                       1, 0, 1, 0",
    "'B. green',                1, 1, 1, 1",
    "b,                         0, 0, 1, 1",
    "The answer is B,           1, 0, 0, 0",
    "green,                     1, 0, 0, 0",
    "Green.,                    1, 0, 0, 0",
    "A or B,                    0, 0, 0, 0",
    "Blue,                      0, 1, 0, 0",
    "It's A,                    0, 0, 0, 0"
  })
  void choice_ofAQuestionWhoseAnswerIsB(
      String answer, double letter, double first, double point, double wholeOrPoint) {
    Question question = choice("1", "B");
    assertThat(Choice.LETTER.score(answer, question).value()).isEqualTo(letter);
    assertThat(LmmsEvalChoice.FIRST.score(answer, question).value()).isEqualTo(first);
    assertThat(LmmsEvalChoice.BEFORE_POINT.score(answer, question).value()).isEqualTo(point);
    assertThat(Choice.WHOLE_OR_BEFORE_POINT.score(answer, question).value())
        .isEqualTo(wholeOrPoint);
  }

  @ParameterizedTest
  @CsvSource({
    "105,     100,   true",
    "105.1,   100,   false",
    "95,      100,   true",
    "-95,     -100,  true",
    "12%,     0.12,  true",
    "12%,     12,    false",
    "0,       0,     true",
    "0.0,     0,     false",
    "'1,000', 1000,  false",
    "Paris,   paris, true",
    "Paris.,  paris, false",
    "1e2,     100,   true",
    "50,      50%,   false"
  })
  void chartQa_relaxed(String answer, String right, boolean expected) {
    assertThat(RelaxedNumber.matches(answer, right)).isEqualTo(expected);
  }

  @Test
  void anls_dividesByTheLengthOfTheOriginalTexts() {
    // "a b" against "a  b" with two spaces: distance 0 after cleaning.
    assertThat(Anls.score("A B", open("a  b")).value()).isEqualTo(1);
    // kitten / sitting: distance 3 of 7.
    assertThat(Anls.score("kitten", open("sitting")).value()).isCloseTo(4 / 7.0, within(1e-12));
    // One edit of "ab" against "  abc  ": divided by 7, not by 3.
    assertThat(Anls.score("ab", open("  abc  ")).value()).isCloseTo(6 / 7.0, within(1e-12));
    // Below 0.5 scores 0, exactly 0.5 does not; the best right answer counts.
    assertThat(Anls.score("abcd", open("abxx")).value()).isEqualTo(0.5);
    assertThat(Anls.score("abcd", open("axxx")).value()).isZero();
    assertThat(Anls.score("abcd", open("axxx", "abcd")).value()).isEqualTo(1);
    assertThat(Anls.score("", open("a")).value()).isZero();
  }

  @Test
  void ocrBench_findsASubstring_formulasWithoutSpaces() {
    assertThat(Contains.score("The sign says STOP here", open("stop")).value()).isEqualTo(1);
    assertThat(Contains.score("st op", open("stop")).value()).isZero();
    Question formula =
        Question.open("1", List.of("p"), "Read it.", List.of("x ^ 2 + Y"), "HME100k");
    assertThat(Contains.score("x^2+Y = 0", formula).value()).isEqualTo(1);
    assertThat(Contains.score("x^2+y = 0", formula).value()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"yes, 1, 1, 1", "Yes, 0, 1, 1", "yes., 0, 0, 1", "'it''s yes', 0, 0, 0"})
  void gqa_ofAQuestionWhoseAnswerIsYes(String answer, double asIs, double lower, double bare) {
    assertThat(PlainMatch.AS_IS.score(answer, open("yes")).value()).isEqualTo(asIs);
    assertThat(PlainMatch.LOWER.score(answer, open("yes")).value()).isEqualTo(lower);
    assertThat(PlainMatch.LOWER_NO_PUNCTUATION.score(answer, open("yes")).value()).isEqualTo(bare);
  }

  @ParameterizedTest
  @CsvSource({
    "(B),                                             B",
    "A is wrong so (B),                               B",
    "'(A), no, (B)',                                  B",
    "Answer: B,                                       B",
    "B.,                                              B",
    "'I think that the thing is surely green here',   B",
    "green,                                           ",
    "nothing,                                         "
  })
  void mmmu_options(String answer, String expected) {
    assertThat(Mmmu.option(answer, List.of("red", "green", "yellow"))).isEqualTo(expected);
  }

  @Test
  void mmmu_noRandomLetter() {
    assertThat(Mmmu.score("nothing", choice("1", "A"))).isEqualTo(Score.UNPARSED);
  }

  @ParameterizedTest
  @CsvSource({
    "The answer is 12.50,     12.5,   true",
    "'so it is 1,200 in all', 1200,   true",
    "= 3.14159,               3.14,   true",
    "about 7,                 8,      false",
    "It is the Nile.,         nile,   true",
    "the amazon,              nile,   false"
  })
  void mmmu_openQuestions(String answer, String right, boolean expected) {
    assertThat(Mmmu.score(answer, open(right)).value()).isEqualTo(expected ? 1 : 0);
  }

  @Test
  void means_overAll_overKinds_andWithoutEmptyAnswers() {
    List<Question> questions =
        List.of(kind("a", "x"), kind("a", "x"), kind("a", "x"), kind("b", "x"));
    List<Graded> graded = Grading.EXACT_MATCH.grade(questions, List.of("x", "y", "", "x"));
    assertThat(Mean.ALL.of(graded)).isEqualTo(0.5);
    assertThat(Mean.OF_KINDS.of(graded)).isCloseTo((1 / 3.0 + 1) / 2, within(1e-12));
    assertThat(Mean.NON_EMPTY.of(graded)).isCloseTo(2 / 3.0, within(1e-12));
  }

  private static Question open(String... answers) {
    return Question.open("1", List.of("p"), "What?", List.of(answers), "all");
  }

  private static Question kind(String kind, String answer) {
    return Question.open("1", List.of("p"), "What?", List.of(answer), kind);
  }

  private static Question mme(String subtask, String picture) {
    return new Question(
        subtask + picture,
        List.of(picture),
        "Is it?",
        "",
        List.of(),
        List.of("Yes"),
        subtask,
        picture,
        false,
        List.of(),
        List.of());
  }

  private static Question choice(String group, String answer) {
    return new Question(
        group + answer,
        List.of(group),
        "Which?",
        "",
        List.of("red", "green", "yellow"),
        List.of(answer),
        "all",
        group,
        false,
        List.of(),
        List.of());
  }
}
