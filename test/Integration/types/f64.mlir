// Arithmetic on f64 follows IEEE 754: signed zeros, infinities, NaN.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<5xf64> = dense<[1.0, -1.0, 0.0, 1.0e30, 3.0]>
sym.func @divide(%x: tensor<5xf64>) -> (tensor<5xf64>, tensor<5xf64>, tensor<5xf64>) {
  %s = sym.read @s : tensor<5xf64>
  %q = arith.divf %s, %x : tensor<5xf64>
  %max = arith.maximumf %q, %s : tensor<5xf64>
  %number = arith.maxnumf %q, %s : tensor<5xf64>
  sym.return %q, %max, %number : tensor<5xf64>, tensor<5xf64>, tensor<5xf64>
      updates(@s = %q : tensor<5xf64>)
}
sym.func @compare() -> (tensor<5xi1>, tensor<5xi1>, tensor<5xi1>) {
  %s = sym.read @s : tensor<5xf64>
  %equal = arith.cmpf oeq, %s, %s : tensor<5xf64>
  %unordered = arith.cmpf uno, %s, %s : tensor<5xf64>
  %zero = arith.constant dense<0.0> : tensor<5xf64>
  %above = arith.cmpf ogt, %s, %zero : tensor<5xf64>
  sym.return %equal, %unordered, %above : tensor<5xi1>, tensor<5xi1>, tensor<5xi1>
}
func.func @main() {
  %x = arith.constant dense<[0.0, 0.0, 0.0, 1.0e30, -0.0]> : tensor<5xf64>
  %a, %b, %c = sym.call @divide(%x) : (tensor<5xf64>) -> (tensor<5xf64>, tensor<5xf64>, tensor<5xf64>)
  // CHECK: quotient [{{ *}}inf -inf {{ *}}nan {{ *}}1. -inf]
  sym.print "quotient " %a : tensor<5xf64>
  // CHECK: maximum
  sym.print "maximum " %b : tensor<5xf64>
  // CHECK-SAME: inf{{ *}}-1.{{.*}}nan{{.*}}1.{{0*}}e+30{{ *}}3.
  // CHECK: maxnum
  sym.print "maxnum " %c : tensor<5xf64>
  // CHECK-SAME: inf{{ *}}-1.{{.*}}0.{{.*}}1.{{0*}}e+30{{ *}}3.
  %e, %u, %g = sym.call @compare() : () -> (tensor<5xi1>, tensor<5xi1>, tensor<5xi1>)
  // CHECK: equal [ True True False True True]
  sym.print "equal " %e : tensor<5xi1>
  // CHECK: unordered [False False True False False]
  sym.print "unordered " %u : tensor<5xi1>
  // CHECK: above [ True False False True False]
  sym.print "above " %g : tensor<5xi1>
  return
}
