// T3: a result shows the value from before the call, and does not change later.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<4xf64> = dense<1.0>
sym.func @scale(%k: tensor<f64>) -> tensor<4xf64> {
  %s = sym.read @s : tensor<4xf64>
  %n = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}
      ins(%s, %k : tensor<4xf64>, tensor<f64>) outs(%s : tensor<4xf64>) {
  ^bb0(%x: f64, %y: f64, %o: f64):
    %p = arith.mulf %x, %y : f64
    linalg.yield %p : f64
  } -> tensor<4xf64>
  sym.return %s : tensor<4xf64> updates(@s = %n : tensor<4xf64>)
}
func.func @main() {
  %k = arith.constant dense<3.0> : tensor<f64>
  %a = sym.call @scale(%k) : (tensor<f64>) -> tensor<4xf64>
  %b = sym.call @scale(%k) : (tensor<f64>) -> tensor<4xf64>
  %c = sym.call @scale(%k) : (tensor<f64>) -> tensor<4xf64>
  // CHECK: [1. 1. 1. 1.]
  sym.print %a : tensor<4xf64>
  // CHECK: [3. 3. 3. 3.]
  sym.print %b : tensor<4xf64>
  // CHECK: [9. 9. 9. 9.]
  sym.print %c : tensor<4xf64>
  %s = sym.get_value @s : tensor<4xf64>
  // CHECK: [27. 27. 27. 27.]
  sym.print %s : tensor<4xf64>
  return
}
