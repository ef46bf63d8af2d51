// f16 is stored and computed in its own precision.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<3xf16> = dense<[1.0, 256.0, -2.0]>
sym.func @add(%x: tensor<3xf16>) -> tensor<3xf32> {
  %s = sym.read @s : tensor<3xf16>
  %n = arith.addf %s, %x : tensor<3xf16>
  %w = arith.extf %n : tensor<3xf16> to tensor<3xf32>
  sym.return %w : tensor<3xf32> updates(@s = %n : tensor<3xf16>)
}
func.func @main() {
  // 256 + 0.0625 has more digits than either type.
  %x = arith.constant dense<[0.5, 0.0625, 2.0]> : tensor<3xf16>
  %a = sym.call @add(%x) : (tensor<3xf16>) -> tensor<3xf32>
  // CHECK: [ {{ *}}1.5 256. {{ *}}0. ]
  sym.print %a : tensor<3xf32>
  %b = sym.call @add(%x) : (tensor<3xf16>) -> tensor<3xf32>
  // CHECK: [ {{ *}}2. 256. {{ *}}2.]
  sym.print %b : tensor<3xf32>
  return
}
