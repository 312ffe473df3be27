package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.maths.DensityPeaks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** New tokens as weighted sums, collected one after the other. Not thread-safe. */
final class MixedTokens {
  private final int[] group;
  private final List<Integer> representatives = new ArrayList<>();
  private final List<int[]> sources = new ArrayList<>();
  private final List<float[]> weights = new ArrayList<>();

  MixedTokens(int n) {
    group = new int[n];
    Arrays.fill(group, -1);
  }

  /** Keeps a token as it is. */
  void keep(int token) {
    add(token, new double[] {1}, token);
  }

  /**
   * Adds the sum of some tokens. They belong to it, unless they belong to an earlier one or stand
   * for another.
   *
   * @param representative one of them
   * @param shares weight of each
   */
  void add(int representative, double[] shares, int... tokens) {
    float[] own = new float[shares.length];
    for (int i = 0; i < own.length; i++) {
      own[i] = (float) shares[i];
      group[tokens[i]] = group[tokens[i]] < 0 ? representatives.size() : group[tokens[i]];
    }
    representatives.add(representative);
    sources.add(tokens.clone());
    weights.add(own);
  }

  /** Adds the mean of some tokens at the place of the first. */
  void addMean(int... tokens) {
    double[] shares = new double[tokens.length];
    Arrays.fill(shares, 1.0 / tokens.length);
    add(tokens[0], shares, tokens);
  }

  /**
   * Adds a token and the mean of some.
   *
   * @param middle the token
   * @param own its weight; 1 where there are no others
   * @param members the others; the token itself may be among them
   */
  void addAround(int middle, double own, int[] members) {
    if (members.length == 0) {
      keep(middle);
      return;
    }
    double each = (1 - own) / members.length;
    int[] others = IntStream.of(members).filter(token -> token != middle).toArray();
    double[] shares = new double[others.length + 1];
    Arrays.fill(shares, each);
    shares[0] = others.length < members.length ? own + each : own;
    add(middle, shares, IntStream.concat(IntStream.of(middle), IntStream.of(others)).toArray());
  }

  /**
   * Clusters groups of tokens by their means around density peaks, and adds a token for each
   * cluster at the place of its centre.
   *
   * @param features of all tokens, [N, D]
   * @param groups groups of tokens; each enters by its mean
   * @param clusters number of clusters; with as many as groups, each group is one
   * @param neighbours number of neighbours in the density, if there are as many groups
   * @param centre weight of the centre, where it has others; the others share the rest. NaN for the
   *     mean of all
   */
  void addClusters(
      Matrix features, List<int[]> groups, int clusters, int neighbours, double centre) {
    if (clusters == groups.size()) {
      groups.forEach(this::addMean);
      return;
    }
    if (clusters == 0) {
      return;
    }
    DensityPeaks peaks =
        DensityPeaks.of(
            Places.means(features, groups), clusters, Math.min(neighbours, groups.size()));
    for (int c = 0; c < clusters; c++) {
      int cluster = c;
      int middle = peaks.centres()[c];
      int[] members =
          IntStream.range(0, groups.size())
              .filter(g -> peaks.cluster()[g] == cluster && g != middle)
              .toArray();
      double own =
          members.length == 0 ? 1 : Double.isNaN(centre) ? 1.0 / (members.length + 1) : centre;
      addCluster(groups, middle, own, members);
    }
  }

  private void addCluster(List<int[]> groups, int middle, double own, int[] members) {
    IntStream.Builder tokens = IntStream.builder();
    List<Double> shares = new ArrayList<>();
    for (int token : groups.get(middle)) {
      tokens.add(token);
      shares.add(own / groups.get(middle).length);
    }
    for (int member : members) {
      for (int token : groups.get(member)) {
        tokens.add(token);
        shares.add((1 - own) / members.length / groups.get(member).length);
      }
    }
    add(
        groups.get(middle)[0],
        shares.stream().mapToDouble(Double::doubleValue).toArray(),
        tokens.build().toArray());
  }

  TokenReduction build() {
    for (int g = 0; g < representatives.size(); g++) {
      group[representatives.get(g)] = g;
    }
    return TokenReduction.mix(
        representatives.stream().mapToInt(Integer::intValue).toArray(),
        group,
        sources.toArray(int[][]::new),
        weights.toArray(float[][]::new));
  }

  /** Number of operations of {@link #addClusters} for groups of this many tokens in all. */
  static double operations(int tokens, int groups, int clusters, int neighbours, int size) {
    if (clusters == 0 || clusters == groups) {
      return 0;
    }
    double means = tokens == groups ? 0 : (double) tokens * size;
    return means + DensityPeaks.operations(groups, Math.min(neighbours, groups), size);
  }
}
