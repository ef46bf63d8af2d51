// RUN: sym-opt %s --split-input-file --verify-diagnostics --sym-vector-math
// RUN: not sym-opt %s --split-input-file --sym-vector-math=cpu=abacus 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not sym-opt %s --split-input-file --sym-vector-math=math=fast 2>&1 | FileCheck %s --check-prefix=MATH

// CPU: error: unknown target CPU 'abacus'
// MATH: error: expected 'libm' or 'libmvec' for the option math, found 'fast'

func.func @scalable(%v: vector<[4]xf32>) -> vector<[4]xf32> {
  // expected-error @below {{'math.exp' op on a scalable vector has no library function}}
  %r = math.exp %v : vector<[4]xf32>
  return %r : vector<[4]xf32>
}

// -----

func.func @quad(%x: f128) -> f128 {
  // expected-error @below {{'math.exp' op has no library function for 'f128'}}
  %r = math.exp %x : f128
  return %r : f128
}
