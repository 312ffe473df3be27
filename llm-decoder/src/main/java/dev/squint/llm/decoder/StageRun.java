package dev.squint.llm.decoder;

/**
 * A run of layers on a prompt.
 *
 * @param firstLayer the first layer, from 0
 * @param endLayer the layer after the last
 * @param tokens tokens that the layers were given, text and visual ones
 */
public record StageRun(int firstLayer, int endLayer, int tokens) {}
