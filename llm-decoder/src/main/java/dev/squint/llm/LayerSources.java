package dev.squint.llm;

import dev.squint.llm.decoder.policy.KeyRotation;
import dev.squint.llm.model.TrainedMethods;
import java.util.function.Supplier;

/**
 * What evidence between layers takes beside the run of the layers.
 *
 * @param trained weights of the package
 * @param rotation of the decoder's keys, which {@link RotationCheck} has measured where a plan
 *     needs it
 */
record LayerSources(TrainedMethods trained, Supplier<KeyRotation> rotation) {}
