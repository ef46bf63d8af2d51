// What each option about compilation changes: mathematics, a large product, a
// large loop, and an update.
sym.shared @s : tensor<1000000xf32> = dense<1.0>
sym.shared @w : tensor<512x512xf32> = dense<1.0>
sym.func @step(%x: tensor<1000000xf32>) {
  %s = sym.read @s : tensor<1000000xf32>
  %e = math.exp %x : tensor<1000000xf32>
  %r = arith.addf %s, %e : tensor<1000000xf32>
  sym.return updates(@s = %r : tensor<1000000xf32>)
}
sym.func @product(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %w = sym.read @w : tensor<512x512xf32>
  %zero = arith.constant dense<0.0> : tensor<512x512xf32>
  %r = linalg.matmul ins(%x, %w : tensor<512x512xf32>, tensor<512x512xf32>)
      outs(%zero : tensor<512x512xf32>) -> tensor<512x512xf32>
  sym.return %r : tensor<512x512xf32>
}
