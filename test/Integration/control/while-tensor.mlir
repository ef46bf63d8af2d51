// A tensor is halved until its sum is small.
// RUN: sym-runner %s | FileCheck %s

sym.func @halve(%x: tensor<?xf64>) -> tensor<?xf64> {
  %zero = arith.constant dense<0.0> : tensor<f64>
  %limit = arith.constant 1.0 : f64
  %half = arith.constant 0.5 : f64
  %r = scf.while (%v = %x) : (tensor<?xf64>) -> tensor<?xf64> {
    %sum = linalg.reduce { arith.addf } ins(%v : tensor<?xf64>) outs(%zero : tensor<f64>) dimensions = [0]
    %s = tensor.extract %sum[] : tensor<f64>
    %more = arith.cmpf ogt, %s, %limit : f64
    scf.condition(%more) %v : tensor<?xf64>
  } do {
  ^bb0(%v: tensor<?xf64>):
    %w = linalg.map ins(%v : tensor<?xf64>) outs(%v : tensor<?xf64>) (%e: f64, %o: f64) {
      %h = arith.mulf %e, %half : f64
      linalg.yield %h : f64
    }
    scf.yield %w : tensor<?xf64>
  }
  sym.return %r : tensor<?xf64>
}
func.func @main() {
  %x = arith.constant dense<[8.0, 2.0, 6.0]> : tensor<3xf64>
  %a = tensor.cast %x : tensor<3xf64> to tensor<?xf64>
  %b = sym.call @halve(%a) : (tensor<?xf64>) -> tensor<?xf64>
  // CHECK: [0.5 0.125 0.375]
  sym.print %b : tensor<?xf64>
  // CHECK: [8. 2. 6.]
  sym.print %a : tensor<?xf64>
  return
}
