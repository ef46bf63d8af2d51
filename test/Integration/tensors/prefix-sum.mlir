// A loop over elements with a scalar and a tensor carry.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%x: tensor<?xi64>) -> tensor<?xi64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i64
  %n = tensor.dim %x, %c0 : tensor<?xi64>
  %empty = tensor.empty(%n) : tensor<?xi64>
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %out = %empty) -> (i64, tensor<?xi64>) {
    %e = tensor.extract %x[%i] : tensor<?xi64>
    %s = arith.addi %acc, %e : i64
    %o = tensor.insert %s into %out[%i] : tensor<?xi64>
    scf.yield %s, %o : i64, tensor<?xi64>
  }
  sym.return %r#1 : tensor<?xi64>
}
func.func @main() {
  %x0 = arith.constant dense<[1, 2, 3, 4, 5, 6, 7]> : tensor<7xi64>
  %x = tensor.cast %x0 : tensor<7xi64> to tensor<?xi64>
  %r = sym.call @f(%x) : (tensor<?xi64>) -> tensor<?xi64>
  // CHECK: [ 1 3 6 10 15 21 28]
  sym.print %r : tensor<?xi64>
  return
}
