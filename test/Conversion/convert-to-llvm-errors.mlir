// RUN: sym-opt %s --sym-convert-to-llvm --split-input-file --verify-diagnostics

// Arithmetic that LLVM has no types for.
func.func @f8(%x: f8E4M3FN) -> f8E4M3FN {
  // expected-error @below {{failed to legalize operation 'arith.addf'}}
  %0 = arith.addf %x, %x : f8E4M3FN
  return %0 : f8E4M3FN
}

// -----

// What an earlier stage should have lowered.
func.func @structured(%x: memref<4xf32>, %v: f32) {
  // expected-error @below {{failed to legalize operation 'linalg.fill'}}
  linalg.fill ins(%v : f32) outs(%x : memref<4xf32>)
  return
}
