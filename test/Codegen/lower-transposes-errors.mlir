// RUN: not sym-opt %s --sym-lower-transposes=cpu=nope 2>&1 | FileCheck %s

// CHECK: error: unknown target CPU 'nope'
func.func @f() {
  return
}
