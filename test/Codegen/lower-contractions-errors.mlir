// RUN: not sym-opt %s --sym-lower-contractions=cpu=abacus 2>&1 | FileCheck %s

// CHECK: error: unknown target CPU 'abacus'
func.func @f() {
  return
}
