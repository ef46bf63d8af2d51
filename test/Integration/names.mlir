// Variables, functions and host programs may be called as C functions are.
// RUN: %run_both %s | FileCheck %s
// RUN: %run_both %s --math=libm | FileCheck %s

// CHECK: atan2(3, cbrt(3)) is 1.12266708848468
sym.shared @exp : tensor<f64> = dense<1.0>
sym.func @log(%x: tensor<f64>) -> tensor<f64> {
  %s = sym.read @exp : tensor<f64>
  %e = math.exp %x : tensor<f64>
  %l = math.log %e : tensor<f64>
  %n = arith.addf %l, %s : tensor<f64>
  %c = math.cbrt %n : tensor<f64>
  %a = math.atan2 %n, %c : tensor<f64>
  sym.return %a : tensor<f64> updates(@exp = %n : tensor<f64>)
}
func.func private @cbrt(%x: tensor<f64>) -> tensor<f64> {
  %r = sym.call @log(%x) : (tensor<f64>) -> tensor<f64>
  return %r : tensor<f64>
}
func.func @main() {
  %two = arith.constant dense<2.0> : tensor<f64>
  %r = func.call @cbrt(%two) : (tensor<f64>) -> tensor<f64>
  sym.print "atan2(3, cbrt(3)) is " %r : tensor<f64>
  return
}
