// One variable under a lock, one that is relaxed (T7), and an argument.
sym.shared @total : tensor<8xf32> = dense<0.0>
sym.shared @loose policy(relaxed) : tensor<8xf32> = dense<0.0>
sym.func @add(%x: tensor<8xf32>) -> tensor<8xf32> {
  %n = sym.read @total : tensor<8xf32>
  %r = arith.addf %n, %x : tensor<8xf32>
  sym.return %n : tensor<8xf32> updates(@total = %r : tensor<8xf32>)
}
sym.func @add_loose(%x: tensor<8xf32>) {
  %n = sym.read @loose : tensor<8xf32>
  %r = arith.addf %n, %x : tensor<8xf32>
  sym.return updates(@loose = %r : tensor<8xf32>)
}
