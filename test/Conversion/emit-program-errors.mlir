// A table without functions that take a frame cannot be emitted.
// RUN: sym-opt %s --sym-emit-program --split-input-file --verify-diagnostics

// expected-error @below {{expects @v to take a frame; 'sym-lower-to-runtime' makes it so}}
sym.entry @f : () -> () reads [] updates []
    inplace @v [] outofplace @v []
func.func private @v() {
  return
}
