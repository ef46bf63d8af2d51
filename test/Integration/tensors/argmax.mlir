// Where the largest element stands: two results of one reduction.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%x: tensor<2x?xf32>) -> (tensor<2xf32>, tensor<2xi64>) {
  %low = arith.constant dense<0xFF800000> : tensor<2xf32>
  %zero = arith.constant dense<0> : tensor<2xi64>
  %v, %i = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<2x?xf32>) outs(%low, %zero : tensor<2xf32>, tensor<2xi64>) {
  ^bb0(%e: f32, %best: f32, %at: i64):
    %j = linalg.index 1 : index
    %here = arith.index_cast %j : index to i64
    %more = arith.cmpf ogt, %e, %best : f32
    %b = arith.select %more, %e, %best : f32
    %a = arith.select %more, %here, %at : i64
    linalg.yield %b, %a : f32, i64
  } -> (tensor<2xf32>, tensor<2xi64>)
  sym.return %v, %i : tensor<2xf32>, tensor<2xi64>
}
func.func @main() {
  %x0 = arith.constant dense<[[1.0, 5.0, 5.0, 2.0, -1.0], [-3.0, -8.0, -4.0, -3.5, -2.5]]> : tensor<2x5xf32>
  %x = tensor.cast %x0 : tensor<2x5xf32> to tensor<2x?xf32>
  %v, %i = sym.call @f(%x) : (tensor<2x?xf32>) -> (tensor<2xf32>, tensor<2xi64>)
  // CHECK: [ 5. -2.5]
  sym.print %v : tensor<2xf32>
  // CHECK: [1 4]
  sym.print %i : tensor<2xi64>
  return
}
