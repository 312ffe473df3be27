package dev.squint.llm.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/** Makes the engine "Squint" known to DJL, which finds this class as a service. */
public final class SquintEngineProvider implements EngineProvider {

  private static final SquintEngine ENGINE = new SquintEngine();

  @Override
  public String getEngineName() {
    return SquintEngine.NAME;
  }

  @Override
  public int getEngineRank() {
    return SquintEngine.RANK;
  }

  @Override
  public Engine getEngine() {
    return ENGINE;
  }
}
