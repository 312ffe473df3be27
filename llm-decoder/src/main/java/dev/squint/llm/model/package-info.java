/**
 * A model package in the Hugging Face ONNX layout: which file is which graph and what the
 * configuration says ({@link dev.squint.llm.model.ModelPackage}), and its tokenizer ({@link
 * dev.squint.llm.model.Tokenizer}). A package is driven by what lies in it; nothing here knows a
 * model by name.
 */
@NullMarked
package dev.squint.llm.model;

import org.jspecify.annotations.NullMarked;
