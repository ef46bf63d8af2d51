// Floats of eight bits are stored, set, printed and taken as bits.
// RUN: sym-runner %s | FileCheck %s --strict-whitespace

sym.shared @s : tensor<4xf8E4M3FN> = dense<[1.0, 2.5, -0.5, 448.0]>
sym.shared @t : tensor<2xf8E5M2> = dense<[1.0, 57344.0]>
// Gives the bits of what was, and stores other values.
sym.func @replace(%x: tensor<4xf8E4M3FN>) -> tensor<4xi8> {
  %s = sym.read @s : tensor<4xf8E4M3FN>
  %b = arith.bitcast %s : tensor<4xf8E4M3FN> to tensor<4xi8>
  sym.return %b : tensor<4xi8> updates(@s = %x : tensor<4xf8E4M3FN>)
}
func.func @main() {
  %v = sym.get_value @s : tensor<4xf8E4M3FN>
  // As few digits as tell a value from its neighbours: 448 is printed as 450.
  // CHECK: [  1.    2.5  -0.5 450. ]
  sym.print %v : tensor<4xf8E4M3FN>
  %x = arith.constant dense<[0.0, -2.0, 0.015625, 3.0]> : tensor<4xf8E4M3FN>
  %b = sym.call @replace(%x) : (tensor<4xf8E4M3FN>) -> tensor<4xi8>
  // One sign, four exponent and three mantissa bits, a bias of 7.
  // CHECK: [ 56  66 -80 126]
  sym.print %b : tensor<4xi8>
  %w = sym.get_value @s : tensor<4xf8E4M3FN>
  // CHECK: [ 0.    -2.     0.016  3.   ]
  sym.print %w : tensor<4xf8E4M3FN>
  %t = sym.get_value @t : tensor<2xf8E5M2>
  // CHECK: [1.e+00 6.e+04]
  sym.print %t : tensor<2xf8E5M2>
  %c = arith.constant dense<0.25> : tensor<2xf8E5M2>
  sym.set_value @t = %c : tensor<2xf8E5M2>
  %u = sym.get_value @t : tensor<2xf8E5M2>
  // CHECK: [0.25 0.25]
  sym.print %u : tensor<2xf8E5M2>
  return
}
