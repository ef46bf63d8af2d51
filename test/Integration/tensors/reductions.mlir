// Sums, products, extrema by axis, of odd sizes and with NaN.
// RUN: sym-runner %s | FileCheck %s

sym.shared @m : tensor<2x3xf32> = dense<[[1.0, 2.0, 3.0], [-4.0, 0.5, 9.0]]>
sym.func @by_axis() -> (tensor<2xf32>, tensor<3xf32>, tensor<f32>) {
  %m = sym.read @m : tensor<2x3xf32>
  %zero2 = arith.constant dense<0.0> : tensor<2xf32>
  %one3 = arith.constant dense<1.0> : tensor<3xf32>
  %low = arith.constant dense<0xFF800000> : tensor<f32>
  %rows = linalg.reduce { arith.addf } ins(%m : tensor<2x3xf32>) outs(%zero2 : tensor<2xf32>) dimensions = [1]
  %columns = linalg.reduce { arith.mulf } ins(%m : tensor<2x3xf32>) outs(%one3 : tensor<3xf32>) dimensions = [0]
  %max = linalg.reduce { arith.maximumf } ins(%m : tensor<2x3xf32>) outs(%low : tensor<f32>) dimensions = [0, 1]
  sym.return %rows, %columns, %max : tensor<2xf32>, tensor<3xf32>, tensor<f32>
}
sym.func @extrema(%x: tensor<?xf64>) -> (tensor<f64>, tensor<f64>) {
  %high = arith.constant dense<0x7FF0000000000000> : tensor<f64>
  %min = linalg.reduce { arith.minimumf } ins(%x : tensor<?xf64>) outs(%high : tensor<f64>) dimensions = [0]
  %number = linalg.reduce { arith.minnumf } ins(%x : tensor<?xf64>) outs(%high : tensor<f64>) dimensions = [0]
  sym.return %min, %number : tensor<f64>, tensor<f64>
}
func.func @main() {
  %r, %c, %m = sym.call @by_axis() : () -> (tensor<2xf32>, tensor<3xf32>, tensor<f32>)
  // CHECK: rows [6. 5.5]
  sym.print "rows " %r : tensor<2xf32>
  // CHECK: columns [-4. 1. 27.]
  sym.print "columns " %c : tensor<3xf32>
  // CHECK: max 9.0
  sym.print "max " %m : tensor<f32>
  %x = arith.constant dense<[3.0, 0x7FF8000000000000, -2.0]> : tensor<3xf64>
  %y = tensor.cast %x : tensor<3xf64> to tensor<?xf64>
  %a, %b = sym.call @extrema(%y) : (tensor<?xf64>) -> (tensor<f64>, tensor<f64>)
  // CHECK: minimum nan
  sym.print "minimum " %a : tensor<f64>
  // CHECK: minnum -2.0
  sym.print "minnum " %b : tensor<f64>
  return
}
