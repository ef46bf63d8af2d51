// A training step: the weights and the velocity of a linear fit.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @w(dense<0.0> : tensor<2xf32>) : tensor<2xf32>
func.func @step(%x: tensor<2xf32>, %y: f32) -> f32 {
  %w = ml_program.global_load @w : tensor<2xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %dot = linalg.dot ins(%w, %x : tensor<2xf32>, tensor<2xf32>) outs(%zero : tensor<f32>) -> tensor<f32>
  %p = tensor.extract %dot[] : tensor<f32>
  %error = arith.subf %y, %p : f32
  %rate = arith.constant 0.5 : f32
  %k = arith.mulf %error, %rate : f32
  %n = linalg.map ins(%w, %x : tensor<2xf32>, tensor<2xf32>) outs(%w : tensor<2xf32>) (%a: f32, %b: f32, %o: f32) {
    %d = arith.mulf %b, %k : f32
    %e = arith.addf %a, %d : f32
    linalg.yield %e : f32
  }
  ml_program.global_store @w = %n : tensor<2xf32>
  return %error : f32
}
func.func @main() {
  %x = arith.constant dense<[1.0, 1.0]> : tensor<2xf32>
  %y = arith.constant 4.0 : f32
  %a = call @step(%x, %y) : (tensor<2xf32>, f32) -> f32
  %at = tensor.from_elements %a : tensor<f32>
  // CHECK: error 4.0
  sym.print "error " %at : tensor<f32>
  %b = call @step(%x, %y) : (tensor<2xf32>, f32) -> f32
  %bt = tensor.from_elements %b : tensor<f32>
  // CHECK: error 0.0
  sym.print "error " %bt : tensor<f32>
  %w = ml_program.global_load @w : tensor<2xf32>
  // CHECK: [2. 2.]
  sym.print %w : tensor<2xf32>
  return
}
