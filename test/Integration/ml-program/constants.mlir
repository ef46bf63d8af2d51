// Globals that do not change, and numbers of several kinds.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private @k(dense<[2.0, 4.0]> : tensor<2xf64>) : tensor<2xf64>
ml_program.global private @flag(true) : i1
ml_program.global private @half(0.5 : f32) : f32
func.func @f(%x: f32) -> (tensor<2xf64>, f32, i1) {
  %k = ml_program.global_load_const @k : tensor<2xf64>
  %q = arith.mulf %k, %k : tensor<2xf64>
  %h = ml_program.global_load_const @half : f32
  %p = arith.mulf %h, %x : f32
  %b = ml_program.global_load_const @flag : i1
  return %q, %p, %b : tensor<2xf64>, f32, i1
}
func.func @main() {
  %x = arith.constant 3.0 : f32
  %q, %p, %b = call @f(%x) : (f32) -> (tensor<2xf64>, f32, i1)
  // CHECK: [ 4. 16.]
  sym.print %q : tensor<2xf64>
  %pt = tensor.from_elements %p : tensor<f32>
  // CHECK: 1.5
  sym.print %pt : tensor<f32>
  %bt = tensor.from_elements %b : tensor<i1>
  // CHECK: True
  sym.print %bt : tensor<i1>
  return
}
