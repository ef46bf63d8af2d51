// Names of the program do not meet names of C functions.
// RUN: sym-opt %s --sym-mangle-symbols | FileCheck %s

// CHECK: sym.shared @exp.sym
sym.shared @exp : tensor<f64>
// Declarations keep their names.
// CHECK: func.func private @sqrt(f64) -> f64
func.func private @sqrt(f64) -> f64
// CHECK: func.func @main.sym()
func.func @main() {
  // CHECK: sym.get_value @exp.sym
  %v = sym.get_value @exp : memref<f64>
  return
}
